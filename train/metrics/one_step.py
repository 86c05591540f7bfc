"""Error of a single step from frames of the film, beside that of standing still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np

from train.data.shots import Shot
from train.images.frames import Frames

SMALL_PIXELS = 64 * 36  # the small frame of the shipped network; fixed, so that networks can be compared
MOST_TARGETS = 200  # film frames to be predicted; spread evenly
TESTED_SHARE = 0.25  # of a short film's frames at most: the others are needed for its manifold
LEAST_ERROR = 0.1 / 127.5  # unit of errors for a film that stands still for more than half of its time


@dataclass(frozen=True)
class OneStep:
    """Errors of one step: L1, −1…1, median over film frames.

    "Over copying" is divided by the error of copying the last frame; "over the better" by the lesser one of copying
    and of linear extrapolation, 2 · last − the one before.
    """

    error: float  # at 64×36 pixels, or as many in proportion
    over_copying: float
    over_better: float
    picture_error: float  # at the picture's size
    picture_over_copying: float
    picture_over_better: float
    wholeness: float | None = None  # see `train.metrics.wholeness`; None where it is not measured

    def to_json(self) -> dict[str, float | None]:
        """Return all figures, rounded to five digits."""
        return {name: value if value is None else float(f"{value:.5g}") for name, value in asdict(self).items()}


def target_frames(shots: Sequence[Shot], stride: int, context_frames: int, most: int = MOST_TARGETS) -> list[int]:
    """Return film indices to be predicted, even over the story, each with its context in the same shot.

    There are two film frames before each at least, for the linear extrapolation.
    """
    reach = stride * max(2, context_frames)
    every = [i for shot in shots for i in range(shot.start + reach, shot.stop)]
    count = min(most, max(1, int(TESTED_SHARE * len(every)))) if every else 0
    return [every[int((n + 0.5) * len(every) / count)] for n in range(count)]


def measure_one_step(
    predict: Callable[[int], np.ndarray],
    frames: Frames,
    targets: Sequence[int],
    stride: int,
    wholeness: float | None = None,
) -> OneStep:
    """Measure predictions of film frames.

    Args:
        predict: returns the prediction of a film frame from those before it, uint8 RGB [H, W, 3].
        frames: the film, uint8 RGB [T, H, W, 3].
        targets: film indices, at least one; see `target_frames`.
        stride: film frames of a step.
        wholeness: of the predictions.
    """
    small: list[list[float]] = []
    whole: list[list[float]] = []
    for target in targets:
        truth, last, before = (frames[target - n * stride].astype(np.float32) for n in range(3))
        linear = (2 * last - before).clip(0, 255)
        answers = (predict(target).astype(np.float32), last, linear)
        whole.append([_l1(answer, truth) for answer in answers])
        small.append([_l1(_shrink(answer), _shrink(truth)) for answer in answers])
    return OneStep(*_over(small), *_over(whole), wholeness)


def _over(errors: list[list[float]]) -> tuple[float, float, float]:
    """Return the median error of the predictions, over that of copying, and over the better."""
    ours, copying, linear = np.median(errors, axis=0).tolist()
    return ours, ours / max(copying, LEAST_ERROR), ours / max(min(copying, linear), LEAST_ERROR)


def _l1(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean absolute difference in the −1…1 range of pictures in levels."""
    return float(np.abs(one - other).mean() / 127.5)


def _shrink(picture: np.ndarray) -> np.ndarray:
    """Reduce float32 [H, W, 3] in proportion to about 64×36 pixels; smaller pictures stay."""
    height, width = picture.shape[:2]
    scale = min(1.0, (SMALL_PIXELS / (height * width)) ** 0.5)
    return cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
