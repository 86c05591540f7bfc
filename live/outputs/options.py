"""Options of recordings and of the virtual camera."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter, Token

from live.errors import SettingsError
from live.geometry import ResizeMode
from live.option_types import Flag, Size

RECORDING_SUFFIXES = (".mkv", ".gif")


Codec = Literal["h264", "ffv1"]


def _device(_type: Any, tokens: Sequence[Token]) -> str | bool:
    # A file's true and false come as text.
    return {"True": True, "False": False}.get(tokens[0].value, tokens[0].value)


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
    virtual_camera_fit: ResizeMode = "letterbox"
    """As --fit, for the virtual camera."""

    def __post_init__(self) -> None:
        if self.virtual_camera == "":
            raise SettingsError("--virtual-camera is empty; give a device, or no name for the first that is found")
        width, height = self.virtual_camera_size
        if not (16 <= width <= 8192 and 16 <= height <= 8192) or width % 2 or height % 2:
            raise SettingsError(f"--virtual-camera-size is {width}x{height}; give even numbers from 16 to 8192")
