"""Detection of a collapse: pictures outside the film's ranges, and pictures that stand still."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from live.bundle.life_signs import LifeSigns
from live.frame import Pixels
from live.playback.collapse_guard import CollapseGuard

RATE = Fraction(12)
SIGNS = LifeSigns(sharpness=(0.2, 1.2), colour=((0.3, 0.7),) * 3, motion=0.01, stillness=0.5)

Make = Callable[[int], Pixels]
"""Returns the picture of a frame's number."""


def alive(number: int) -> Pixels:
    return np.random.default_rng(number).integers(60, 196, (24, 32, 3), np.uint8)


def blurred(number: int) -> Pixels:
    return np.full((24, 32, 3), 100 + 20 * (number % 2), np.uint8)


def burnt_out(number: int) -> Pixels:
    return np.where((np.indices((24, 32)).sum(0) + number)[..., None] % 2, 255, 0).astype(np.uint8).repeat(3, 2)


def dark(number: int) -> Pixels:
    return alive(number) // np.uint8(4)


def red(number: int) -> Pixels:
    return alive(number) * np.array([1, 0, 0], np.uint8)


def frames_before_collapse(make: Make, frames: int = 60, *, following: bool = False, signs: LifeSigns = SIGNS) -> int:
    """Return the number of frames before the guard reports a collapse; `frames` if it never does."""
    guard = CollapseGuard(signs, RATE)
    return next((n for n in range(frames) if guard.has_collapsed(make(n), following=following)), frames)


def test_pictures_like_the_film_are_no_collapse() -> None:
    assert frames_before_collapse(alive) == 60


@pytest.mark.parametrize("make", [blurred, burnt_out, dark, red])
def test_a_second_outside_the_film_is_a_collapse(make: Make) -> None:
    assert frames_before_collapse(make) == 11, "the twelfth frame in a row completes the second"


def test_less_than_a_second_outside_the_film_is_none() -> None:
    assert frames_before_collapse(lambda n: alive(n) if n % 12 == 0 else dark(n)) == 60


def test_stillness_longer_than_any_in_the_film_is_a_collapse() -> None:
    assert frames_before_collapse(lambda n: alive(0)) == 18, "half a second as in the film, and one more"
    assert frames_before_collapse(lambda n: alive(0), signs=replace(SIGNS, stillness=2.0)) == 36
    assert frames_before_collapse(lambda n: alive(0), following=True) == 60, "a camera's picture may stand still"


def test_a_reset_forgets_all_frames() -> None:
    guard = CollapseGuard(SIGNS, RATE)
    for _ in range(5):
        assert not any(guard.has_collapsed(alive(0), following=False) for _ in range(15))
        guard.reset()
