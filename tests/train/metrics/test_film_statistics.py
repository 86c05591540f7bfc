"""The figures of a film, whatever the order and number of its shots."""

import numpy as np
import pytest

from tests.train.metrics.disc_film import FILM, RATE, SHOTS, STRIDE, measure, replay
from train.data.shots import Shot
from train.metrics.film_statistics import FilmStatistics, longest_run
from train.metrics.scoring import Check, bars, score


def test_windows_of_the_film_never_cross_a_cut() -> None:
    """The same shots in another order have the same statistics."""
    turned = [SHOTS[2], SHOTS[0], SHOTS[1]]
    frames = np.concatenate([FILM[shot.start : shot.stop] for shot in turned])
    moved, begin = [], 0
    for shot in turned:
        moved.append(Shot(begin, begin + len(shot)))
        begin += len(shot)
    one, other = FilmStatistics(FILM, SHOTS, STRIDE, RATE), FilmStatistics(frames, moved, STRIDE, RATE)
    assert one.figures.motion == pytest.approx(other.figures.motion)
    assert one.figures.motion_range == pytest.approx(other.figures.motion_range)
    assert len(one.patches) == len(other.patches)


def test_a_film_of_shots_shorter_than_a_second_has_windows() -> None:
    shots = [Shot(i, i + 10) for i in range(0, 240, 10)]
    film = FilmStatistics(FILM, shots, STRIDE, RATE)
    assert len(film.patches) == len(shots)
    assert measure(film, replay(6)).likeness < 0.35


def test_a_plain_picture_is_no_error() -> None:
    grey = np.full((40, 48, 64, 3), 90, np.uint8)
    film = FilmStatistics(grey, [Shot(0, 40)], 1, RATE)
    figures = measure(film, grey)
    assert figures.likeness == 0
    assert np.isfinite(score([[Check.of(bar, figures) for bar in bars(figures)]]))


def test_only_a_single_shot_of_a_camera_at_rest_is_static() -> None:
    shot = FILM[108:]
    assert FilmStatistics(shot, [Shot(0, len(shot))], STRIDE, RATE).figures.static
    panned = np.stack([np.roll(frame, 2 * i, 1) for i, frame in enumerate(shot)])
    assert not FilmStatistics(panned, [Shot(0, len(panned))], STRIDE, RATE).figures.static
    assert not FilmStatistics(FILM, SHOTS, STRIDE, RATE).figures.static


def test_a_slow_stride_makes_windows_of_single_frames() -> None:
    film = FilmStatistics(FILM, SHOTS, 40, 24 / 40)
    figures = measure(film, FILM[::40])
    assert len(figures.motion_curve) == 6
    assert figures.seconds == pytest.approx(10)


def test_runs_are_counted() -> None:
    assert longest_run(np.array([True, True, False, True])) == 2
    assert longest_run(np.array([False, True, True, True])) == 3
    assert longest_run(np.array([], bool)) == 0
