"""Detection of a continuation that has collapsed, by cheap figures of its pictures.

The figures are those by which `python -m train evaluate` counts a continuation as alive, and the mean colour. The
bundle holds the ranges in which the film itself stays.
"""

from fractions import Fraction

from live.bundle.life_signs import LifeSigns
from live.frame import Pixels

COLLAPSE_SECONDS = 1.0
"""Time that sharpness or colour must be outside the film's range, or stillness longer than any in the film."""


class CollapseGuard:
    """Watches a continuation frame by frame."""

    def __init__(self, signs: LifeSigns, frame_rate: Fraction) -> None:
        # Imported here because OpenCV takes a tenth of a second to load, and not every show has a guard.
        from live.playback import frame_figures

        self._figures = frame_figures
        self._signs = signs
        self._most_outside = round(COLLAPSE_SECONDS * frame_rate)
        self._most_still = round((signs.stillness + COLLAPSE_SECONDS) * frame_rate)
        self.reset()

    def reset(self) -> None:
        """Forget all frames: the next one does not continue them."""
        self._before: Pixels | None = None
        self._outside = self._still = 0

    def has_collapsed(self, pixels: Pixels, *, following: bool) -> bool:
        """Take the next frame and return whether the continuation has collapsed.

        Args:
            pixels: The frame, uint8 [height, width, 3] RGB.
            following: True if it follows a camera. Then it may stand as still as the camera's picture.
        """
        self._outside = self._outside + 1 if self._is_outside(pixels) else 0
        still = (
            not following
            and self._before is not None
            and self._figures.motion(pixels, self._before) < self._signs.motion
        )
        self._still = self._still + 1 if still else 0
        self._before = pixels
        return self._outside >= self._most_outside or self._still >= self._most_still

    def _is_outside(self, pixels: Pixels) -> bool:
        values = (self._figures.sharpness(pixels), *self._figures.mean_colour(pixels))
        ranges = (self._signs.sharpness, *self._signs.colour)
        return any(not low <= value <= high for value, (low, high) in zip(values, ranges, strict=True))
