"""Sharpness and motion against their definitions."""

import cv2
import numpy as np
import pytest

from train.images.frame_figures import motion, sharpness


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
    assert sharpness(np.full_like(frame, 90)) == 0


def test_motion_is_the_mean_absolute_difference(frames: tuple[np.ndarray, np.ndarray]) -> None:
    before, frame = frames
    assert motion(frame, before) == pytest.approx(np.abs(frame.astype(float) - before).mean() / 255)
    assert motion(np.full_like(frame, 255), np.zeros_like(frame)) == 1
