"""Shots of a rollout: which shot of the film each of its frames resembles most, and how long it stays there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from train.data.shots import Shot
from train.images.frames import Frames
from train.images.thumbnails import thumbnail

MOST_THUMBNAILS = 5000  # of the film; those of a longer one are spread evenly
BATCH = 256  # frames that are looked up at once


@dataclass(frozen=True)
class ShotStays:
    """Shots that a rollout was in, and how long."""

    shares: tuple[float, ...]  # share of its frames in each shot of the story, in order
    longest: float  # seconds without leaving a shot


class ShotFinder:
    """Finds the shot of the film whose thumbnails hold the nearest one to a frame's."""

    def __init__(self, frames: Frames, shots: Sequence[Shot]) -> None:
        """Collect the film's thumbnails.

        Args:
            frames: uint8 RGB [T, H, W, 3]; may be memory-mapped.
            shots: of the story.
        """
        self.count = len(shots)
        indices = np.concatenate([np.arange(shot.start, shot.stop) for shot in shots])
        numbers = np.repeat(np.arange(len(shots)), [len(shot) for shot in shots])
        every = -(-len(indices) // MOST_THUMBNAILS)
        self._numbers = numbers[::every]
        self._keys = _vectors([thumbnail(frames[i]) for i in indices[::every]])
        self._squares = np.square(self._keys).sum(1)

    def shots_of(self, thumbs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the shot number of thumbnails, int [n]."""
        found = [np.zeros(0, int)]
        for begin in range(0, len(thumbs), BATCH):
            distances = self._squares - 2 * _vectors(thumbs[begin : begin + BATCH]) @ self._keys.T
            found.append(self._numbers[distances.argmin(1)])
        return np.concatenate(found)


class ShotMeter:
    """Takes a rollout frame by frame."""

    def __init__(self, finder: ShotFinder, rate: float) -> None:
        """Begin a rollout at `rate` frames a second."""
        self._finder, self._rate = finder, rate
        self._thumbs: list[np.ndarray] = []

    def add(self, frame: np.ndarray) -> None:
        """Add the next frame, uint8 RGB [H, W, 3]."""
        self._thumbs.append(thumbnail(frame))

    def figures(self) -> ShotStays:
        """Return the figures of the frames so far.

        Raises:
            ValueError: there are none.
        """
        if not self._thumbs:
            raise ValueError("a rollout without frames is in no shot; add frames before asking for figures")
        numbers = self._finder.shots_of(self._thumbs)
        shares = np.bincount(numbers, minlength=self._finder.count) / len(numbers)
        longest = max(sum(1 for _ in run) for _, run in groupby(numbers.tolist()))
        return ShotStays(tuple(shares.tolist()), longest / self._rate)


def _vectors(thumbs: Sequence[np.ndarray]) -> np.ndarray:
    """Return float32 [n, h·w·3], around middle grey, where float32 has digits to spare."""
    return np.stack(thumbs).reshape(len(thumbs), -1).astype(np.float32) - 128
