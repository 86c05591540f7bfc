"""When each frame is due: absolute deadlines, so that no rounding and no slow frame ever adds up to a drift."""

import time
from collections.abc import Callable
from fractions import Fraction


class FrameClock:
    """Frame n is due at start + n / rate.

    A frame that is finished after the next one was due is late, and counted. Being late by less than a frame
    is made up for at once; a clock that has fallen further behind (a slow machine, a laptop that slept)
    starts a new count from now, because nobody wants to see the missed time played back fast.
    """

    def __init__(self, rate: Fraction, now: Callable[[], float] = time.perf_counter) -> None:
        self._rate = rate
        self._now = now
        self._speed = 1.0
        self._start = now()
        self._count = 0
        self.late = 0

    @property
    def rate(self) -> float:
        """Frames a second, at the present speed."""
        return float(self._rate) * self._speed

    def remaining(self) -> float:
        """Seconds until the next frame is due; zero or less when it is."""
        return self._start + self._count / self.rate - self._now()

    def tick(self) -> None:
        """The frame that was due is finished: look to the next one."""
        self._count += 1
        behind = -self.remaining()
        if behind > 0:
            self.late += 1
        if behind > 1 / self.rate:
            self.restart()

    def restart(self) -> None:
        """Begin a new count: the next frame is due now. For the end of a pause, say."""
        self._start = self._now()
        self._count = 0

    @property
    def speed(self) -> float:
        """How many times faster than the model's rate the show runs."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        # The frame that is being waited for keeps its share of the wait: what remains of it is merely scaled.
        remaining = self.remaining() * self._speed / speed
        self._speed = speed
        self._start = self._now() + remaining
        self._count = 0
