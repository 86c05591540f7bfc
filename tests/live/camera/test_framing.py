import numpy as np
import pytest

from live.camera.framing import filled, mirrored


def marked(height: int, width: int) -> np.ndarray:
    """Green all over, with a red square in the middle and a blue border."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :, 1] = 200
    half = min(height, width) // 4
    middle = slice(height // 2 - half, height // 2 + half), slice(width // 2 - half, width // 2 + half)
    picture[middle] = (200, 0, 0)
    return picture


@pytest.mark.parametrize("shape", [(480, 640), (720, 1280), (1280, 720), (24, 300), (300, 24), (7, 9)])
@pytest.mark.parametrize("size", [(144, 256), (64, 64), (48, 16)])
def test_the_middle_fills_the_picture_undistorted(shape, size) -> None:
    picture = filled(marked(*shape), size)
    assert picture.shape == (*size, 3)
    assert picture.dtype == np.uint8
    red = picture[:, :, 0] > 100
    scale = max(size[0] / shape[0], size[1] / shape[1])
    side = 2 * (min(shape) // 4) * scale
    # A square in the middle, as much of it as there is; what has few pixels is cut at whole ones.
    if min(shape) > 50:
        for axis, length in ((1, size[0]), (0, size[1])):
            across = red.any(axis=axis)
            assert abs(across.sum() - min(side, length)) <= 2
            assert abs(int(across[: length // 2].sum()) - int(across[(length + 1) // 2 :].sum())) <= 2


def test_what_fits_is_left_as_it_is() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    np.testing.assert_array_equal(filled(picture, (48, 64)), picture)


def test_a_mirror_exchanges_left_and_right() -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:, 0] = 255
    turned = mirrored(picture)
    assert turned[0, :, 0].tolist() == [0, 0, 0, 0, 0, 255]
    assert turned.flags.c_contiguous
