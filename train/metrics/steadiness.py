"""Flicker, grain and jumps: what stands still, is it still and smooth? How often does the whole picture change?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from train.data.shots import Shot
from train.images.frames import Frames
from train.images.grain import grain

QUIET = 30  # percentile over pixels: the quieter part of a picture, where nothing moves
JUMP = 20.0  # levels: a mean absolute change above this is a jump


@dataclass(frozen=True)
class Steadiness:
    """Steadiness of a rollout or of a film."""

    flicker: float  # levels: 30th percentile over pixels of the deviation over a second, median over seconds
    grain: float  # levels: see `train.images.grain`, median over seconds
    jumps: float  # a minute: changes from one frame to the next above 20 levels


class SteadinessMeter:
    """Takes pictures one by one. The light of a pixel is the mean of its three channels."""

    def __init__(self, window: int, rate: float) -> None:
        """Begin.

        Args:
            window: frames of a second.
            rate: frames a second.
        """
        self._window, self._rate = window, rate
        self._before: np.ndarray | None = None
        self._second: list[np.ndarray] = []
        self._flickers: list[float] = []
        self._grains: list[float] = []
        self._frames = self._jumps = 0

    def add(self, frame: np.ndarray) -> None:
        """Add the next frame, uint8 RGB [H, W, 3]."""
        self._frames += 1
        if self._before is not None:
            self._jumps += is_jump(frame, self._before)
        self._before = frame.copy()
        self._second.append(frame.sum(2, dtype=np.uint16))
        if len(self._second) == self._window:
            self._flickers.append(flicker(self._second))
            self._grains.append(grain(frame))
            self._second.clear()

    def figures(self) -> Steadiness:
        """Return the figures so far; an unfinished second has neither flicker nor grain."""
        minutes = self._frames / self._rate / 60
        jumps = self._jumps / minutes if minutes else 0.0
        return Steadiness(_median(self._flickers), _median(self._grains), jumps)


def film_steadiness(frames: Frames, shots: Sequence[Shot], stride: int, rate: float) -> Steadiness:
    """Measure a film as if it were a rollout; its cuts are jumps, and no second holds one.

    Args:
        frames: uint8 RGB [T, H, W, 3]; may be memory-mapped.
        shots: of the story.
        stride: film frames of a step.
        rate: steps a second.
    """
    window = max(1, round(rate))
    steps = [range(shot.start, shot.stop, stride) for shot in shots]
    flickers, grains = [], []
    for shot in steps:
        length = min(window, len(shot))
        for begin in range(0, len(shot) - length + 1, length):
            second = [frames[i] for i in shot[begin : begin + length]]
            flickers.append(flicker([frame.sum(2, dtype=np.uint16) for frame in second]))
            grains.append(grain(second[-1]))
    indices = [i for shot in steps for i in shot]
    jumps = sum(is_jump(frames[b], frames[a]) for a, b in pairwise(indices))
    return Steadiness(_median(flickers), _median(grains), jumps / (len(indices) / rate / 60))


def flicker(second: Sequence[np.ndarray]) -> float:
    """Return the 30th percentile over pixels of the deviation over a second, in levels.

    Args:
        second: sums of three channels, uint16 [H, W] each. Whole numbers keep a still picture at exactly 0.
    """
    count = len(second)
    total = np.zeros(second[0].shape, np.int64)
    squares = np.zeros(second[0].shape, np.int64)
    for picture in second:
        wide = picture.astype(np.int64)
        total += wide
        squares += wide * wide
    return float(np.sqrt(np.percentile(count * squares - total * total, QUIET)) / (3 * count))


def is_jump(frame: np.ndarray, before: np.ndarray) -> bool:
    """Return whether two successive frames, uint8 RGB [H, W, 3], differ by more than 20 levels on average."""
    return cv2.norm(frame, before, cv2.NORM_L1) / frame.size > JUMP


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else 0.0
