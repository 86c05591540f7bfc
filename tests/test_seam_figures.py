"""Stage and studio measure frames alike: the limits of the collapse guard come from the studio."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from live.playback import frame_figures as stage
from train.images import frame_figures as studio
from train.sample_film import SHOTS, render

Pixels = NDArray[np.uint8]

SIZE = (256, 144)
TOLERANCE = 1e-6  # relative


def random_pair() -> tuple[Pixels, Pixels]:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, SIZE[1], SIZE[0], 3), np.uint8)
    return first, second


def film_pair() -> tuple[Pixels, Pixels]:
    shot = SHOTS[len(SHOTS) // 2]
    return render(shot.first, SIZE), render(shot.first + 2, SIZE)


def blurred_pair() -> tuple[Pixels, Pixels]:
    first, second = (cv2.GaussianBlur(pixels, (0, 0), 4).astype(np.uint8) for pixels in film_pair())
    return first, second


def black_and_white_pair() -> tuple[Pixels, Pixels]:
    return np.zeros((SIZE[1], SIZE[0], 3), np.uint8), np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)


def stripes_pair() -> tuple[Pixels, Pixels]:
    stripes = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    stripes[:, ::2] = 255
    return stripes, np.roll(stripes, 1, 1)


def odd_pair() -> tuple[Pixels, Pixels]:
    """Views of an odd size that are not contiguous."""
    first, second = random_pair()
    return first[1:52, 3:80], second[1:52, 3:80]


@pytest.mark.parametrize("pair", [random_pair, film_pair, blurred_pair, black_and_white_pair, stripes_pair, odd_pair])
def test_stage_and_studio_measure_alike(pair: Callable[[], tuple[Pixels, Pixels]]) -> None:
    before, pixels = pair()
    for each in (before, pixels):
        figures = stage.picture_figures(each)
        assert figures.sharpness == pytest.approx(studio.sharpness(each), rel=TOLERANCE)
        assert (figures.contrast, figures.light) == pytest.approx(studio.contrast_and_light(each), rel=TOLERANCE)
    assert stage.motion(pixels, before) == pytest.approx(studio.motion(pixels, before), rel=TOLERANCE)
    assert stage.motion(pixels, pixels) == studio.motion(pixels, pixels) == 0


def test_the_figures_of_a_real_frame_are_not_zero() -> None:
    before, pixels = film_pair()
    figures = stage.picture_figures(pixels)
    assert min(figures.sharpness, figures.contrast, figures.light) > 0.01
    assert 0 < stage.motion(pixels, before) < 0.2
