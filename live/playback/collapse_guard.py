"""Whether a continuation still lives: cheap figures of its pictures, against ranges of its film that the bundle holds.

They are those of `python -m train evaluate` by which a continuation counts as alive, and the mean colour besides.
"""

from fractions import Fraction

import numpy as np

from live.bundle.life_signs import LifeSigns
from live.frame import Pixels

DEAD_SECONDS = 1.0
"""For so long sharpness or colour must be beyond the film's range; and stillness longer than any of the film."""


class CollapseGuard:
    """Watches a continuation frame by frame."""

    def __init__(self, signs: LifeSigns, frame_rate: Fraction) -> None:
        # Not every show has one, and OpenCV takes a tenth of a second to load.
        import cv2

        self._cv2 = cv2
        self._signs = signs
        self._most_out = round(DEAD_SECONDS * frame_rate)
        self._most_still = round((signs.stillness + DEAD_SECONDS) * frame_rate)
        self.forget()

    def forget(self) -> None:
        """What comes next does not go on from what was seen."""
        self._before: Pixels | None = None
        self._out = self._still = 0

    def lives(self, pixels: Pixels, *, led: bool) -> bool:
        """Whether the continuation lives, now that `pixels`, uint8 [height, width, 3] RGB, have come.

        Who is `led` by a camera may stand as still as that does.
        """
        self._out = self._out + 1 if self._is_out(pixels) else 0
        still = not led and self._before is not None and self._moves(pixels, self._before) < self._signs.motion
        self._still = self._still + 1 if still else 0
        self._before = pixels
        return self._out < self._most_out and self._still < self._most_still

    def _is_out(self, pixels: Pixels) -> bool:
        cv2 = self._cv2
        luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        sharpness = cv2.norm(cv2.Laplacian(luma, cv2.CV_32F), cv2.NORM_L2) / (255 * np.sqrt(luma.size))
        colour = np.array(cv2.mean(pixels)[:3]) / 255
        ranges = (self._signs.sharpness, *self._signs.colour)
        return any(not low <= value <= high for value, (low, high) in zip((sharpness, *colour), ranges, strict=True))

    def _moves(self, pixels: Pixels, before: Pixels) -> float:
        return float(self._cv2.norm(pixels, before, self._cv2.NORM_L1) / (255 * pixels.size))
