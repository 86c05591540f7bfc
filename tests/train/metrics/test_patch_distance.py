"""The distance of windows."""

import numpy as np
import pytest

from tests.train.metrics.disc_film import FILM
from train.images.thumbnails import thumbnail
from train.metrics.film_statistics import FilmStatistics
from train.metrics.patch_distance import Describer, Projected, distances


def project(describer: Describer, start: int) -> list[Projected]:
    return [describer.project(FILM[i], thumbnail(FILM[i])) for i in range(start, start + 24, 2)]


def test_the_distance_of_windows_is_a_distance() -> None:
    describer = Describer(list(FILM[::20]))
    windows = np.stack([describer.describe(project(describer, start))[0] for start in (0, 30, 120, 200)])
    between = distances(windows, windows)
    assert np.diag(between) == pytest.approx(0, abs=1e-6)
    assert between == pytest.approx(between.T)
    assert between[0, 1] < between[0, 2]  # seconds of one shot are nearer than those of two
    assert between[2, 3] < between[1, 3]


def test_the_distance_of_windows_is_that_of_all_their_patches(disc_film: FilmStatistics) -> None:
    """Quantiles approximate the sorted patches (Karras et al. 2018)."""
    describer = disc_film.describer
    sides = []
    for start in (0, 120):
        projected = project(describer, start)
        sides.append((np.sort(np.concatenate([p for p, _ in projected], 1), 1), describer.describe(projected)[0]))
    (one, one_described), (other, other_described) = sides
    exact = np.abs(one - other).mean()
    assert distances(one_described[None], other_described[None])[0, 0] == pytest.approx(exact, rel=0.03)
