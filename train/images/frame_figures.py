"""Figures of frames, with the same arithmetic as the stage's collapse guard."""

from __future__ import annotations

import cv2
import numpy as np

LEAST_MOTION = 0.1 / 255  # unit of motion for a film that stands still for more than half of its time


def sharpness(frame: np.ndarray) -> float:
    """Return the RMS of the Laplacian of luma (0…1) of uint8 RGB [H, W, 3]."""
    luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return float(cv2.norm(cv2.Laplacian(luma, cv2.CV_32F), cv2.NORM_L2) / (255 * np.sqrt(luma.size)))


def motion(frame: np.ndarray, before: np.ndarray) -> float:
    """Return the mean absolute difference, 0…1, of two successive frames, uint8 RGB [H, W, 3]."""
    return float(cv2.norm(frame, before, cv2.NORM_L1) / (255 * frame.size))


def contrast_and_light(frame: np.ndarray) -> tuple[float, float]:
    """Return the standard deviation of luma, and the distance of its mean to black or white, both 0…0.5.

    `frame` is uint8 RGB [H, W, 3]. The nearer of black and white counts.
    """
    mean, deviation = cv2.meanStdDev(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
    light = float(mean[0, 0]) / 255
    return float(deviation[0, 0]) / 255, min(light, 1 - light)
