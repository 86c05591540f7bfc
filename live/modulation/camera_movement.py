"""Movement in the camera's picture: a source, and its measurement."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from live.frame import Pixels
from live.modulation.source import Moment

# Width and height to which a picture is reduced: grain and small tremors vanish.
REDUCED = (32, 18)
# Mean difference of two reduced pictures, 0…255, of a webcam's noise, and of somebody who waves close by.
STILL, LIVELY = 1.0, 20.0
# The value falls to a third in so many seconds.
RELEASE_SECONDS = 0.5


@dataclass(frozen=True)
class CameraMovement:
    """0 while nothing moves in front of the camera, or there is none; 1 while a lot does."""

    @property
    def name(self) -> str:
        """See `Source`."""
        return "camera"

    def at(self, moment: Moment) -> float:
        """See `Source`."""
        return moment.movement

    def settings(self) -> dict[str, Any]:
        """See `Source`."""
        return {}


class MovementMeter:
    """Measures the movement from one picture of the camera to the next. It rises at once and falls slowly."""

    def __init__(self) -> None:
        self._pixels: Pixels | None = None
        self._reduced: np.ndarray[Any, Any] | None = None
        self._seen_at = 0.0
        self._value = 0.0

    def see(self, pixels: Pixels | None, seconds: float) -> float:
        """Return the movement, 0…1.

        Args:
            pixels: Newest picture, uint8 [height, width, 3] RGB; None if there is none. The same one again is no news.
            seconds: Time, by the same clock in each call.
        """
        self._value *= math.exp(-max(0.0, seconds - self._seen_at) / RELEASE_SECONDS)
        self._seen_at = seconds
        if pixels is not self._pixels:
            self._pixels, before = pixels, self._reduced
            self._reduced = None if pixels is None else _reduced(pixels)
            if before is not None and self._reduced is not None:
                difference = float(np.abs(self._reduced - before).mean())
                self._value = max(self._value, min(1.0, max(0.0, (difference - STILL) / (LIVELY - STILL))))
        return self._value


def _reduced(pixels: Pixels) -> np.ndarray[Any, Any]:
    # Not every show needs it.
    import cv2

    return cv2.resize(pixels, REDUCED, interpolation=cv2.INTER_AREA).astype(np.float32)
