"""Options of the window."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from live.display.projection import Flip, Projection, Turn, read_corners
from live.errors import SettingsError
from live.geometry import ResizeMode
from live.option_types import Flag, NameOrSwitch

GROUP = Group("Window", sort_key=3)


@Parameter(name="*", group=GROUP)
@dataclass(frozen=True, kw_only=True)
class WindowOptions:
    """Place and look of the window."""

    no_window: Flag = False
    """Open no window, and play all the same: for the virtual camera, recordings, OSC and MIDI. Ctrl-C ends it."""
    fullscreen: Flag = False
    """Start in fullscreen (key F11 changes it)."""
    kiosk: Flag = False
    """Fullscreen, for a keyboard in public: only Ctrl+Shift+Q, held for two seconds, does anything, and ends it."""
    display: str = "0"
    """Number (counted from 0) or name of the display to open the window on."""
    list_displays: Flag = False
    """Print the displays of this machine (number, name, size, rate) and exit."""
    fit: ResizeMode = "letterbox"
    """letterbox: the whole picture, with borders; fill: no borders, the overflow is cropped. Neither distorts."""
    turn: Turn = 0
    """Turn what the window shows, in degrees clockwise. Recordings and the virtual camera stay upright."""
    flip: Flip = "none"
    """Then exchange left and right (horizontal), or top and bottom (vertical), as for a projection from behind."""
    corners: Annotated[
        tuple[str, ...], Parameter(consume_multiple=True, negative="", show_default=False, metavar="X,Y")
    ] = ()
    """Then fit it into four corners, as shares of the screen: top left, top right, bottom right, bottom left."""
    smooth: Flag = False
    """Cross-fade from each frame to the next at the display's rate. This delays the picture by one frame."""
    operator: Annotated[NameOrSwitch, Parameter(metavar="[DISPLAY]")] = False
    """Open a second window for the performer: on this display (number or name), or without one on another than the
    window's. HUD, help and notices are there then, and the window shows the picture alone."""
    hud: Annotated[bool, Parameter(show_default=False)] = False
    """Start with the head-up display of the parameters (key I adds the machine, then hides it)."""
    snapshots: Path = Path()
    """Folder for the snapshots that key S takes."""

    def __post_init__(self) -> None:
        _ = self.projection
        if self.display.startswith("-") or not self.display:
            raise SettingsError(f"--display is {self.display or 'empty'}; displays are counted from 0")
        if self.operator == "" or (isinstance(self.operator, str) and self.operator.startswith("-")):
            raise SettingsError("--operator needs a display, counted from 0, or nothing behind it for another one")
        if self.no_window and self.starts_fullscreen:
            raise SettingsError("--no-window has nothing to cover a screen with; leave out --fullscreen and --kiosk")
        if self.operator and self.kiosk:
            raise SettingsError("--operator is for a performer, and a kiosk has none; leave out one of the two")

    @property
    def starts_fullscreen(self) -> bool:
        """True if the window covers its display from the start."""
        return self.fullscreen or self.kiosk

    @property
    def projection(self) -> Projection:
        """Place of the window's content on the screen."""
        try:
            return Projection(self.turn, self.flip, read_corners(self.corners))
        except ValueError as error:
            raise SettingsError(f"--corners: {error}") from error
