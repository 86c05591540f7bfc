"""Sharpness and motion of frames, with the same arithmetic as `python -m train evaluate`."""

import cv2
import numpy as np

from live.frame import Pixels


def sharpness(pixels: Pixels) -> float:
    """Return the RMS of the Laplacian of luma (0…1) of uint8 [height, width, 3] RGB."""
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return float(cv2.norm(cv2.Laplacian(luma, cv2.CV_32F), cv2.NORM_L2) / (255 * np.sqrt(luma.size)))


def motion(pixels: Pixels, before: Pixels) -> float:
    """Return the mean absolute difference, 0…1, of two successive frames, uint8 [height, width, 3] RGB."""
    return float(cv2.norm(pixels, before, cv2.NORM_L1) / (255 * pixels.size))


def mean_colour(pixels: Pixels) -> tuple[float, float, float]:
    """Return the means of red, green and blue, 0…1, of uint8 [height, width, 3] RGB."""
    red, green, blue, _ = cv2.mean(pixels)
    return red / 255, green / 255, blue / 255
