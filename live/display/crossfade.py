"""Cross-fade of the window from one frame to the next, for --smooth."""

import time
from collections.abc import Callable

from live.frame import Frame, Pixels

# A window that takes longer than any display's frame draws with the processor, which the generator needs too. After
# each such drawing it rests for `REST` times as long before it draws anything but a new frame.
SLOW_SECONDS = 1 / 25
REST = 3


class Crossfade:
    """Share of the newest frame that is visible over the one before: 0 when it arrives, 1 when the next is due.

    The window is therefore one frame behind. A frame that does not continue the one before is visible at once.

    Args:
        smooth: False to show every frame at once.
        now: Clock, in seconds.
    """

    def __init__(self, *, smooth: bool, now: Callable[[], float] = time.perf_counter) -> None:
        self._smooth = smooth
        self._now = now
        self._newest: Frame | None = None
        self._under: Frame | None = None
        self._advanced_at = 0.0
        self._rests_until = 0.0
        self._drawn_share = 1.0
        self.share = 1.0
        """0…1, share of the newest frame."""

    @property
    def under(self) -> Pixels | None:
        """Picture under the newest frame, uint8 [height, width, 3] RGB; None if nothing of it is visible."""
        return self._under.pixels if self._under and self.share < 1 else None

    def seconds(self, rate: float) -> float:
        """Return how long the newest frame takes to be fully visible, at `rate` frames a second."""
        return 1 / rate if self._under else 0.0

    def start(self, frame: Frame) -> None:
        """Start the fade to a newer frame."""
        before, self._newest = self._newest, frame
        # Dropped frames may have held a cut.
        continues = before is not None and frame.index == before.index + 1 and not frame.cut
        self._under, self.share = (before, 0.0) if self._smooth and continues else (None, 1.0)
        self._advanced_at = self._now()

    def advance(self, rate: float) -> bool:
        """Advance the fade to the present time, at `rate` frames a second.

        Returns:
            True if the picture must be drawn again.
        """
        now = self._now()
        self.share = min(1.0, self.share + (now - self._advanced_at) * rate)
        self._advanced_at = now
        return self.share != self._drawn_share and now >= self._rests_until

    def note_drawn(self, seconds: float) -> None:
        """Note that the window has drawn the present share, which took `seconds`."""
        self._drawn_share = self.share
        if seconds > SLOW_SECONDS:
            self._rests_until = self._now() + REST * seconds
