from fractions import Fraction

import numpy as np
import pytest

from live.bundle.seed_film import SeedFilm
from tests.live.bundles import make_film


@pytest.fixture
def film():
    return SeedFilm(make_film(12), shot_starts=(0, 5, 9), complete=True)


def test_moments_have_their_whole_context_in_one_shot(film) -> None:
    assert film.moments(12, context_frames=3) == [2, 3, 4, 7, 8, 11]
    assert film.moments(5, context_frames=3) == [7, 8, 11]
    assert film.moments(1, context_frames=3) == [11]
    assert film.moments(12, context_frames=1) == list(range(12))


def test_a_context_ends_with_its_moment(film) -> None:
    np.testing.assert_array_equal(film.context(11, 2), make_film(12)[10:12])
    np.testing.assert_array_equal(film.context(2, 3), make_film(12)[:3])


def test_the_tail_is_as_long_as_asked_or_as_there_is(film) -> None:
    assert film.tail_length(0, Fraction(12)) == 0
    assert film.tail_length(0.5, Fraction(12)) == 6
    assert film.tail_length(100, Fraction(12)) == 12
