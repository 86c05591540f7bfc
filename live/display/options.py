"""Options of the window."""

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Group, Parameter

from live.errors import SettingsError
from live.geometry import ResizeMode
from live.option_types import Flag, WholeNumber


@Parameter(name="*", group=Group("Window", sort_key=3))
@dataclass(frozen=True, kw_only=True)
class WindowSettings:
    """How the picture stands on the wall."""

    fullscreen: Flag = False
    """Begin in fullscreen (F11 changes it)."""
    display: WholeNumber = 0
    """The display to open on, counted from 0."""
    fit: ResizeMode = "letterbox"
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
