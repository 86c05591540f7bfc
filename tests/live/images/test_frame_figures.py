"""Figures of frames against their definitions."""

import cv2
import numpy as np
import pytest

from live.images.frame_figures import motion, picture_figures, sharpness, thumbnail


@pytest.fixture
def frames() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    first, second = (
        cv2.resize(rng.integers(0, 256, (12, 16, 3), np.uint8), (64, 48), interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    )
    return first, second


def test_sharpness_is_the_rms_of_the_laplacian_of_luma(frames: tuple[np.ndarray, np.ndarray]) -> None:
    frame, _ = frames
    luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
    assert sharpness(frame) == pytest.approx(np.sqrt(np.square(cv2.Laplacian(luma, cv2.CV_64F)).mean()), rel=1e-5)
    assert sharpness(frame) == picture_figures(frame).sharpness
    assert sharpness(np.full_like(frame, 90)) == 0


def test_motion_is_the_mean_absolute_difference(frames: tuple[np.ndarray, np.ndarray]) -> None:
    before, frame = frames
    assert motion(frame, before) == pytest.approx(np.abs(frame.astype(float) - before).mean() / 255)
    assert motion(np.full_like(frame, 255), np.zeros_like(frame)) == 1


@pytest.mark.parametrize("part", [slice(None), slice(3, 40)])
def test_contrast_light_and_colour_are_those_of_the_levels(frames: tuple[np.ndarray, np.ndarray], part: slice) -> None:
    """Of a picture, and of a part of it that is not contiguous."""
    for frame in (frames[0][part, part], 255 - frames[0][part, part] // 2):
        figures = picture_figures(frame)
        luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) / 255
        assert figures.contrast == pytest.approx(luma.std())
        assert figures.light == pytest.approx(min(luma.mean(), 1 - luma.mean()))
        assert figures.colour == pytest.approx(frame.mean((0, 1)) / 255)
        assert figures.grain == pytest.approx(figures.sharpness / (luma.std() + 0.03))


def test_black_and_white_have_no_light_and_no_contrast() -> None:
    for level in (0, 255):
        figures = picture_figures(np.full((48, 64, 3), level, np.uint8))
        assert (figures.sharpness, figures.contrast, figures.light) == (0, 0, 0)


def test_a_thumbnail_is_the_mean_of_its_places(frames: tuple[np.ndarray, np.ndarray]) -> None:
    places = frames[0].reshape(8, 6, 8, 8, 3).mean((1, 3))
    np.testing.assert_allclose(thumbnail(frames[0]), places, atol=1)
