"""The window on SDL's dummy display, with its content turned, flipped or fitted into four corners."""

import cv2
import numpy as np
import pytest

from live.controls.table import HELP
from live.display.options import WindowOptions
from live.frame import Pixels
from tests.live.bundles import HEIGHT, WIDTH
from tests.live.display.windows import HUD, OpenWindow, plain, resize, shown


def corner_colours(picture: Pixels) -> list[str]:
    """Return the names of the colours just inside the corners of a picture, clockwise from the top left."""
    height, width = picture.shape[0] // 8, picture.shape[1] // 8
    places = [(height, width), (height, -width), (-height, -width), (-height, width)]
    return [NAMES[tuple((picture[row, column] > 128).tolist())] for row, column in places]


NAMES = {(True, False, False): "red", (False, True, False): "green", (False, False, True): "blue"}
NAMES |= {(True, True, True): "white", (False, False, False): "black"}


def four_colours() -> Pixels:
    """Return a picture with red, green, blue and white quarters, clockwise from the top left."""
    picture = plain(0)
    picture[: HEIGHT // 2, : WIDTH // 2, 0] = picture[: HEIGHT // 2, WIDTH // 2 :, 1] = 255
    picture[HEIGHT // 2 :, WIDTH // 2 :, 2] = picture[HEIGHT // 2 :, : WIDTH // 2] = 255
    return picture


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (WindowOptions(), ["red", "green", "blue", "white"]),
        (WindowOptions(turn=90), ["white", "red", "green", "blue"]),
        (WindowOptions(turn=180), ["blue", "white", "red", "green"]),
        (WindowOptions(turn=270), ["green", "blue", "white", "red"]),
        (WindowOptions(flip="horizontal"), ["green", "red", "white", "blue"]),
        (WindowOptions(flip="vertical"), ["white", "blue", "green", "red"]),
        (WindowOptions(turn=90, flip="horizontal"), ["red", "white", "blue", "green"]),
    ],
)
def test_the_picture_is_turned_and_then_flipped_and_fitted_by_its_turned_shape(
    open_window: OpenWindow, options: WindowOptions, expected: list[str]
) -> None:
    window = open_window(options)
    wide = options.turn in (0, 180)
    for size in ((800, 300), (300, 800), (400, 600)):
        resize(window, size)
        for _ in range(2):
            window.present(four_colours())
        picture = shown(window)
        lit = picture.max(axis=2) > 128
        rows, columns = lit.any(axis=1).nonzero()[0], lit.any(axis=0).nonzero()[0]
        picture = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert corner_colours(picture) == expected
        proportion = picture.shape[1] / picture.shape[0]
        assert proportion == pytest.approx(WIDTH / HEIGHT if wide else HEIGHT / WIDTH, rel=0.02)
        assert size[0] - picture.shape[1] < 2 or size[1] - picture.shape[0] < 2


def test_a_turned_picture_in_a_rectangle_is_turned_there_too(open_window: OpenWindow) -> None:
    window = open_window(
        WindowOptions(turn=90, fit="fill", corners=("0.25,0.25", "0.75,0.25", "0.75,0.75", "0.25,0.75"))
    )
    resize(window, (400, 400))
    window.present(four_colours())
    assert corner_colours(shown(window)[100:300, 100:300]) == ["white", "red", "green", "blue"]


def test_a_turned_picture_fills_the_window(open_window: OpenWindow) -> None:
    window = open_window(WindowOptions(turn=90, fit="fill"))
    for size in ((700, 300), (300, 700)):
        resize(window, size)
        window.present(plain(255))
        assert (shown(window) > 128).all()


def test_panels_are_turned_with_the_picture(open_window: OpenWindow) -> None:
    upright, turned = open_window(WindowOptions(fit="fill")), open_window(WindowOptions(fit="fill", turn=90))
    resize(upright, (300, 700))
    upright.present(plain(200), HUD, HELP)
    resize(turned, (700, 300))
    turned.present(plain(200), HUD, HELP)
    # SDL's software renderer puts triangles at whole pixels.
    expected, picture = (cv2.blur(each, (9, 9)) for each in (np.rot90(shown(upright), -1), shown(turned)))
    np.testing.assert_allclose(picture.astype(int), expected.astype(int), atol=40)


def test_the_picture_fits_into_four_corners_and_nothing_lies_outside(open_window: OpenWindow) -> None:
    corners = ("0.25,0.1", "0.75,0.1", "1,0.9", "0,0.9")
    window = open_window(WindowOptions(fit="fill", corners=corners))
    resize(window, (800, 600))
    window.present(four_colours(), under=plain(255), share=1.0)
    picture = shown(window)
    x, y = np.meshgrid((np.arange(800) + 0.5) / 800, (np.arange(600) + 0.5) / 600)
    # Distance from the left and the right side.
    left, right = x - 0.25 + 0.25 * (y - 0.1) / 0.8, 0.75 + 0.25 * (y - 0.1) / 0.8 - x
    inside = (left > 0.005) & (right > 0.005) & (y > 0.105) & (y < 0.895)
    outside = (left < -0.005) | (right < -0.005) | (y < 0.095) | (y > 0.905)
    assert picture[outside].max() == 0
    assert (picture[inside].max(axis=1) > 128).all()
    # The middle of the content is where the diagonals cross: a third of the way down, not half of it.
    middle_y = 0.1 + 0.8 / 3
    for name, above, on_the_left in (
        ("red", True, True),
        ("green", True, False),
        ("blue", False, False),
        ("white", False, True),
    ):
        part = inside & ((y < middle_y - 0.03) if above else (y > middle_y + 0.03))
        part &= (x < 0.48) if on_the_left else (x > 0.52)
        assert part.any()
        colours = {NAMES[tuple(colour)] for colour in np.unique(picture[part] > 128, axis=0).tolist()}
        assert colours == {name}
