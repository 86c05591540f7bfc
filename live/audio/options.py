"""Option of the sound that a show listens to."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Group, Parameter

from live.errors import SettingsError
from live.option_types import NameOrSwitch

GROUP = Group("Audio", sort_key=2)


@Parameter(name="*", group=GROUP)
@dataclass(frozen=True, kw_only=True)
class AudioOptions:
    """Sound that parameters can be bound to in a preset."""

    audio: Annotated[NameOrSwitch, Parameter(metavar="[INPUT]")] = False
    """Listen to an audio input: one whose name contains this, or without a name the system's own. Or a sound file."""

    def __post_init__(self) -> None:
        if self.audio == "":
            raise SettingsError("--audio is empty; give an audio input or a sound file, or no name for the usual input")
