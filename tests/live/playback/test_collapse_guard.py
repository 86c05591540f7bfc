from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from live.bundle.life_signs import LifeSigns
from live.playback.collapse_guard import CollapseGuard

RATE = Fraction(12)
SIGNS = LifeSigns(sharpness=(0.2, 1.2), colour=((0.3, 0.7),) * 3, motion=0.01, stillness=0.5)


def alive(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(60, 196, (24, 32, 3), np.uint8)


def lives_for(make, frames: int = 60, *, led: bool = False, signs: LifeSigns = SIGNS) -> int:
    """For how many frames what `make(n)` gives is taken for alive."""
    watch = CollapseGuard(signs, RATE)
    return next((n for n in range(frames) if not watch.lives(make(n), led=led)), frames)


def test_what_is_like_the_film_lives() -> None:
    assert lives_for(alive) == 60


@pytest.mark.parametrize(
    "make",
    [
        lambda n: np.full((24, 32, 3), 100 + 20 * (n % 2), np.uint8),  # blurred to nothing
        lambda n: np.where((np.indices((24, 32)).sum(0) + n)[..., None] % 2, 255, 0).astype(np.uint8).repeat(3, 2),
        lambda n: alive(n) // np.uint8(4),  # dark
        lambda n: alive(n) * np.array([1, 0, 0], np.uint8),  # red
    ],
    ids=["blurred", "burnt out", "dark", "red"],
)
def test_what_leaves_the_film_for_a_second_is_dead(make) -> None:
    assert lives_for(make) == 11, "the twelfth frame in a row ends the second"


def test_what_leaves_it_for_less_lives() -> None:
    assert lives_for(lambda n: alive(n) // np.uint8(4 if n % 12 else 1)) == 60


def test_what_stands_still_for_longer_than_the_film_ever_does_is_dead() -> None:
    assert lives_for(lambda n: alive(0)) == 18, "half a second of the film's, and one"
    assert lives_for(lambda n: alive(0), signs=replace(SIGNS, stillness=2.0)) == 36
    assert lives_for(lambda n: alive(0), led=True) == 60, "before a camera it may"


def test_what_was_seen_can_be_forgotten() -> None:
    watch = CollapseGuard(SIGNS, RATE)
    for _ in range(5):
        assert all(watch.lives(alive(0), led=False) for _ in range(15))
        watch.forget()
