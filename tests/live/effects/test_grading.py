"""Grading: each parameter alone, and nothing at the defaults."""

import colorsys

import numpy as np
import pytest

from live.effects.grading import Grading
from live.frame import Pixels

COLOURS = np.random.default_rng(1).integers(60, 196, (6, 8, 3), np.uint8)
RAMP = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)


def one(red: int, green: int, blue: int) -> Pixels:
    return np.array([[[red, green, blue]]], np.uint8)


def test_at_its_defaults_the_very_picture_is_returned() -> None:
    assert Grading().apply(COLOURS) is COLOURS
    assert Grading(tint_hue=200.0, lut_mix=0.5).apply(COLOURS) is COLOURS


def test_the_picture_is_not_written_to() -> None:
    before = COLOURS.copy()
    shown = Grading(gain=2, gamma=2, saturation=2, hue=90, tint=0.5).apply(COLOURS)
    np.testing.assert_array_equal(COLOURS, before)
    assert (shown.dtype, shown.shape) == (COLOURS.dtype, COLOURS.shape)


def test_gain_multiplies() -> None:
    np.testing.assert_array_equal(Grading(gain=0.0).apply(RAMP), 0)
    np.testing.assert_array_equal(Grading(gain=2.0).apply(RAMP), np.minimum(2 * RAMP.astype(int), 255))


def test_gamma_keeps_black_and_white_and_brightens_between_them_above_1() -> None:
    brighter, darker = (Grading(gamma=gamma).apply(RAMP)[0, :, 0].astype(int) for gamma in (2.0, 0.5))
    for levels in (brighter, darker):
        assert (levels[0], levels[255]) == (0, 255)
        assert (np.diff(levels) >= 0).all()
    assert brighter[64] == round(255 * (64 / 255) ** 0.5)
    assert darker[64] == round(255 * (64 / 255) ** 2)


def test_without_saturation_the_picture_is_as_grey_as_it_was_bright() -> None:
    grey = Grading(saturation=0.0).apply(COLOURS)
    assert (grey == grey[..., :1]).all()
    np.testing.assert_allclose(grey[..., 0], COLOURS @ np.array([0.2126, 0.7152, 0.0722]), atol=1)
    np.testing.assert_array_equal(Grading(saturation=3.0).apply(RAMP), RAMP, "grey has no colour to gain")


@pytest.mark.parametrize(("hue", "turned"), [(120.0, (80, 200, 80)), (-120.0, (80, 80, 200)), (180.0, (40, 160, 160))])
def test_hue_turns_red_to_green_to_blue(hue: float, turned: tuple[int, int, int]) -> None:
    np.testing.assert_allclose(Grading(hue=hue).apply(one(200, 80, 80))[0, 0], turned, atol=1)
    np.testing.assert_array_equal(Grading(hue=hue).apply(RAMP), RAMP)


@pytest.mark.parametrize("tint_hue", [0.0, 35.0, 120.0, 240.0, 360.0])
def test_a_full_tint_leaves_one_hue(tint_hue: float) -> None:
    colour = np.array(colorsys.hsv_to_rgb(tint_hue / 360, 1, 1))
    tinted = Grading(tint=1.0, tint_hue=tint_hue).apply(COLOURS)
    luma = COLOURS @ np.array([0.2126, 0.7152, 0.0722])
    np.testing.assert_allclose(tinted, luma[..., None] * colour, atol=1)
    half = Grading(tint=0.5, tint_hue=tint_hue).apply(COLOURS)
    np.testing.assert_allclose(half, (COLOURS + luma[..., None] * colour) / 2, atol=1)
