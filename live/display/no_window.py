"""Place of the window in a show that has none: it has no keys and shows nothing."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from live.display.panels.help_panel import Sections
from live.display.panels.panel import Rows
from live.frame import Pixels


class ShowWindow(Protocol):
    """Window of a show, as the show uses it."""

    damaged: bool
    """True if the window must be drawn again with `present`, which clears it."""
    closed: bool
    """True when the user has closed the window."""

    @property
    def fullscreen(self) -> bool:
        """True while the window covers a display."""
        ...

    @property
    def unplugged(self) -> str:
        """Name of the window's display while that is not there; empty while it is."""
        ...

    @property
    def has_focus(self) -> bool:
        """True while the window receives the keys."""
        ...

    @property
    def held_key(self) -> str | None:
        """Name of the key that was pressed last, while it is down."""
        ...

    def take_focus(self, *, above: bool) -> None:
        """Receive the keys from now on, and with `above` also come before every other window."""
        ...

    def poll(self) -> list[str]:
        """Return the names of the keys that were pressed since the last call."""
        ...

    def toggle_fullscreen(self) -> None:
        """Cover the whole display that the window is on, or return to a window."""
        ...

    def present(
        self,
        pixels: Pixels,
        hud: Rows = (),
        help: Sections = (),
        notices: Sequence[str] = (),
        *,
        under: Pixels | None = None,
        share: float = 1.0,
    ) -> None:
        """Show a picture and panels."""
        ...


class NoWindow:
    """A `ShowWindow` that is not there."""

    fullscreen = has_focus = closed = False
    held_key: str | None = None
    unplugged = ""

    def __init__(self) -> None:
        self.damaged = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def take_focus(self, *, above: bool) -> None:
        """Do nothing."""

    def poll(self) -> list[str]:
        """Return no keys."""
        return []

    def toggle_fullscreen(self) -> None:
        """Do nothing."""

    def present(
        self,
        pixels: Pixels,
        hud: Rows = (),
        help: Sections = (),
        notices: Sequence[str] = (),
        *,
        under: Pixels | None = None,
        share: float = 1.0,
    ) -> None:
        """Show nothing."""
        self.damaged = False
