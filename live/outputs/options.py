"""Options of recordings, of the virtual camera, and of what other programs are sent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

from live.errors import SettingsError
from live.geometry import ResizeMode
from live.option_types import Flag, NameOrSwitch, Size, WholeNumber

RECORDING_GROUP = Group("Recording", sort_key=4)
VIRTUAL_CAMERA_GROUP = Group("Virtual camera", sort_key=5)
RECORDING_SUFFIXES = (".mkv", ".mp4", ".mov", ".webm", ".webp", ".gif")
SILENT_SUFFIXES = (".webp", ".gif")
"""Suffixes of files that can hold no sound."""
SHARING_GROUP = Group("Other programs", sort_key=5)
HIGHEST_RATE = 60
SHORTEST_LOOP, LONGEST_LOOP = 0.5, 120.0

Codec = Literal["h264", "ffv1"]


@Parameter(name="*", group=RECORDING_GROUP)
@dataclass(frozen=True, kw_only=True)
class RecordingOptions:
    """File and format of recordings."""

    record: Path | None = None
    """File to record to, from the first picture on: .mkv or .mp4 (H.264), .mov (ProRes 422 HQ), .webm (VP9), .webp or
    .gif. In a window, key V stops and starts recordings."""
    record_codec: Codec = "h264"
    """Codec of an .mkv: h264 (small) or ffv1 (lossless)."""
    record_size: Annotated[Size | None, Parameter(show_default=False)] = None
    """Size of recordings, in even numbers. Default: that of the model."""
    record_fit: ResizeMode = "letterbox"
    """Same as --fit, for recordings of another shape than the model's."""
    record_rate: WholeNumber | None = None
    """Pictures a second of recordings, 60 at most. Those between two frames are cross-faded. Default: the model's."""
    record_sound: Path | None = None
    """File with the sound of recordings, from its beginning, again and again; a film gives its sound. Default: the
    sound of the film's tail while that is shown, if the model has it."""
    loop: float | None = None
    """With --headless: record only a loop of about so many seconds, without a seam: the show's two most similar
    moments, closed by a cross-fade."""
    overwrite: Flag = False
    """Let --record replace an existing file."""

    def __post_init__(self) -> None:
        if self.record_size:
            _check_size("--record-size", self.record_size)
        _check_rate("--record-rate", self.record_rate)
        if self.loop is not None and not SHORTEST_LOOP <= self.loop <= LONGEST_LOOP:
            raise SettingsError(f"--loop is {self.loop:g}; give seconds from {SHORTEST_LOOP:g} to {LONGEST_LOOP:g}")
        if self.record_sound and not self.record_sound.is_file():
            raise SettingsError(f"--record-sound {self.record_sound}: there is no such file; give a sound file")
        if self.record is None:
            return
        suffix = self.record.suffix.lower()
        if suffix not in RECORDING_SUFFIXES:
            *others, last = RECORDING_SUFFIXES
            raise SettingsError(f"--record {self.record}: the name must end in {', '.join(others)} or {last}")
        if suffix != ".mkv" and self.record_codec != "h264":
            raise SettingsError(f"--record-codec {self.record_codec} is for .mkv files; a {suffix} has its own")
        if suffix in SILENT_SUFFIXES and self.record_sound:
            raise SettingsError(f"--record-sound: a {suffix} holds no sound; record to a .mkv, .mp4, .mov or .webm")


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
    virtual_camera_rate: WholeNumber | None = None
    """Pictures a second, 60 at most. Those between two frames are cross-faded, which delays the picture by one frame.
    Default: the model's frame rate, but 30 at most, without any in between."""

    def __post_init__(self) -> None:
        if self.virtual_camera == "":
            raise SettingsError("--virtual-camera is empty; give a device, or no name for the first one found")
        _check_size("--virtual-camera-size", self.virtual_camera_size)
        _check_rate("--virtual-camera-rate", self.virtual_camera_rate)


@Parameter(name="*", group=SHARING_GROUP)
@dataclass(frozen=True, kw_only=True)
class SharingOptions:
    """Ways by which other programs get the picture, in the model's size. Each may have a name of its own."""

    ndi: Annotated[NameOrSwitch, Parameter(metavar="[NAME]")] = False
    """Send the picture into the network over NDI."""
    spout: Annotated[NameOrSwitch, Parameter(metavar="[NAME]")] = False
    """Send it to other programs of this Windows machine over Spout."""
    syphon: Annotated[NameOrSwitch, Parameter(metavar="[NAME]")] = False
    """Send it to other programs of this Mac over Syphon."""

    def __post_init__(self) -> None:
        for option in ("ndi", "spout", "syphon"):
            if getattr(self, option) == "":
                raise SettingsError(f"--{option} is empty; give a name, or nothing for the show's own")

    @property
    def any(self) -> bool:
        """True if other programs are to get the picture."""
        return bool(self.ndi or self.spout or self.syphon)


def _check_size(option: str, size: tuple[int, int]) -> None:
    width, height = size
    if not (16 <= width <= 8192 and 16 <= height <= 8192) or width % 2 or height % 2:
        raise SettingsError(f"{option} is {width}x{height}; give even numbers from 16 to 8192")


def _check_rate(option: str, rate: int | None) -> None:
    if rate is not None and not 1 <= rate <= HIGHEST_RATE:
        raise SettingsError(f"{option} is {rate}; give a whole number from 1 to {HIGHEST_RATE}")
