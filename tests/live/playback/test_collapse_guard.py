"""Detection of a collapse: pictures outside the film's ranges, and pictures that stand still, unless it has them."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from live.bundle.life_signs import LifeSigns, OddPicture
from live.frame import Pixels
from live.images.frame_figures import picture_figures, thumbnail
from live.playback.collapse_guard import CollapseGuard

RATE = Fraction(12)
SIGNS = LifeSigns(sharpness=(0.2, 1.2), colour=((0.3, 0.7),) * 3, motion=0.01, stillness=0.0)
ENOUGH = 21
"""Frames of 1.75 seconds."""

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
def test_pictures_outside_the_film_are_a_collapse_within_two_seconds(make: Make) -> None:
    assert frames_before_collapse(make) == ENOUGH - 1, "the frame that completes the time"


def test_less_time_outside_the_film_is_none() -> None:
    assert frames_before_collapse(lambda n: alive(n) if n % ENOUGH == 0 else dark(n)) == 60


def test_stillness_is_a_collapse_within_two_seconds() -> None:
    assert frames_before_collapse(lambda n: alive(0)) == ENOUGH
    assert frames_before_collapse(lambda n: alive(0), following=True) == 60, "a camera's picture may stand still"


def test_an_older_bundle_allows_every_picture_the_longest_stillness_of_the_film() -> None:
    assert frames_before_collapse(lambda n: alive(0), signs=replace(SIGNS, stillness=2.0)) == 30


def night(number: int) -> Pixels:
    return alive(number) // np.uint8(8)


DAY_AND_NIGHT = replace(SIGNS, colour=((0.0, 0.7),) * 3)


def test_in_the_dark_pictures_may_be_less_sharp_and_move_less() -> None:
    """Night has an eighth of the day's light, sharpness and motion."""
    assert picture_figures(night(0)).sharpness < SIGNS.sharpness[0]
    assert frames_before_collapse(night, signs=DAY_AND_NIGHT) == 60
    assert frames_before_collapse(lambda n: night(n // 30), signs=DAY_AND_NIGHT) == ENOUGH, "but not stand still"
    assert frames_before_collapse(lambda n: alive(0) * np.uint8(0), signs=DAY_AND_NIGHT) == ENOUGH - 1, "nor be black"


def speckled(number: int) -> Pixels:
    """Dim noise, no sharper than the film."""
    return alive(number) // np.uint8(2) + np.uint8(64)


def test_contrast_and_grain_have_limits() -> None:
    film, noise = picture_figures(alive(0)), picture_figures(speckled(0))
    assert noise.sharpness < film.sharpness
    assert frames_before_collapse(speckled) == 60
    assert frames_before_collapse(speckled, signs=replace(SIGNS, grain=0.9 * noise.grain)) == ENOUGH - 1
    assert frames_before_collapse(alive, signs=replace(SIGNS, contrast=0.9 * film.contrast)) == ENOUGH - 1


def title(number: int) -> Pixels:
    picture = np.zeros((24, 32, 3), np.uint8)
    picture[8:16:2, 8:24] = 255
    return picture


def odd(pixels: Pixels, stillness: float) -> OddPicture:
    return OddPicture(stillness, picture_figures(pixels).sharpness, thumbnail(pixels).tobytes())


def test_an_odd_picture_of_the_film_is_no_collapse() -> None:
    def moving(number: int) -> Pixels:
        return title(0) if number % 2 else title(0) // np.uint8(4) * np.uint8(3)

    assert frames_before_collapse(moving) == ENOUGH - 1
    assert frames_before_collapse(moving, signs=replace(SIGNS, odd=(odd(title(0), 0.0), odd(moving(0), 0.0)))) == 60


def test_an_odd_picture_may_stand_still_as_long_as_in_the_film() -> None:
    signs = replace(SIGNS, odd=(odd(dark(0), 0.0), odd(title(0), 3.0)))
    assert frames_before_collapse(title, signs=signs) == 42, "half a second longer than the film"
    assert frames_before_collapse(lambda n: alive(0), signs=signs) == ENOUGH, "but no other picture"
    assert frames_before_collapse(blurred, signs=signs) == ENOUGH - 1


def test_a_reset_forgets_all_frames() -> None:
    guard = CollapseGuard(SIGNS, RATE)
    for _ in range(5):
        assert not any(guard.has_collapsed(alive(0), following=False) for _ in range(ENOUGH - 1))
        guard.reset()
