"""Grain of pictures whose roughness is known."""

import numpy as np
import pytest

from train.images.grain import grain

HEIGHT, WIDTH = 108, 192  # places have sides of four pixels


def sky() -> np.ndarray:
    """Return light that falls evenly from left to right and from top to bottom, float [H, W]."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    light: np.ndarray = 40 + rows + columns / 2
    return light


def picture(light: np.ndarray) -> np.ndarray:
    return np.repeat(np.rint(light)[..., None], 3, 2).astype(np.uint8)


def test_an_even_slope_has_no_grain() -> None:
    assert grain(picture(np.full((HEIGHT, WIDTH), 90.0))) == pytest.approx(0, abs=1e-6)
    assert grain(picture(sky())) < 0.4  # of rounding


def test_a_weave_has_its_amplitude() -> None:
    weave = 5.0 * (1 - np.indices((HEIGHT, WIDTH)).sum(0) % 2 * 2)
    assert grain(picture(90 + weave)) == pytest.approx(5)


def test_only_the_smoother_part_counts() -> None:
    rng = np.random.default_rng(0)
    light = np.full((HEIGHT, WIDTH), 90.0)
    light[:, : WIDTH // 2] += rng.normal(0, 30, (HEIGHT, WIDTH // 2))
    assert grain(picture(light)) == pytest.approx(0, abs=1e-6)
    light[:, : WIDTH * 3 // 4] += rng.normal(0, 30, (HEIGHT, WIDTH * 3 // 4))
    assert grain(picture(light)) > 5


def test_narrow_pictures_have_a_grain() -> None:
    for height, width in ((8, 1024), (1024, 8), (8, 8)):
        assert grain(np.full((height, width, 3), 7, np.uint8)) == pytest.approx(0, abs=1e-6)
