"""Times at which frames are due: absolute deadlines, so that neither rounding nor a slow frame adds up to a drift."""

import time
from collections.abc import Callable
from fractions import Fraction

from live.controls.table import DEFAULTS


class FrameClock:
    """Frame n is due at start + n / rate.

    A frame that is finished after the next one was due is late, and counted. A delay of less than a frame is made up
    for at once. After a longer one (a slow machine, a laptop that slept) a new count starts, because the missed time
    must not be played back fast.
    """

    def __init__(self, rate: Fraction, now: Callable[[], float] = time.perf_counter) -> None:
        self._rate = rate
        self._now = now
        self._speed = DEFAULTS["speed"]
        self._start = now()
        self._count = 0
        self.late = 0
        """Frames that were late."""

    @property
    def rate(self) -> float:
        """Frames per second at the present speed."""
        return float(self._rate) * self._speed

    def remaining(self) -> float:
        """Return the seconds until the next frame is due; zero or less once it is."""
        return self._start + self._count / self.rate - self._now()

    def tick(self) -> None:
        """Count the frame that was due as finished."""
        self._count += 1
        behind = -self.remaining()
        if behind > 0:
            self.late += 1
        if behind > 1 / self.rate:
            self.restart()

    def restart(self) -> None:
        """Begin a new count: the next frame is due now. For example at the end of a pause."""
        self._start = self._now()
        self._count = 0

    @property
    def speed(self) -> float:
        """Multiple of the model's frame rate."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if speed == self._speed:
            return
        # The wait for the next frame keeps its progress: the rest of it is only scaled.
        remaining = self.remaining() * self._speed / speed
        self._speed = speed
        self._start = self._now() + remaining
        self._count = 0
