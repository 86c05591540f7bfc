"""Detection of a continuation that has collapsed, by cheap figures of its pictures.

The bundle holds the ranges in which the film's own figures lie, and the film's pictures outside of them: a title, a
fade, a night or a still is no collapse where the film has it too.
"""

from fractions import Fraction

import numpy as np

from live.bundle.life_signs import LifeSigns
from live.frame import Pixels

COLLAPSE_SECONDS = 1.75
"""Time that pictures must be outside the film's ranges, or stand still."""
LONGER_STILL = 0.5
"""Seconds by which a picture may stand still for longer than the film does there."""
ALIKE = 12.0
"""RMS difference of the thumbnails of two like pictures, in levels of 0…255."""
ALIKE_SHARPNESS = (2.0, 0.01)
"""Greatest ratio of the sharpness of two like pictures, and a difference that is allowed at any ratio."""


class CollapseGuard:
    """Watches a continuation frame by frame."""

    def __init__(self, signs: LifeSigns, frame_rate: Fraction) -> None:
        # Imported here because OpenCV takes a tenth of a second to load, and not every show has a guard.
        from live.images import frame_figures

        self._figures = frame_figures
        self._signs = signs
        self._rate = float(frame_rate)
        self._enough = max(1, round(COLLAPSE_SECONDS * frame_rate))
        size = frame_figures.THUMBNAIL**2 * 3
        pictures = b"".join(odd.thumbnail for odd in signs.odd)
        self._thumbnails = np.frombuffer(pictures, np.uint8).reshape(-1, size).astype(np.float32)
        self._sharpness = np.array([odd.sharpness for odd in signs.odd])
        self._stillness = np.array([odd.stillness for odd in signs.odd])
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
        signs, figures = self._signs, self._figures.picture_figures(pixels)
        light = min(1.0, max(self._figures.LEAST_LIGHT, figures.light / signs.light))
        inside = (
            light * signs.sharpness[0] <= figures.sharpness <= signs.sharpness[1]
            and figures.contrast <= signs.contrast
            and figures.grain <= signs.grain
            and all(low <= value <= high for value, (low, high) in zip(figures.colour, signs.colour, strict=True))
        )
        still = (
            not following
            and self._before is not None
            and self._figures.motion(pixels, self._before) < light * signs.motion
        )
        self._outside = 0 if inside else self._outside + 1
        self._still = self._still + 1 if still else 0
        self._before = pixels
        if max(self._outside, self._still) < self._enough:
            return False
        like = self._like(pixels, figures.sharpness)
        if like.any():
            self._outside = 0
        longest = max(self._signs.stillness, float(self._stillness[like].max(initial=0.0))) + LONGER_STILL
        return self._outside >= self._enough or self._still >= max(self._enough, longest * self._rate)

    def _like(self, pixels: Pixels, sharpness: float) -> np.ndarray:
        """Return which of the film's odd pictures a picture is like: bool [n]."""
        thumbnail = self._figures.thumbnail(pixels).reshape(-1).astype(np.float32)
        far = np.sqrt(np.square(self._thumbnails - thumbnail).mean(1))
        ratio, difference = ALIKE_SHARPNESS
        low, high = self._sharpness / ratio - difference, self._sharpness * ratio + difference
        like: np.ndarray = (far < ALIKE) & (low <= sharpness) & (sharpness <= high)
        return like
