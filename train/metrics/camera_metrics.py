"""Comparison of where a rollout moves with where its camera sees something move."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

SMALL, CELLS = (64, 36), (16, 9)  # sizes (w, h) at which pictures are compared, and in which changes are counted
SEEN_TO_MOVE = 4.0  # levels of change in one cell, from which a camera picture counts
NEAR = 0.15  # picture widths from where the camera moves most
HEIGHT = SMALL[1] / SMALL[0]  # of a picture, in picture widths


@dataclass(frozen=True)
class CameraFigures:
    """Figures of a rollout in front of a camera, over the steps at which the camera picture moves."""

    moves: float  # correlation of changes, −1…1
    by_chance: float  # the same with the camera half a clip later
    placed: float  # share of the steps at which the picture moves most near to where the camera does


class CameraMeter:
    """Compares the changes of a rollout with those of its camera in 16×9 cells, frame by frame.

    A change is the mean absolute difference of luma between successive pictures.
    """

    def __init__(self) -> None:
        self._frames: list[np.ndarray] = []
        self._camera: list[np.ndarray] = []

    def add(self, frame: np.ndarray, camera: np.ndarray) -> None:
        """Add the next frame and the camera picture that it was made from; both uint8 RGB [H, W, 3]."""
        self._frames.append(_luma(frame))
        self._camera.append(_luma(camera))

    def figures(self, shift: int) -> CameraFigures:
        """Return the figures so far; zeros if the camera picture never moved.

        Args:
            shift: frames by which the camera is later than the rollout for `by_chance`; half a clip.
        """
        frames, camera = _changes(self._frames), _changes(self._camera)
        seen = camera.max((1, 2), initial=0) >= SEEN_TO_MOVE
        if not seen.any():
            return CameraFigures(0.0, 0.0, 0.0)
        # What always moves at the same places, as a visitor in the middle of the picture does, proves nothing.
        of_frames, of_camera = frames - frames.mean(0), camera - camera.mean(0)
        later = np.roll(of_camera, -shift, 0)
        places = zip(frames[seen], camera[seen], strict=True)
        return CameraFigures(
            moves=_correlation(of_frames[seen], of_camera[seen]),
            by_chance=_correlation(of_frames[seen], later[seen]),
            placed=float(np.mean([np.linalg.norm(_busiest(a) - _busiest(b)) <= NEAR for a, b in places])),
        )


def _luma(picture: np.ndarray) -> np.ndarray:
    """Return the luma of a picture, float32 [36, 64]."""
    luma = cv2.cvtColor(cv2.resize(picture, SMALL, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    return luma.astype(np.float32)


def _changes(pictures: list[np.ndarray]) -> np.ndarray:
    """Return the changes between successive pictures, float32 [n − 1, 9, 16], levels."""
    changes = [np.abs(after - before) for before, after in pairwise(pictures)]
    cells = [cv2.resize(change, CELLS, interpolation=cv2.INTER_AREA) for change in changes]
    return np.array(cells, np.float32).reshape(-1, CELLS[1], CELLS[0])


def _correlation(some: np.ndarray, others: np.ndarray) -> float:
    """Return the mean correlation of float [n, 9, 16] with others, over the cells; what does not vary has 0."""
    a, b = (each.reshape(len(each), -1) for each in (some, others))
    a, b = (each - each.mean(1, keepdims=True) for each in (a, b))
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(1) / np.where(lengths < 1e-6, np.inf, lengths)).mean())


def _busiest(changes: np.ndarray) -> np.ndarray:
    """Return where most changes, (x, y) in picture widths, of [9, 16] smoothed by a cell."""
    smooth = cv2.GaussianBlur(changes, (0, 0), 1.0)
    row, column = np.unravel_index(smooth.argmax(), smooth.shape)
    return np.array([(column + 0.5) / CELLS[0], (row + 0.5) / CELLS[1] * HEIGHT])
