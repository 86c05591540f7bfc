"""Estimate of how long the decoding of a film takes, said after its first seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from train.runtime.progress import duration

FIRST_SECONDS = 5.0  # after which the pace is known
LEAST_SECONDS = 30.0  # that are left; less needs no mention


class DecodingEstimate:
    """Listener to the progress of decoding, which says once how long it takes."""

    def __init__(
        self,
        on_progress: Callable[[float], None],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Listen.

        Args:
            on_progress: gets what this gets.
            say: called with the line.
            clock: seconds.
        """
        self._forward, self._say, self._clock = on_progress, say, clock
        self._start: tuple[float, float] | None = None  # time and share of the first picture
        self._said = False

    def on_progress(self, share: float) -> None:
        """Note the share done so far, 0…1."""
        self._forward(share)
        if self._said:
            return
        now = self._clock()
        begun, done = self._start = self._start or (now, share)
        if now - begun >= FIRST_SECONDS and share > done:
            self._said = True
            left = (now - begun) * (1 - share) / (share - done)
            if left >= LEAST_SECONDS:
                self._say(f"decoding: {duration(left)}")
