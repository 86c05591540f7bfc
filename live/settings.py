"""Everything a show can be told, as frozen dataclasses: command line and settings file are built from them.

A settings file is TOML whose keys are the long options without their dashes (`tail = 5`, `record-codec = "ffv1"`).
The command line overrules it.
"""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, ArgumentCollection, CycloptsError, Group, Parameter, Token
from cyclopts.config import Dict

from live.controls.table import CONTROLS
from live.controls.table import Parameter as TurnedParameter
from live.errors import SettingsError

SUMMARY = "Plays a film's last seconds, and then what a network that has seen nothing else goes on dreaming."
DEFAULT_MODEL = Path(__file__).parent.parent / "models" / "hats"
RECORDING_SUFFIXES = (".mkv", ".gif")

ProviderChoice = Literal["auto", "tensorrt", "cuda", "cpu"]
PrecisionChoice = Literal["auto", "fp32", "fp16", "int8"]
Fit = Literal["letterbox", "fill"]
Codec = Literal["h264", "ffv1"]
Mode = Literal["film", "camera"]


def _whole_number(_type: Any, tokens: Sequence[Token]) -> int:
    # cyclopts would take 2.5 for 2.
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value} is not a whole number") from None


def _device(_type: Any, tokens: Sequence[Token]) -> str | bool:
    # A file's true and false come as text.
    return {"True": True, "False": False}.get(tokens[0].value, tokens[0].value)


def _size(_type: Any, tokens: Sequence[Token]) -> tuple[int, int]:
    width, by, height = tokens[0].value.partition("x")
    if not (by and width.isdecimal() and height.isdecimal()):
        raise ValueError(f"{tokens[0].value} is not a size such as 1280x720")
    return int(width), int(height)


WholeNumber = Annotated[int, Parameter(converter=_whole_number)]
Size = Annotated[
    tuple[int, int],
    Parameter(
        converter=_size,
        n_tokens=1,
        negative="",
        metavar="WIDTHxHEIGHT",
        show_default=lambda size: "x".join(map(str, size)),
    ),
]
Flag = Annotated[bool, Parameter(negative="", show_default=False)]


def _from_the_table(name: str) -> Parameter:
    turned = CONTROLS[name]
    assert isinstance(turned, TurnedParameter)
    return Parameter(help=f"{turned.meaning}; {turned.range}. [default: {turned.default:g}]", show_default=False)


