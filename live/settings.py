"""Everything a show can be told, as frozen dataclasses: command line and settings file are built from them.

A settings file is TOML whose keys are the long options without their dashes (`tail = 5`, `record-codec = "ffv1"`).
The command line overrules it.
"""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from cyclopts import App, ArgumentCollection, CycloptsError, Group, Parameter
from cyclopts.config import Dict

from live.camera.options import CameraSettings
from live.controls.options import ParameterSettings, RemoteSettings
from live.display.options import WindowSettings
from live.errors import SettingsError
from live.inference.options import InferenceOptions
from live.option_types import Flag, WholeNumber
from live.outputs.options import RecordingSettings, VirtualCameraSettings

SUMMARY = "Plays a film's last seconds, and then what a network that has seen nothing else goes on dreaming."
DEFAULT_MODEL = Path(__file__).parent.parent / "models" / "hats"


@Parameter(name="*", group=Group("Show", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that a show can be told."""

    model: Annotated[Path, Parameter(show_default=lambda _: "models/hats")] = DEFAULT_MODEL
    """The model: a folder that `python -m train export` wrote."""
    tail: float = 3.0
    """How many of the film's last seconds are shown first; 0 begins right after the end."""
    seconds: float | None = None
    """How long the continuation lasts, of all episodes. Default: endless in a window, 90 with --headless."""
    episode: float | None = None
    """After so many seconds of continuation fade back to the film's tail, and begin again with other chance."""
    guard: Annotated[bool, Parameter(show_default=False)] = True
    """Bring a continuation that dies back to the film (key G changes it). Default: yes."""
    seed: WholeNumber | None = None
    """Makes a show repeatable: the same number gives the same show, where provider and precision are the same. Default:
    a new one every time."""
    inference: InferenceOptions = field(default_factory=InferenceOptions)
    headless: Flag = False
    """No window: make the frames as fast as they come, for --record or --stats."""
    stats: Path | None = None
    """JSON file to write at the end: what was measured."""
    settings: Path | None = None
    """TOML file of settings; its keys are these options without their dashes. The command line overrules it."""
    debug: Flag = False
    """Show the traceback of an error."""
    parameters: ParameterSettings = field(default_factory=ParameterSettings)
    window: WindowSettings = field(default_factory=WindowSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    virtual_camera: VirtualCameraSettings = field(default_factory=VirtualCameraSettings)
    camera: CameraSettings = field(default_factory=CameraSettings)
    hands: RemoteSettings = field(default_factory=RemoteSettings)

    def __post_init__(self) -> None:
        if not 0 <= self.tail < math.inf:
            raise SettingsError(f"--tail is {self.tail:g}; give seconds from 0")
        if self.seconds is not None and not 0 < self.seconds < math.inf:
            raise SettingsError(f"--seconds is {self.seconds:g}; give seconds above 0")
        if self.episode is not None and not 0 < self.episode < math.inf:
            raise SettingsError(f"--episode is {self.episode:g}; give seconds above 0")
        if self.seed is not None and self.seed < 0:
            raise SettingsError(f"--seed is {self.seed}; give a whole number from 0")
        if self.headless and self.virtual_camera.virtual_camera:
            raise SettingsError("--virtual-camera shows a show as it happens; leave out --headless")
        if self.headless and (self.hands.osc is not None or self.hands.midi):
            raise SettingsError("--osc and --midi play a show as it happens; leave out --headless")
        # Better now than after the show.
        if self.stats is not None and (self.stats.is_dir() or not self.stats.parent.is_dir()):
            raise SettingsError(f"--stats {self.stats}: give the name of a file in a folder that exists")


def _read_settings_file(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """A cyclopts config source: fills what the command line left open from the file that --settings names."""
    options = {argument.name.removeprefix("--"): argument for argument in arguments if argument.name != "*"}
    tokens = options.pop("settings").tokens
    if not tokens:
        return
    path = Path(tokens[-1].value)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"--settings {path} cannot be read ({error.strerror}); give a TOML file") from error
    except ValueError as error:
        raise SettingsError(f"--settings {path} is not TOML ({error}); mend it") from error
    unknown = sorted(key for key in given if key.replace("_", "-") not in options)
    if unknown:
        raise SettingsError(f"--settings {path}: there is no setting {', '.join(unknown)}; see --help")
    Dict(given, source=str(path))(app, commands, arguments)


def parse_settings(arguments: Sequence[str]) -> Settings | None:
    """Settings from command line arguments (without the programme's name); None if they only asked for help.

    Raises `SettingsError`, naming the option or the file's key, for anything unknown or out of range.
    """
    app = App(
        name="python run_live.py",
        help=SUMMARY,
        help_format="plaintext",
        version_flags=(),
        config=_read_settings_file,
        result_action="return_value",
    )

    @app.default
    def show(*, settings: Settings | None = None) -> Settings:
        return settings or Settings()

    try:
        return app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        message = " ".join(str(error).split())
        raise SettingsError(f"{message.rstrip('.')}; see --help") from error
