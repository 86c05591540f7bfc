"""Thumbnails of every frame of a film or a rollout, and a search for nearly equal ones."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

THUMB = (32, 18)  # (w, h)
MOST_QUERIES = 4096  # frames of a rollout that are compared; in an hour they are spread evenly


def thumbnail(frame: np.ndarray) -> np.ndarray:
    """Shrink uint8 RGB [H, W, 3] to uint8 RGB [18, 32, 3], where grain and detail are gone."""
    return cv2.resize(frame, THUMB, interpolation=cv2.INTER_AREA)


class ThumbnailMemory:
    """Thumbnails of many frames. Their distance is the RMS difference in levels of 0…255."""

    def __init__(self) -> None:
        self._thumbs: list[np.ndarray] = []

    def add(self, thumb: np.ndarray) -> None:
        """Append a thumbnail, uint8 [h, w, 3]."""
        self._thumbs.append(thumb)

    def nearest(self, queries: np.ndarray, among: ThumbnailMemory) -> np.ndarray:
        """Return the distance of thumbnails `queries` (indices) to the nearest one of another memory; float [n]."""
        return np.concatenate(
            [
                among._nearest(self._vectors(queries[i : i + 256]), len(among._thumbs))
                for i in range(0, len(queries), 256)
            ]
        )

    def first_difference(self, other: ThumbnailMemory, far: float) -> int | None:
        """Return the first frame that is farther than `far` from the same frame of another memory, or None."""
        pairs = zip(self._thumbs, other._thumbs, strict=False)
        apart = (index for index, (one, two) in enumerate(pairs) if np.square(one - two.astype(float)).mean() > far**2)
        return next(apart, None)

    def loop_share(self, gap: int, near: float, most_queries: int = MOST_QUERIES) -> float:
        """Return the share of frames that are nearer than `near` to one that is at least `gap` frames older.

        Args:
            gap: in frames.
            near: a distance.
            most_queries: frames that are compared at most, spread evenly.
        """
        late = np.arange(gap, len(self._thumbs))
        if not len(late):
            return 0.0
        queries = late[:: -(-len(late) // most_queries)]
        repeated = 0
        for chunk in np.split(queries, range(256, len(queries), 256)):
            newest = chunk - gap + 1  # number of thumbnails that each may be compared with
            repeated += int((self._nearest(self._vectors(chunk), newest) < near).sum())
        return repeated / len(queries) * len(late) / len(self._thumbs)

    def _vectors(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return float32 [n, h·w·3], around middle grey, where float32 has digits to spare."""
        return np.stack([self._thumbs[i] for i in indices]).reshape(len(indices), -1).astype(np.float32) - 128

    def _nearest(self, vectors: np.ndarray, counts: int | np.ndarray) -> np.ndarray:
        """Return the distance of vectors [n, d] to the nearest of the first `counts` thumbnails, in chunks."""
        own = np.square(vectors).sum(1)
        least = np.full(len(vectors), np.inf, np.float32)
        limits = np.broadcast_to(counts, len(vectors))[:, None]
        most = int(limits.max())
        for begin in range(0, most, 4096):
            keys = self._vectors(range(begin, min(begin + 4096, most)))
            squares = own[:, None] + np.square(keys).sum(1) - 2 * vectors @ keys.T
            squares[begin + np.arange(len(keys)) >= limits] = np.inf
            least = np.minimum(least, squares.min(1))
        distances: np.ndarray = np.sqrt(np.maximum(least, 0) / vectors.shape[1])
        return distances
