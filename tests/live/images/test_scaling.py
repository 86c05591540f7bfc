import numpy as np
import pytest

from live.frame import Pixels
from live.images.scaling import filled, letterboxed, mirrored, scaled


def marked(height: int, width: int) -> Pixels:
    """Return a green picture with a red square in the middle."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :, 1] = 200
    half = min(height, width) // 4
    middle = slice(height // 2 - half, height // 2 + half), slice(width // 2 - half, width // 2 + half)
    picture[middle] = (200, 0, 0)
    return picture


@pytest.mark.parametrize("shape", [(480, 640), (720, 1280), (1280, 720), (24, 300), (300, 24), (7, 9)])
@pytest.mark.parametrize("size", [(144, 256), (64, 64), (48, 16)])
def test_the_middle_fills_the_size_undistorted(shape: tuple[int, int], size: tuple[int, int]) -> None:
    picture = filled(marked(*shape), size)
    assert picture.shape == (*size, 3)
    assert picture.dtype == np.uint8
    red = picture[:, :, 0] > 100
    scale = max(size[0] / shape[0], size[1] / shape[1])
    side = 2 * (min(shape) // 4) * scale
    # The square stands in the middle and keeps its sides. A picture of few pixels is cropped at whole pixels.
    if min(shape) > 50:
        for axis, length in ((1, size[0]), (0, size[1])):
            across = red.max(axis=axis)
            assert abs(across.sum() - min(side, length)) <= 2
            assert abs(int(across[: length // 2].sum()) - int(across[(length + 1) // 2 :].sum())) <= 2


@pytest.mark.parametrize("shape", [(480, 640), (720, 1280), (1280, 720), (7, 9)])
@pytest.mark.parametrize("size", [(144, 256), (64, 64), (48, 16)])
def test_the_whole_picture_stands_on_black(shape: tuple[int, int], size: tuple[int, int]) -> None:
    picture = letterboxed(marked(*shape), size)
    assert picture.shape == (*size, 3)
    assert picture.dtype == np.uint8
    lit = picture.max(axis=2) > 0
    rows, columns = lit.max(axis=1), lit.max(axis=0)
    scale = min(size[0] / shape[0], size[1] / shape[1])
    assert (rows.sum(), columns.sum()) == (max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale)))
    assert lit.sum() == rows.sum() * columns.sum()
    for line in (rows, columns):
        assert abs(int(line.argmax()) - int(line[::-1].argmax())) <= 1, "borders of one width"


def test_a_picture_of_the_right_size_is_unchanged() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    np.testing.assert_array_equal(scaled(picture, (48, 64), "fill"), picture)
    np.testing.assert_array_equal(scaled(picture, (48, 64), "letterbox"), picture)


def test_the_mode_decides() -> None:
    picture = marked(48, 64)
    np.testing.assert_array_equal(scaled(picture, (64, 64), "fill"), filled(picture, (64, 64)))
    np.testing.assert_array_equal(scaled(picture, (64, 64), "letterbox"), letterboxed(picture, (64, 64)))


def test_a_mirror_exchanges_left_and_right() -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:, 0] = 255
    turned = mirrored(picture)
    assert turned[0, :, 0].tolist() == [0, 0, 0, 0, 0, 255]
    assert turned.flags.c_contiguous
