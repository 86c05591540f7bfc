"""Tests of the video drift error."""

import numpy as np
import pytest

from train.metrics.drift import CHUNKS, LEAST, drift_error


def test_a_constant_figure_does_not_drift() -> None:
    assert drift_error(np.full(90, 0.7)) == 0


def test_each_chunk_counts_by_its_weight() -> None:
    """Three chunks with means of 2, 3 and 1: 2 · |3 − 2| / 2 + 1 · |1 − 2| / 2."""
    assert drift_error(np.array([1.0, 3.0, 3.0, 3.0, 1.0, 1.0]), chunks=3) == pytest.approx(1.5)


def test_an_early_drift_weighs_more_than_a_late_one() -> None:
    early, late = np.ones(CHUNKS * 9), np.ones(CHUNKS * 9)
    early[9:18] = late[-9:] = 2
    assert drift_error(early) == pytest.approx(CHUNKS - 1)
    assert drift_error(late) == pytest.approx(1)


def test_a_short_rollout_has_fewer_chunks() -> None:
    assert drift_error(np.array([1.0, 2.0])) == pytest.approx(1)
    assert drift_error(np.array([1.0])) == 0


def test_a_rollout_that_begins_still_has_a_finite_drift() -> None:
    assert drift_error(np.zeros(20)) == 0
    assert drift_error(np.array([0.0, 1.0])) == pytest.approx(1 / LEAST)
