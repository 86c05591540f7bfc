"""The perceptual network: its distances, and that nothing is downloaded for it."""

import cv2
import numpy as np
import pytest

from train.data.film import Film
from train.metrics.perceptual import kernel_distance, open_crop_features, open_features


def test_the_kernel_distance_is_unbiased() -> None:
    rng = np.random.default_rng(0)
    draws = [kernel_distance(*rng.standard_normal((2, 40, 8))) for _ in range(300)]
    error = np.std(draws) / np.sqrt(len(draws))
    assert abs(np.mean(draws)) < 4 * error
    one, other = rng.standard_normal((2, 40, 8))
    assert kernel_distance(one, other + 1) > 10 * np.std(draws)


def test_the_perceptual_network_comes_with_its_weights(hats_film: Film, monkeypatch: pytest.MonkeyPatch) -> None:

    def nothing(*arguments: object, **named: object) -> None:
        raise AssertionError("nothing may be downloaded")

    monkeypatch.setattr("socket.socket.connect", nothing)
    features = open_features()
    assert features
    crop_features = open_crop_features()
    assert crop_features
    sharp = [np.asarray(frame) for frame in hats_film.frames[48:64]]
    seen = features(sharp)
    assert seen.shape == crop_features(sharp).shape == (16, 1280)
    near = kernel_distance(seen[::2], seen[1::2])
    blurred = features([cv2.GaussianBlur(frame, (0, 0), 2) for frame in sharp[1::2]])
    assert kernel_distance(seen[::2], blurred) > near + 0.05
