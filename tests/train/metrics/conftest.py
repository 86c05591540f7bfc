"""Fixtures for the metrics."""

import pytest

from tests.train.metrics.disc_film import FILM, RATE, SHOTS, STRIDE
from train.metrics.film_statistics import FilmStatistics


@pytest.fixture(scope="session")
def disc_film() -> FilmStatistics:
    """The statistics of the film of discs."""
    return FilmStatistics(FILM, SHOTS, STRIDE, RATE)
