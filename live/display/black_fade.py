"""Fade of the whole picture to black and back, at the performer's wish."""

import time
from collections.abc import Callable

import numpy as np

from live.frame import Pixels

FADE_SECONDS = 2.0


class BlackFade:
    """Light of the picture, which moves to 0 or back to 1 in time.

    Args:
        now: A monotonic clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._turned_at = -FADE_SECONDS
        self._turned_from = 1.0
        self.to_black = False
        """True if the picture is black, or on its way there."""

    @property
    def light(self) -> float:
        """0…1: 0 is black."""
        moved = (self._now() - self._turned_at) / FADE_SECONDS
        return max(0.0, self._turned_from - moved) if self.to_black else min(1.0, self._turned_from + moved)

    def toggle(self, wanted: bool | None) -> None:
        """Begin to fade to black, or back; None: the other one of the two. A fade turns where it is."""
        wanted = not self.to_black if wanted is None else wanted
        if wanted != self.to_black:
            self._turned_from, self._turned_at, self.to_black = self.light, self._now(), wanted

    def over(self, pixels: Pixels) -> Pixels:
        """Return a picture in the present light: the very same one in full light."""
        light = self.light
        if light == 1:
            return pixels
        # Not every show needs it.
        import cv2

        return np.asarray(cv2.convertScaleAbs(pixels, alpha=light), np.uint8)
