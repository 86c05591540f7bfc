"""The tail of a film: its last seconds, which a bundle carries so that the show can start from them."""

from __future__ import annotations

import numpy as np

from train.data.film import Film
from train.data.film_windows import FilmWindows
from train.data.shots import Story

TAIL_SECONDS = 10.0


def film_tail(film: Film, story: Story, windows: FilmWindows) -> tuple[np.ndarray, list[int]]:
    """Return the film's last seconds at the model's stride: uint8 RGB [n, H, W, 3], and where shots begin in them.

    The tail ends with the last frame that a context leads up to: the last film frame, if its shot is long enough.
    """
    # At a low rate it is longer than ten seconds: a context and the frame before it must always fit.
    count = max(windows.context_frames + 1, int(TAIL_SECONDS * float(film.step_rate(windows.stride))))
    indices = list(range(windows.last_frame, -1, -windows.stride))[:count][::-1]
    in_story = [(i, shot) for i in indices if (shot := story.shot_of(i)) is not None]
    shot_starts = [n for n, (_, shot) in enumerate(in_story) if n == 0 or shot != in_story[n - 1][1]]
    return np.asarray(film.frames[[i for i, _ in in_story]]), shot_starts
