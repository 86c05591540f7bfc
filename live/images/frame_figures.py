"""Figures of frames: the studio measures by them, and by the same the stage's collapse guard."""

from typing import NamedTuple

import cv2
import numpy as np

from live.frame import Pixels

CONTRAST_FLOOR = 0.03
"""Added to the contrast before grain is divided by it: a plain picture has next to no contrast."""
LEAST_LIGHT = 0.05
"""Share of a film's usual light below which the limits of its figures fall no further: black is flat and still."""
THUMBNAIL = 8
"""Width and height of a thumbnail, in pixels."""


class PictureFigures(NamedTuple):
    """Figures of a single picture."""

    sharpness: float
    """RMS of the Laplacian of luma 0…1."""
    contrast: float
    """Standard deviation of luma, 0…0.5."""
    light: float
    """Distance of the mean of luma to black or to white, whichever is nearer, 0…0.5."""
    colour: tuple[float, float, float]
    """Means of red, green and blue, 0…1."""

    @property
    def grain(self) -> float:
        """Sharpness over contrast: high for noise, however dark."""
        return self.sharpness / (self.contrast + CONTRAST_FLOOR)


def picture_figures(pixels: Pixels) -> PictureFigures:
    """Return the figures of a picture, uint8 [height, width, 3] RGB."""
    luma = _luma(pixels)
    mean, deviation = cv2.meanStdDev(luma)
    light = float(mean[0, 0]) / 255
    red, green, blue, _ = cv2.mean(pixels)
    colour = (red / 255, green / 255, blue / 255)
    return PictureFigures(_sharpness(luma), float(deviation[0, 0]) / 255, min(light, 1 - light), colour)


def sharpness(pixels: Pixels) -> float:
    """Return the sharpness of a picture alone, uint8 [height, width, 3] RGB: RMS of the Laplacian of luma 0…1."""
    return _sharpness(_luma(pixels))


def motion(pixels: Pixels, before: Pixels) -> float:
    """Return the mean absolute difference, 0…1, of two successive frames, uint8 [height, width, 3] RGB."""
    return float(cv2.norm(pixels, before, cv2.NORM_L1) / (255 * pixels.size))


def thumbnail(pixels: Pixels) -> Pixels:
    """Shrink uint8 [height, width, 3] RGB to uint8 [8, 8, 3]."""
    return cv2.resize(pixels, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _luma(pixels: Pixels) -> Pixels:
    """Return uint8 [height, width], 0…255."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def _sharpness(luma: Pixels) -> float:
    return float(cv2.norm(cv2.Laplacian(luma, cv2.CV_32F), cv2.NORM_L2) / (255 * np.sqrt(luma.size)))
