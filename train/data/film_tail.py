"""The tail of a film: its last seconds, which a bundle carries so that the show can start from them."""

from __future__ import annotations

from bisect import bisect
from itertools import pairwise

import numpy as np

from train.data.film import Film
from train.data.film_windows import FilmWindows
from train.data.probing.film_sound import SAMPLE_RATE, sound_between
from train.data.shots import Shot, Story

TAIL_SECONDS = 10.0
LONGEST_JITTER = 0.1  # seconds by which timestamps may be wrong; beyond, the tail leaves out some of the film


def film_tail(film: Film, story: Story, windows: FilmWindows) -> tuple[np.ndarray, list[int]]:
    """Return the film's last seconds at the model's stride: uint8 RGB [n, H, W, 3], and where shots begin in them.

    The tail ends with the last frame that a context leads up to: the last film frame, if its shot is long enough.
    """
    indices, shots = _tail_indices(film, story, windows)
    shot_starts = [0, *(n for n, (before, shot) in enumerate(pairwise(shots), 1) if before != shot)]
    return np.asarray(film.frames[indices]), shot_starts


def tail_sound(film: Film, story: Story, windows: FilmWindows) -> np.ndarray | None:
    """Return the sound of the tail, as long as its frames: int16 [n, 2], in stereo, 48,000 samples a second.

    Returns:
        the sound; None if the film has none there, or if its clock jumped, as its sound then stands elsewhere.
    """
    rate = film.step_rate(windows.stride)
    indices, _ = _tail_indices(film, story, windows)
    edges = [round(n / rate * SAMPLE_RATE) for n in range(len(indices) + 1)]
    parts = [bisect(film.starts, index) - 1 for index in indices]
    # Where the film's next piece begins. Within one, the sound goes on without a seam, whatever the timestamps say.
    begins, expected = list[int](), -1.0
    for n, (index, part) in enumerate(zip(indices, parts, strict=True)):
        time = float(film.times[index])
        if not n or part != parts[n - 1] or abs(time - expected) > LONGEST_JITTER:
            begins.append(n)
            expected = time
        expected += float(1 / rate)
    sound = np.zeros((edges[-1], 2), np.int16)
    for first, end in pairwise([*begins, len(indices)]):
        file = film.files[parts[first]]
        if file.findings.closed:
            continue
        found = sound_between(file.path, float(film.times[indices[first]]), edges[end] - edges[first])
        if found is not None:
            sound[edges[first] : edges[end]] = found
    return sound if sound.any() else None


def _tail_indices(film: Film, story: Story, windows: FilmWindows) -> tuple[list[int], list[Shot]]:
    """Return the film indices of the tail, and the shot of each."""
    # At a low rate it is longer than ten seconds: a context and the frame before it must always fit.
    count = max(windows.context_frames + 1, int(TAIL_SECONDS * float(film.step_rate(windows.stride))))
    indices = list(range(windows.last_frame, -1, -windows.stride))[:count][::-1]
    in_story = [(i, shot) for i in indices if (shot := story.shot_of(i)) is not None]
    return [i for i, _ in in_story], [shot for _, shot in in_story]
