"""Correlation of a rollout with the camera that it follows, in light and dark."""

from __future__ import annotations

import cv2
import numpy as np


class CameraMeter:
    """Correlates the light and dark of a rollout and of a camera in 16×9 cells, frame by frame."""

    def __init__(self) -> None:
        self._frames: list[np.ndarray] = []
        self._camera: list[np.ndarray] = []

    def add(self, frame: np.ndarray, camera: np.ndarray) -> None:
        """Add the next frame and the camera picture that it was made from; both uint8 RGB [H, W, 3]."""
        self._frames.append(_light(frame))
        self._camera.append(_light(camera))

    @property
    def correlation(self) -> float:
        """Mean correlation of frames and camera pictures, −1…1; what stands still counts too."""
        frames, camera = np.stack(self._frames), np.stack(self._camera)
        return float((frames * camera).sum(1).mean())

    def motion_correlation(self, shift: int = 0) -> float:
        """Return the mean correlation of the changes in frames and in camera pictures, −1…1; 0 where nothing changes.

        A change is light and dark less its mean over all frames, so what stands still does not count.

        Args:
            shift: frames by which the camera is later than the rollout; half a clip gives what chance alone would.
        """
        frames, camera = (np.stack(each) - np.mean(each, axis=0) for each in (self._frames, self._camera))
        frames, camera = (_normalised(each) for each in (frames, np.roll(camera, -shift, 0)))
        return float((frames * camera).sum(1).mean())


def _light(frame: np.ndarray) -> np.ndarray:
    """Return light and dark of uint8 RGB [H, W, 3] in 16×9 cells: float32 [144], mean 0, length 1.

    A plain picture has length 0.
    """
    coarse = cv2.cvtColor(cv2.resize(frame, (16, 9), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    light = coarse.astype(np.float32).ravel()
    light -= light.mean()
    return light / max(float(np.linalg.norm(light)), 1.0)


def _normalised(light: np.ndarray) -> np.ndarray:
    """Return each of float [n, 144] less its mean, at length 1; what is nearly 0 becomes 0."""
    light = light - light.mean(1, keepdims=True)
    length = np.linalg.norm(light, axis=1, keepdims=True)
    return light / np.where(length < 1e-4, np.inf, length)
