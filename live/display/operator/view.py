"""Content of the operator window, and the answers to it: what the two processes send each other."""

from dataclasses import dataclass
from typing import Literal

from live.display.panels.help_panel import Sections
from live.display.panels.panel import Rows
from live.frame import Pixels


@dataclass(frozen=True)
class Meter:
    """A value on a scale."""

    label: str
    text: str
    """The value in words."""
    share: float
    """0…1: place of the value on the scale."""
    rest: float = 0.0
    """0…1: place from which the bar is drawn, such as that of a parameter's default."""
    trouble: bool = False


@dataclass(frozen=True)
class OperatorView:
    """Content of the operator window at one moment."""

    picture: Pixels
    """Picture that the audience sees, uint8 [height, width, 3] RGB, reduced."""
    camera: Pixels | None
    """Picture that the camera sees, in the same form; None if there is no camera or no picture of it."""
    camera_status: str
    """Line about the camera; empty if there is none."""
    hud: Rows
    machine: tuple[Meter, ...]
    parameters: tuple[Meter, ...]
    stored_presets: frozenset[int]
    recalled_preset: int | None
    notices: tuple[str, ...]
    help: Sections
    """Sections of the help; empty for none."""


@dataclass(frozen=True)
class Event:
    """Message of the operator window's process."""

    kind: Literal["ready", "drawn", "key", "held", "closed", "failed"]
    """ready: the window is open; drawn: a view was shown; key: a key was pressed; held: the key that is down has
    changed; closed: the user has closed the window; failed: it cannot be opened."""
    text: str = ""
    """Name of the key, as `Keyboard` gives it, or the reason of the failure. No text with "held": no key is down."""
