"""Options of the window."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from live.errors import SettingsError
from live.geometry import ResizeMode
from live.option_types import Flag, WholeNumber

GROUP = Group("Window", sort_key=3)


@Parameter(name="*", group=GROUP)
@dataclass(frozen=True, kw_only=True)
class WindowOptions:
    """Place and look of the window."""

    fullscreen: Flag = False
    """Start in fullscreen (key F11 changes it)."""
    display: WholeNumber = 0
    """Display to open the window on, counted from 0."""
    fit: ResizeMode = "letterbox"
    """letterbox: the whole picture, with borders; fill: no borders, the overflow is cropped. Neither distorts."""
    smooth: Flag = False
    """Cross-fade from each frame to the next at the display's rate. This delays the picture by one frame."""
    hud: Annotated[bool, Parameter(show_default=False)] = False
    """Start with the head-up display of rates and delays (key I changes it)."""
    snapshots: Path = Path()
    """Folder for the snapshots that key S takes."""

    def __post_init__(self) -> None:
        if self.display < 0:
            raise SettingsError(f"--display is {self.display}; displays are counted from 0")
        if not self.snapshots.is_dir():
            raise SettingsError(f"--snapshots: there is no folder {self.snapshots}; make it first")
