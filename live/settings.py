"""Settings of a show, composed of the options of its rooms. Command line and settings file fill them.

A settings file is TOML. Its keys are the long options without their dashes (`tail = 5`, `record-codec = "ffv1"`). The
command line overrules it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from cyclopts import App, ArgumentCollection, CycloptsError, Parameter
from cyclopts.config import Dict

from live.audio.options import AudioOptions
from live.camera.options import CameraOptions
from live.controls.options import ParameterOptions, RemoteOptions
from live.controls.table import MOST_MODELS
from live.display.options import WindowOptions
from live.effects.options import EffectOptions
from live.errors import SettingsError
from live.files import parse_toml, read_toml_text
from live.inference.options import InferenceOptions
from live.monitoring.options import MonitoringOptions
from live.option_types import SHOW_GROUP, Flag, WholeNumber, check_file_name
from live.outputs.options import RecordingOptions, SharingOptions, VirtualCameraOptions
from live.playback.options import TimelineOptions

INSTALLED_COMMAND = "ninety-seconds"
SUMMARY = "Plays a film's last seconds, and then what a network that has seen nothing else goes on dreaming."
EXAMPLES = """\
Examples:

In a window, endless:
  {command}

A bundle of your own, in fullscreen, back to the film every five minutes:
  {command} --model models/mine --fullscreen --episode 300

Following the first webcam, with knobs and OSC:
  {command} --mode camera --midi --osc 9000

For video calls, as a virtual camera:
  {command} --virtual-camera

Twenty seconds into a file, without a window; the same seed repeats it:
  {command} --headless --seconds 20 --seed 3 --record dream.mkv
"""
DEFAULT_MODEL = Path(__file__).parent.parent / "models" / "hats"


@Parameter(name="*", group=SHOW_GROUP)
@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a show."""

    model: Annotated[
        tuple[Path, ...], Parameter(negative="", metavar="PATH", show_default=lambda _: "hats, as shipped")
    ] = (DEFAULT_MODEL,)
    """The model: a folder that `python -m train export` wrote, or a .zip of it. Given again: one to dissolve to."""
    timeline: TimelineOptions = field(default_factory=TimelineOptions)
    seed: WholeNumber | None = None
    """Number that makes a show repeatable on the same provider and precision. Default: a new one every time."""
    inference: InferenceOptions = field(default_factory=InferenceOptions)
    headless: Flag = False
    """Open no window and make frames as fast as possible, for --record or --stats."""
    stats: Path | None = None
    """JSON file to write at the end, with all measurements."""
    settings: Path | None = None
    """TOML file of settings. Its keys are these options without their dashes. The command line overrules it."""
    supervise: Flag = False
    """Start the show again when it crashes or hangs, and cover the screen meanwhile. On the command line alone."""
    wait: Flag = False
    """Wait for a display, a webcam, an address of OSC or a folder to write to that is missing at the start."""
    doctor: Flag = False
    """Check all that this show needs on this machine, say what to do about each, and exit: 0, or 1 if it cannot run."""
    json: Flag = False
    """With --doctor: print the findings as JSON."""
    debug: Flag = False
    """Show the traceback of an error."""
    parameters: ParameterOptions = field(default_factory=ParameterOptions)
    effects: EffectOptions = field(default_factory=EffectOptions)
    window: WindowOptions = field(default_factory=WindowOptions)
    recording: RecordingOptions = field(default_factory=RecordingOptions)
    virtual_camera: VirtualCameraOptions = field(default_factory=VirtualCameraOptions)
    sharing: SharingOptions = field(default_factory=SharingOptions)
    camera: CameraOptions = field(default_factory=CameraOptions)
    audio: AudioOptions = field(default_factory=AudioOptions)
    remote: RemoteOptions = field(default_factory=RemoteOptions)
    monitoring: MonitoringOptions = field(default_factory=MonitoringOptions)

    @property
    def opens_window(self) -> bool:
        """True if the audience has a window."""
        return not (self.headless or self.window.no_window)

    def __post_init__(self) -> None:
        if len(self.model) > MOST_MODELS:
            raise SettingsError(f"--model is given {len(self.model)} times; a show has {MOST_MODELS} models at most")
        if self.seed is not None and self.seed < 0:
            raise SettingsError(f"--seed is {self.seed}; give a whole number from 0")
        # The supervisor reads no settings, and hands on every argument but this one.
        if self.supervise and not self.doctor:
            raise SettingsError("supervise stands on the command line alone; give --supervise there")
        if self.headless and self.virtual_camera.virtual_camera:
            raise SettingsError("--virtual-camera shows a show as it happens; leave out --headless")
        if self.headless and self.sharing.any:
            raise SettingsError("--ndi, --spout and --syphon send a show as it happens; leave out --headless")
        if self.headless and self.remote.quantize != "none":
            raise SettingsError("--quantize is for what is asked for during a show; leave out --headless")
        if self.headless and self.remote.link:
            raise SettingsError("--link keeps the time of others, and --headless has none; leave one of them out")
        if self.headless and self.remote.osc_feedback is not None:
            raise SettingsError("--osc-feedback follows a show as it happens; leave out --headless")
        if self.headless and (self.remote.osc is not None or self.remote.midi):
            raise SettingsError("--osc and --midi play a show as it happens; leave out --headless")
        if self.headless and self.window.kiosk:
            raise SettingsError("--kiosk covers a screen; leave out --headless")
        if self.headless and self.window.no_window:
            raise SettingsError("--headless has no window and waits for no clock, --no-window plays; give one of them")
        if self.headless and self.window.smooth:
            raise SettingsError("--smooth is of a window; --record-rate 60 cross-fades a recording")
        if self.headless and self.parameters.speed is not None:
            raise SettingsError("--speed is of a show as it happens; leave it out, or --headless")
        if self.headless and self.window.operator:
            raise SettingsError("--operator is a window of a show in a window; leave out --headless")
        if self.headless and self.wait:
            raise SettingsError("--wait is for what a show in a window needs; leave out --headless")
        if self.recording.loop is not None and not (self.headless and self.recording.record):
            raise SettingsError("--loop needs the whole show before it records; add --headless and --record FILE")
        if self.headless and self.timeline.hours is not None:
            raise SettingsError("--hours are those of a show in a window; leave out --headless")
        if self.json and not self.doctor:
            raise SettingsError("--json is for the findings of --doctor; add --doctor, or leave it out")


