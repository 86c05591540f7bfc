"""Options of the camera."""

from dataclasses import dataclass
from typing import Literal

from cyclopts import Group, Parameter

from live.errors import SettingsError
from live.option_types import Flag

Mode = Literal["film", "camera"]
"""film: the continuation runs freely; camera: it follows the camera."""

GROUP = Group("Camera", sort_key=2)


@Parameter(name="*", group=GROUP)
@dataclass(frozen=True, kw_only=True)
class CameraOptions:
    """Camera or file that the continuation follows."""

    mode: Mode = "film"
    """film: the continuation runs freely; camera: it follows --camera (key M changes it)."""
    camera: str | None = None
    """Number or name of a webcam; a video, GIF, picture or folder; or ndi:NAME, spout:NAME or syphon:NAME of another
    program. Default with --mode camera: the first webcam."""
    mirror: bool | None = None
    """Exchange left and right (key X changes it). Default: webcams are mirrored, files are not."""
    lock_exposure: Flag = False
    """Lock a webcam's exposure and white balance after two seconds, if its driver can."""
    list_devices: Flag = False
    """Print the webcams of this machine (number, stable name, maker's name) and exit."""

    def __post_init__(self) -> None:
        if self.camera == "":
            raise SettingsError("--camera is empty; give a webcam, a video, a picture or a folder")
