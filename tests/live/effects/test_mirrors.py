"""Mirrors and kaleidoscope: which part is kept, and that the rest are its mirror images."""

import cv2
import numpy as np
import pytest

from live.effects.mirrors import Mirrors
from live.frame import Pixels


def picture(height: int, width: int) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("kaleidoscope", [0.0, 0.4])
def test_without_mirrors_the_very_picture_is_returned(kaleidoscope: float) -> None:
    pixels = picture(8, 10)
    assert Mirrors(kaleidoscope=kaleidoscope).apply(pixels) is pixels


@pytest.mark.parametrize("size", [(36, 64), (35, 63)])
@pytest.mark.parametrize(
    ("part", "rows", "columns"),
    [
        ("left", slice(None), slice(0, 31)),
        ("right", slice(None), slice(-31, None)),
        ("top", slice(0, 17), slice(None)),
        ("bottom", slice(-17, None), slice(None)),
        ("quarter", slice(0, 17), slice(0, 31)),
    ],
)
def test_one_part_covers_the_rest(size: tuple[int, int], part: str, rows: slice, columns: slice) -> None:
    pixels = picture(*size)
    before = pixels.copy()
    shown = Mirrors(part).apply(pixels)
    np.testing.assert_array_equal(pixels, before)
    np.testing.assert_array_equal(shown[rows, columns], pixels[rows, columns])
    if part in ("left", "right", "quarter"):
        np.testing.assert_array_equal(shown, shown[:, ::-1])
    if part in ("top", "bottom", "quarter"):
        np.testing.assert_array_equal(shown, shown[::-1])


@pytest.mark.parametrize("count", [1, 2, 5, 6, 12])
def test_a_kaleidoscope_looks_the_same_after_a_turn_and_in_a_mirror(count: int) -> None:
    height, width = 201, 301
    pixels = cv2.GaussianBlur(picture(height, width), (0, 0), 6)
    shown = Mirrors(kaleidoscope=float(count)).apply(np.asarray(pixels, np.uint8))
    np.testing.assert_allclose(shown[::-1], shown.astype(int), atol=2)
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 360 / count, 1.0)
    turned = cv2.warpAffine(shown, turn, (width, height))
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(y - (height - 1) / 2, x - (width - 1) / 2) < 98
    assert np.abs(turned.astype(int) - shown)[inside].mean() < 1
    sector = (y > 100) & (x > 150 + 1.1 * (y - 100) / np.tan(np.pi / count) if count > 2 else (y > 100) & (x > 150))
    np.testing.assert_allclose(shown[sector & inside], pixels[sector & inside].astype(int), atol=2)


def test_the_number_of_mirrors_may_change() -> None:
    mirrors, pixels = Mirrors(kaleidoscope=3.0), picture(36, 64)
    three = mirrors.apply(pixels)
    mirrors.kaleidoscope = 4.4
    four = mirrors.apply(pixels)
    assert not np.array_equal(three, four)
    np.testing.assert_array_equal(Mirrors(kaleidoscope=4.0).apply(pixels), four)