def command_name() -> str:
    """Return the command that started this process: that of an installation, or that of a checkout."""
    return INSTALLED_COMMAND if Path(sys.argv[0]).stem == INSTALLED_COMMAND else "python run_live.py"


class SettingsFile:
    """File of `--settings`. It fills options that the command line left open: a config source of cyclopts.

    Args:
        text: Text to use in the place of the file; None to read the file.
    """

    def __init__(self, text: str | None = None) -> None:
        self.text = text
        """Text of the file; None before it was read, and if there is none."""

    def __call__(self, app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
        """Fill options."""
        options = {argument.name.removeprefix("--"): argument for argument in arguments if argument.name != "*"}
        tokens = options.pop("settings").tokens
        if not tokens:
            return
        path = Path(tokens[-1].value)
        try:
            self.text = read_toml_text(path) if self.text is None else self.text
            given = parse_toml(self.text)
        except OSError as error:
            raise SettingsError(f"--settings {path} cannot be read ({error.strerror}); give a TOML file") from error
        except ValueError as error:
            raise SettingsError(f"--settings {path} is not TOML ({error}); fix it") from error
        unknown = sorted(key for key in given if key.replace("_", "-") not in options)
        if unknown:
            raise SettingsError(f"--settings {path}: there is no setting {', '.join(unknown)}; see --help")
        Dict(given, source=str(path))(app, commands, arguments)


def parse_settings(
    arguments: Sequence[str], *, restarted: bool = False, file: SettingsFile | None = None
) -> Settings | None:
    """Parse command line arguments, without the programme's name.

    Args:
        arguments: The arguments.
        restarted: True if a process before this one has played with them. Then a folder that is missing now, as on a
            stick that was pulled, is no reason to refuse; nor is it with --wait.
        file: Reads the file of `--settings`; None for one that nobody needs later.

    Returns:
        The settings; None if the arguments only asked for help.

    Raises:
        SettingsError: Something is unknown or out of range. The message names the option or the file's key.
    """
    command = command_name()
    app = App(
        name=command,
        help=SUMMARY,
        help_epilogue=EXAMPLES.format(command=command),
        help_format="plaintext",
        version_flags=(),
        config=file or SettingsFile(),
        result_action="return_value",
    )

    @app.default
    def show(*, settings: Settings | None = None) -> Settings:
        return settings or Settings()

    try:
        settings: Settings | None = app(arguments, exit_on_error=False, print_error=False)
        if settings and not (restarted or settings.wait):
            _check_folders(settings)
        return settings
    except CycloptsError as error:
        message = " ".join(str(error).split())
        raise SettingsError(f"{message.rstrip('.')}; see --help") from error
    except OSError as error:  # of a path that no system can look up
        raise SettingsError(f"{error.filename} cannot be looked up ({error.strerror}); give another name") from error


def _check_folders(settings: Settings) -> None:
    """Check where files are to be written, because later is too late to ask for another place.

    Raises:
        SettingsError: A folder does not exist, or a name is not that of a file.
    """
    monitoring, snapshots = settings.monitoring, settings.window.snapshots
    check_file_name("--log", monitoring.log)
    check_file_name("--status", monitoring.status)
    check_file_name("--stats", settings.stats)
    if not snapshots.is_dir():
        raise SettingsError(f"--snapshots: there is no folder {snapshots}; make it first")
