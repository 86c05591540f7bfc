"""Frames at an even rate, of pictures that are shown for uneven times, as in GIFs and recordings of screens."""

from __future__ import annotations

import math

import numpy as np

NEARLY_ALL = 0.97  # share of steps of the usual length from which on the others are exceptions
SHORT_STEPS = 0.1  # share of steps that may be shorter than the frames, where lengths vary


def usual_step(times: np.ndarray) -> float:
    """Return the usual time from one picture to the next, in seconds.

    Args:
        times: seconds, ascending, float [n].
    """
    steps = np.diff(times)
    return _mean_near(steps, np.sort(steps)[len(steps) // 2])


def even_frames(times: np.ndarray, last_length: float) -> tuple[np.ndarray, float] | None:
    """Choose the picture of every frame, so that each is shown for as long as its file says.

    Args:
        times: seconds at which pictures begin, ascending, float [n].
        last_length: seconds for which the last picture stands; 0 if unknown.

    Returns:
        Index of the picture of each frame, int [m], and seconds from frame to frame; None if the pictures are frames.
    """
    steps = np.diff(times)
    step = usual_step(times)
    counts = _frame_counts(steps, step)
    if (counts == 1).mean() < NEARLY_ALL:
        step = _mean_near(steps, np.sort(steps)[int(len(steps) * SHORT_STEPS)])
        counts = _frame_counts(steps, step)
    last = max(1, math.floor(last_length / step + 0.501))  # half a frame more counts, as in FFmpeg
    if last == 1 and (counts == 1).all():
        return None
    return np.repeat(np.arange(len(times)), [*counts, last]), step


def _mean_near(steps: np.ndarray, centre: float) -> float:
    """Return the mean of the steps about as long as `centre`; a mean, as containers round times to milliseconds."""
    return float(steps[np.abs(steps - centre) <= 0.6 * centre].mean())


def _frame_counts(steps: np.ndarray, step: float) -> np.ndarray:
    """Return for how many frames each picture but the last stands, int [n - 1].

    What rounding leaves goes to the next picture. Times that swing by less than half a frame are left alone.
    """
    counts = np.ones(len(steps), int)
    left = 0.0
    for index, length in enumerate((steps / step).tolist()):
        left += length
        if not 0.25 < left < 1.75:
            counts[index] = round(left)
        left -= counts[index]
    return counts
