"""The film's tail that a bundle carries."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from train.data.film import Film
from train.data.film_windows import FilmWindows
from train.data.shots import Story

SEED_SECONDS = 10.0  # how much of the film's end a bundle carries


def seed_of(film: Film, story: Story, windows: FilmWindows) -> tuple[np.ndarray, list[int]]:
    """The film's last seconds at the model's stride: uint8 RGB [n, H, W, 3], and where shots begin in them.

    They end with the last frame that a context leads up to: the last film frame, if its shot is long enough.
    """
    # At a slow rate more than ten seconds: a context and the frame before it must always be there.
    count = max(windows.context_frames + 1, int(SEED_SECONDS * float(rate_of(film, windows.stride))))
    indices = list(range(windows.last, -1, -windows.stride))[:count][::-1]
    told = [(i, shot) for i in indices if (shot := story.shot_of(i)) is not None]
    starts = [n for n, (_, shot) in enumerate(told) if n == 0 or shot != told[n - 1][1]]
    return np.asarray(film.frames[[i for i, _ in told]]), starts


def rate_of(film: Film, stride: int) -> Fraction:
    """Steps a second of the continuation."""
    return film.frame_rate / stride
