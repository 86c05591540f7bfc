"""Options of recordings and of the virtual camera."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

from live.errors import SettingsError
from live.geometry import ResizeMode
from live.option_types import Flag, NameOrSwitch, Size

RECORDING_GROUP = Group("Recording", sort_key=4)
VIRTUAL_CAMERA_GROUP = Group("Virtual camera", sort_key=5)
RECORDING_SUFFIXES = (".mkv", ".gif")

Codec = Literal["h264", "ffv1"]


@Parameter(name="*", group=RECORDING_GROUP)
@dataclass(frozen=True, kw_only=True)
class RecordingOptions:
    """File and format of recordings."""

    record: Path | None = None
    """File to record to, .mkv or .gif, from the first picture on. In a window, key V stops and starts recordings."""
    record_codec: Codec = "h264"
    """Codec of an .mkv: h264 (small) or ffv1 (lossless)."""
    overwrite: Flag = False
    """Let --record replace an existing file."""

    def __post_init__(self) -> None:
        if self.record is None:
            return
        suffix = self.record.suffix.lower()
        if suffix not in RECORDING_SUFFIXES:
            raise SettingsError(f"--record {self.record}: the name must end in {' or '.join(RECORDING_SUFFIXES)}")
        if suffix == ".gif" and self.record_codec != "h264":
            raise SettingsError(f"--record-codec {self.record_codec} is for .mkv files; a .gif has its own")


@Parameter(name="*", group=VIRTUAL_CAMERA_GROUP)
@dataclass(frozen=True, kw_only=True)
class VirtualCameraOptions:
    """Device through which other programs see the picture as a webcam."""

    virtual_camera: Annotated[NameOrSwitch, Parameter(metavar="[DEVICE]")] = False
    """Show the picture on a virtual camera: this device, or without a name the first one found."""
    virtual_camera_size: Size = (1280, 720)
    """Size of its picture, in even numbers."""
    virtual_camera_fit: ResizeMode = "letterbox"
    """Same as --fit, for the virtual camera."""

    def __post_init__(self) -> None:
        if self.virtual_camera == "":
            raise SettingsError("--virtual-camera is empty; give a device, or no name for the first one found")
        width, height = self.virtual_camera_size
        if not (16 <= width <= 8192 and 16 <= height <= 8192) or width % 2 or height % 2:
            raise SettingsError(f"--virtual-camera-size is {width}x{height}; give even numbers from 16 to 8192")
