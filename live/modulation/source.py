"""The form of a source: a number that changes with time, or with what the show sees or hears."""

from dataclasses import dataclass
from typing import Any, Protocol

from live.audio.levels import SILENCE, AudioLevels


@dataclass(frozen=True)
class Moment:
    """Everything that a source may depend on, at one frame."""

    seconds: float
    """Time since the show began: real time in a window, that of the frames without one."""
    beats: float = 0.0
    """Beats since the first one."""
    movement: float = 0.0
    """0…1: movement in the camera's picture."""
    audio: AudioLevels = SILENCE
    """What is heard."""


class Source(Protocol):
    """A source that parameters can be bound to. Sources are immutable and equal if they do the same."""

    @property
    def name(self) -> str:
        """Its name in a preset."""
        ...

    def at(self, moment: Moment) -> float:
        """Return its value, −1…1."""
        ...

    def settings(self) -> dict[str, Any]:
        """Return what a preset has besides the name and the depth. Defaults may be left out."""
        ...
