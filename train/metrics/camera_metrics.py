"""How closely a rollout follows a camera: light and dark of both, held against each other."""

from __future__ import annotations

import cv2
import numpy as np


class CameraMeter:
    """How closely a rollout follows a camera: correlation of light and dark in 16×9 cells, frame by frame."""

    def __init__(self) -> None:
        self._frames: list[np.ndarray] = []
        self._seen: list[np.ndarray] = []

    def add(self, frame: np.ndarray, seen: np.ndarray) -> None:
        """The next frame, and what the camera saw when it was made; both uint8 RGB [H, W, 3]."""
        self._frames.append(_light(frame))
        self._seen.append(_light(seen))

    @property
    def followed(self) -> float:
        """Mean correlation of frames with what was seen, −1…1; what stands still counts too."""
        frames, seen = np.stack(self._frames), np.stack(self._seen)
        return float((frames * seen).sum(1).mean())

    def moved(self, shift: int = 0) -> float:
        """Mean correlation of what changes in frames with what changes in what was seen, −1…1; 0 where nothing does.

        What changes is light and dark less its mean over all frames: so what stands still counts nothing. With a
        `shift`, each frame is held against what was seen so many frames later: what chance alone would give.
        """
        frames, seen = (np.stack(each) - np.mean(each, axis=0) for each in (self._frames, self._seen))
        frames, seen = (_of_length_one(each) for each in (frames, np.roll(seen, -shift, 0)))
        return float((frames * seen).sum(1).mean())


def _light(frame: np.ndarray) -> np.ndarray:
    """Light and dark of uint8 RGB [H, W, 3] in 16×9 cells, float32 [144], mean 0, length 1 (or 0: a plain picture)."""
    coarse = cv2.cvtColor(cv2.resize(frame, (16, 9), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    light = coarse.astype(np.float32).ravel()
    light -= light.mean()
    return light / max(float(np.linalg.norm(light)), 1.0)


def _of_length_one(light: np.ndarray) -> np.ndarray:
    """Each of float [n, 144] less its mean, at length 1; what hardly differs from nothing stays nothing."""
    light = light - light.mean(1, keepdims=True)
    length = np.linalg.norm(light, axis=1, keepdims=True)
    return light / np.where(length < 1e-4, np.inf, length)
