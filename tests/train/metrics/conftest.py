"""Fixtures for the metrics."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from tests.train.metrics.disc_film import FILM, RATE, SHOTS, STRIDE
from train.metrics.fidelity import FilmFidelity
from train.metrics.film_statistics import FilmStatistics


@pytest.fixture(scope="session")
def disc_film() -> FilmStatistics:
    """The statistics of the film of discs."""
    return FilmStatistics(FILM, SHOTS, STRIDE, RATE)


@pytest.fixture(scope="session")
def disc_fidelity() -> FilmFidelity:
    """The same film as yardstick of fidelity; crops are compared by 6×6 pixels."""

    def pixels(crops: Sequence[np.ndarray]) -> np.ndarray:
        small = [cv2.resize(each, (6, 6), interpolation=cv2.INTER_AREA) for each in crops]
        return np.stack(small).reshape(len(crops), -1).astype(np.float32)

    return FilmFidelity(FILM, SHOTS, stride=STRIDE, rate=RATE, context_frames=2, features=pixels)


@pytest.fixture(scope="session")
def disc_steadiness() -> FilmFidelity:
    """The same without wholeness."""
    return FilmFidelity(FILM, SHOTS, stride=STRIDE, rate=RATE, context_frames=2, features=None)
