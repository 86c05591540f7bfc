"""Random jitter of training pairs (Isola et al. 2017, appendix 6.2)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

MAX_ZOOM = 286 / 256  # the paper enlarges 256 pixels to 286, and crops at random


@dataclass(frozen=True)
class Jitter:
    """Scale, crop and flip that is applied to both sides of a pair."""

    top: int
    left: int
    height: int  # of the crop, which is scaled up to the whole picture
    width: int
    flip: bool

    @classmethod
    def random(cls, rng: np.random.Generator, height: int, width: int) -> Jitter:
        """Draw a jitter for pictures of this size."""
        zoom = rng.uniform(1, MAX_ZOOM)
        h, w = round(height / zoom), round(width / zoom)
        top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
        return cls(top, left, h, w, flip=rng.random() < 0.5)

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """Apply it to uint8 RGB [H, W, 3]; the shape stays the same."""
        size = picture.shape[1::-1]
        cropped = picture[self.top : self.top + self.height, self.left : self.left + self.width]
        scaled = cv2.resize(cropped, size, interpolation=cv2.INTER_CUBIC)
        return cv2.flip(scaled, 1) if self.flip else scaled
