"""Options of the live camera."""

from dataclasses import dataclass
from typing import Literal

from cyclopts import Group, Parameter

from live.errors import SettingsError
from live.option_types import Flag

Mode = Literal["film", "camera"]


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
