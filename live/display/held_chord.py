"""Keys that must be held together for a while, so that nobody presses them by chance."""

import time
from collections.abc import Callable


class HeldChord:
    """Time for which a chord of keys has been down.

    Args:
        seconds: Time for which it must be held.
        now: A monotonic clock in seconds.
    """

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._down_since: float | None = None

    def is_held(self, down: bool) -> bool:
        """Take notice of whether the chord is down, and return True once it has been down for long enough."""
        if not down:
            self._down_since = None
            return False
        now = self._now()
        if self._down_since is None:
            self._down_since = now
        return now - self._down_since >= self._seconds
