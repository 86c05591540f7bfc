"""Watch on whether the display of a window is still plugged in."""

import time
from collections.abc import Callable, Sequence

from live.display.screens.displays import Display, list_displays

LOOKING_SECONDS = 1.0


class PlugWatch:
    """Looks once a second whether a display is there, by its name. One that is only dark is there.

    Of displays with the same name, none may be missing: SDL does not tell them apart.

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
        before = displays()
        self._name = before[number].name
        twins = self._named(before)
        self._place, self._count = twins.index(number), len(twins)
        self._look_at = now() + LOOKING_SECONDS
        self.unplugged = ""
        """Name of the display while it is not there; empty while it is, and where displays have no names."""

    def look(self) -> int | None:
        """Return the number of the display if it has come back since the last look; None if not."""
        if not self._name or self._now() < self._look_at:
            return None
        self._look_at = self._now() + LOOKING_SECONDS
        numbers = self._named(self._displays())
        before, self.unplugged = self.unplugged, "" if len(numbers) >= self._count else self._name
        return numbers[self._place] if before and not self.unplugged else None

    def _named(self, displays: Sequence[Display]) -> list[int]:
        """Return the numbers of the displays that have the name."""
        return [display.number for display in displays if display.name == self._name]
