"""How the window comes from one frame to the next with --smooth."""

import time
from collections.abc import Callable

from live.frame import Frame, Pixels

# A window that takes longer than any display's frame draws with the processor, which the generator needs too: after
# each picture it rests for so many times as long before it draws anything but a new frame.
SLOW_SECONDS = 1 / 25
REST = 3


class Crossfade:
    """How much of the newest frame is seen over the one before: nothing when it comes, all when the next is due.

    So the window is one frame behind. Where a frame does not go on from the one before, it is there at once; so is
    every frame if this is not `smooth`.
    """

    def __init__(self, *, smooth: bool, now: Callable[[], float] = time.perf_counter) -> None:
        self._smooth = smooth
        self._now = now
        self._newest: Frame | None = None
        self._under: Frame | None = None
        self._moved_at = 0.0
        self._rests_until = 0.0
        self._drawn = 1.0
        self.share = 1.0
        """0…1, of the newest frame."""

    @property
    def under(self) -> Pixels | None:
        """The picture that the newest is drawn over, uint8 [height, width, 3] RGB; None if nothing of it is seen."""
        return self._under.pixels if self._under and self.share < 1 else None

    def seconds(self, rate: float) -> float:
        """How long the newest frame takes to be whole, at `rate` frames a second."""
        return 1 / rate if self._under else 0.0

    def take(self, frame: Frame) -> None:
        """A newer frame has come."""
        before, self._newest = self._newest, frame
        # After frames that were dropped there may have been a cut.
        follows = before is not None and frame.index == before.index + 1 and not frame.cut
        self._under, self.share = (before, 0.0) if self._smooth and follows else (None, 1.0)
        self._moved_at = self._now()

    def advance(self, rate: float) -> bool:
        """Go on until now at `rate` frames a second; returns whether the picture is to be drawn anew."""
        now = self._now()
        self.share = min(1.0, self.share + (now - self._moved_at) * rate)
        self._moved_at = now
        return self.share != self._drawn and now >= self._rests_until

    def drawn(self, seconds: float) -> None:
        """The window has drawn it with this share, which took so long."""
        self._drawn = self.share
        if seconds > SLOW_SECONDS:
            self._rests_until = self._now() + REST * seconds
