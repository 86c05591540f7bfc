"""Watch on whether the display of a window is still plugged in."""

import time
from collections.abc import Callable, Sequence

from live.display.screens.displays import Display, list_displays

LOOKING_SECONDS = 1.0


class PlugWatch:
    """Looks once a second whether a display is there, by its name. One that is only dark is there.

    Args:
        number: Present number of the display.
        displays: Returns the displays of the machine.
        now: A monotonic clock in seconds.
    """

    def __init__(
        self,
        number: int,
        displays: Callable[[], Sequence[Display]] = list_displays,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._displays = displays
        self._now = now
        self._name = displays()[number].name
        self._look_at = now() + LOOKING_SECONDS
        self.unplugged = ""
        """Name of the display while it is not there; empty while it is, and where displays have no names."""

    def look(self) -> int | None:
        """Return the number of the display if it has come back since the last look; None if not."""
        if not self._name or self._now() < self._look_at:
            return None
        self._look_at = self._now() + LOOKING_SECONDS
        numbers = [display.number for display in self._displays() if display.name == self._name]
        before, self.unplugged = self.unplugged, "" if numbers else self._name
        return numbers[0] if before and numbers else None
