"""Shots of a rollout, found among the film's own."""

import numpy as np
import pytest

from tests.train.metrics.disc_film import FILM, RATE, SHOTS
from train.data.shots import Shot
from train.metrics.shot_stays import ShotFinder, ShotMeter, ShotStays


@pytest.fixture(scope="module")
def finder() -> ShotFinder:
    return ShotFinder(FILM, SHOTS)


def stays(finder: ShotFinder, indices: list[int]) -> ShotStays:
    meter = ShotMeter(finder, RATE)
    rng = np.random.default_rng(0)
    for i in indices:
        meter.add((FILM[i].astype(np.int16) + rng.integers(-4, 5, FILM[i].shape)).clip(0, 255).astype(np.uint8))
    return meter.figures()


def test_shares_and_the_longest_stay(finder: ShotFinder) -> None:
    first, second, third = (list(range(shot.start, shot.start + 36)) for shot in SHOTS)
    figures = stays(finder, first[:12] + third + second[:12] + third[:24] + first[:12])
    assert figures.shares == pytest.approx((24 / 96, 12 / 96, 60 / 96))
    assert figures.longest == pytest.approx(3)


def test_a_shot_that_is_never_seen_has_no_share(finder: ShotFinder) -> None:
    figures = stays(finder, list(range(60, 84)))
    assert figures.shares == (0, 1, 0)
    assert figures.longest == pytest.approx(2)


def test_what_the_story_leaves_out_is_no_shot() -> None:
    figures = stays(ShotFinder(FILM, (Shot(60, 108), Shot(108, 240))), list(range(130, 142)))
    assert figures.shares == (0, 1)


def test_nothing_is_in_no_shot(finder: ShotFinder) -> None:
    with pytest.raises(ValueError, match="add frames"):
        stays(finder, [])
