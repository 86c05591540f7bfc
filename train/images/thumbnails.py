"""Every frame of a film or a rollout, remembered small: which of them are nearly the same?"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

THUMB = (32, 18)  # (w, h)
MOST_QUERIES = 4096  # frames of a rollout whose like is looked for; an hour's are spread evenly


def thumbnail(frame: np.ndarray) -> np.ndarray:
    """uint8 RGB [H, W, 3] -> uint8 RGB [18, 32, 3]: what is left of a frame when grain and detail are gone."""
    return cv2.resize(frame, THUMB, interpolation=cv2.INTER_AREA)


class ThumbnailMemory:
    """Thumbnails of many frames, and how near they come to one another: RMS difference in levels of 0…255."""

    def __init__(self) -> None:
        self._thumbs: list[np.ndarray] = []

    def add(self, thumb: np.ndarray) -> None:
        """uint8 [h, w, 3]."""
        self._thumbs.append(thumb)

    def nearest(self, queries: np.ndarray, among: ThumbnailMemory) -> np.ndarray:
        """Distance of thumbnails `queries` (indices) to the nearest of another memory; float [n]."""
        return np.concatenate(
            [among._least(self._vectors(queries[i : i + 256]), len(among._thumbs)) for i in range(0, len(queries), 256)]
        )

    def parting(self, other: ThumbnailMemory, far: float) -> int | None:
        """The first frame that is farther than `far` from the same one of another memory; None if none is."""
        pairs = zip(self._thumbs, other._thumbs, strict=False)
        apart = (index for index, (one, two) in enumerate(pairs) if np.square(one - two.astype(float)).mean() > far**2)
        return next(apart, None)

    def loop_share(self, gap: int, near: float) -> float:
        """Share of frames that come nearer than `near` to one of at least `gap` frames before."""
        late = np.arange(gap, len(self._thumbs))
        if not len(late):
            return 0.0
        queries = late[:: -(-len(late) // MOST_QUERIES)]
        repeated = 0
        for chunk in np.split(queries, range(256, len(queries), 256)):
            newest = chunk - gap + 1  # thumbnails that each may be compared with
            repeated += int((self._least(self._vectors(chunk), newest) < near).sum())
        return repeated / len(queries) * len(late) / len(self._thumbs)

    def _vectors(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """float32 [n, h·w·3], around middle grey, where float32 has digits to spare."""
        return np.stack([self._thumbs[i] for i in indices]).reshape(len(indices), -1).astype(np.float32) - 128

    def _least(self, vectors: np.ndarray, counts: int | np.ndarray) -> np.ndarray:
        """Distance of vectors [n, d] to the nearest of the first `counts` thumbnails here, by chunked products."""
        own = np.square(vectors).sum(1)
        least = np.full(len(vectors), np.inf, np.float32)
        reach = np.broadcast_to(counts, len(vectors))[:, None]
        most = int(reach.max())
        for begin in range(0, most, 4096):
            keys = self._vectors(range(begin, min(begin + 4096, most)))
            squares = own[:, None] + np.square(keys).sum(1) - 2 * vectors @ keys.T
            squares[begin + np.arange(len(keys)) >= reach] = np.inf
            least = np.minimum(least, squares.min(1))
        return np.sqrt(np.maximum(least, 0) / vectors.shape[1])