@Parameter(name="*", group=Group("Instrument", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class ParameterSettings:
    """Where the parameters begin, over what --preset says; None: there, or at the default."""

    temperature: Annotated[float | None, _from_the_table("temperature")] = None
    speed: Annotated[float | None, _from_the_table("speed")] = None
    camera_mix: Annotated[float | None, _from_the_table("camera_mix")] = None
    zoom: Annotated[float | None, _from_the_table("zoom")] = None
    rotation: Annotated[float | None, _from_the_table("rotation")] = None
    shift_x: Annotated[float | None, _from_the_table("shift_x")] = None
    shift_y: Annotated[float | None, _from_the_table("shift_y")] = None
    hue_drift: Annotated[float | None, _from_the_table("hue_drift")] = None
    contrast_drift: Annotated[float | None, _from_the_table("contrast_drift")] = None
    camera_blend: Annotated[float | None, _from_the_table("camera_blend")] = None

    def __post_init__(self) -> None:
        for name, value in self.given().items():
            try:
                CONTROLS[name].read([value])
            except ValueError as error:
                turned = CONTROLS[name].range.replace("…", " to ")
                raise SettingsError(f"--{name.replace('_', '-')} is {value:g}; give a number from {turned}") from error

    def given(self) -> dict[str, float]:
        """Those that were given, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@Parameter(name="*", group=Group("Hands", sort_key=5))
@dataclass(frozen=True, kw_only=True)
class HandsSettings:
    """What plays the show besides its keys, in a window."""

    list_controls: Flag = False
    """Print every action and parameter with its keys, OSC address, type and range, and do nothing else."""
    preset: Path | None = None
    """TOML file of parameters to begin with."""
    presets: Path = Path("presets")
    """Folder of 1.toml … 9.toml: keys 1…9 recall them, with Shift they store."""
    osc: str | None = None
    """[HOST:]PORT at which to listen to OSC. Without HOST nobody but this machine is heard."""
    midi: bool | str = False
    """MIDI device to listen to: its name or a part of it; without a name, the first there is."""
    midi_map: Path | None = None
    """TOML file in which is kept what the MIDI device's knobs were taught. Default: midi.toml beside the presets."""

    def __post_init__(self) -> None:
        _ = self.osc_address

    @property
    def osc_address(self) -> tuple[str, int] | None:
        """(host, port) of --osc."""
        if self.osc is None:
            return None
        host, _, port = self.osc.rpartition(":")
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingsError(f"--osc is {self.osc}; give a port from 1 to 65535, or HOST:PORT")
        return host or "127.0.0.1", int(port)

    @property
    def midi_map_path(self) -> Path:
        """Where the MIDI map is kept."""
        return self.midi_map or self.presets / "midi.toml"


@Parameter(name="*", group=Group("Window", sort_key=3))
@dataclass(frozen=True, kw_only=True)
class WindowSettings:
    """How the picture stands on the wall."""

    fullscreen: Flag = False
    """Begin in fullscreen (F11 changes it)."""
    display: WholeNumber = 0
    """The display to open on, counted from 0."""
    fit: Fit = "letterbox"
    """letterbox: the whole picture; fill: no borders, what juts out is cut off. Neither distorts."""
    smooth: Flag = False
    """Cross-fade from each frame to the next at the display's rate. The picture is one frame later for it."""
    hud: bool = False
    """Begin with the head-up display of rates and delays (key I)."""
    snapshots: Path = Path()
    """Folder for the pictures that key S takes."""

    def __post_init__(self) -> None:
        if self.display < 0:
            raise SettingsError(f"--display is {self.display}; displays are counted from 0")
        if not self.snapshots.is_dir():
            raise SettingsError(f"--snapshots: there is no folder {self.snapshots}; make it first")


@Parameter(name="*", group=Group("Recording", sort_key=4))
@dataclass(frozen=True, kw_only=True)
class RecordingSettings:
    """Where the show is recorded, and how."""

    record: Path | None = None
    """File to record to, .mkv or .gif, from the first picture on. In a window, key V stops and starts recordings."""
    record_codec: Codec = "h264"
    """What an .mkv holds: h264 (small), or ffv1 (every pixel exact)."""
    overwrite: Flag = False
    """Let --record replace a file that exists."""

    def __post_init__(self) -> None:
        if self.record is None:
            return
        suffix = self.record.suffix.lower()
        if suffix not in RECORDING_SUFFIXES:
            raise SettingsError(f"--record {self.record}: the name must end in {' or '.join(RECORDING_SUFFIXES)}")
        if suffix == ".gif" and self.record_codec != "h264":
            raise SettingsError(f"--record-codec {self.record_codec} is for .mkv files; a .gif has its own")


@Parameter(name="*", group=Group("Virtual camera", sort_key=5))
@dataclass(frozen=True, kw_only=True)
class VirtualCameraSettings:
    """How other programmes see the picture."""

    virtual_camera: Annotated[str | bool, Parameter(converter=_device, metavar="[DEVICE]", show_default=False)] = False
    """Show the picture on a virtual camera: on this device, or without a name on the first that is found."""
    virtual_camera_size: Size = (1280, 720)
    """Size of its picture, even numbers."""
    virtual_camera_fit: Fit = "letterbox"
    """As --fit, for the virtual camera."""

    def __post_init__(self) -> None:
        if self.virtual_camera == "":
            raise SettingsError("--virtual-camera is empty; give a device, or no name for the first that is found")
        width, height = self.virtual_camera_size
        if not (16 <= width <= 8192 and 16 <= height <= 8192) or width % 2 or height % 2:
            raise SettingsError(f"--virtual-camera-size is {width}x{height}; give even numbers from 16 to 8192")


@Parameter(name="*", group=Group("Camera", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class CameraSettings:
    """What the film follows while it goes on, if anything."""

    mode: Mode = "film"
    """film: it goes on by itself; camera: it follows what --camera sees."""
    camera: str | None = None
    """A webcam's number or name; or a video, GIF, picture or folder. Default with --mode camera: the first webcam."""
    mirror: bool | None = None
    """Exchange left and right. Default: of webcams, not of files."""
    lock_exposure: Flag = False
    """Hold a webcam's exposure and white balance where they are after two seconds, if its driver can."""
    list_devices: Flag = False
    """Print the webcams of this machine (number, stable name, maker's name), and end."""

    def __post_init__(self) -> None:
        if self.camera == "":
            raise SettingsError("--camera is empty; give a webcam, a video, a picture or a folder")


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
    provider: ProviderChoice = "auto"
    """What runs the network: auto takes the best that works here, TensorRT, CUDA or the CPU."""
    precision: PrecisionChoice = "auto"
    """In which numbers: auto takes what is fast here of what the model holds, which differs in the least details."""
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
    hands: HandsSettings = field(default_factory=HandsSettings)

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
