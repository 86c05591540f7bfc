"""Coherence of models that paint ever worse, with the real network."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from train.data.shots import Shot
from train.metrics.coherence import measure_coherence
from train.metrics.one_step import target_frames
from train.metrics.perceptual import open_crop_features
from train.metrics.wholeness import Wholeness
from train.sample_film import render

LENGTH = 80


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    """More than three seconds of the sample film, in which much moves."""
    return np.stack([render(240 + i, (256, 144)) for i in range(LENGTH)])


def test_what_becomes_softer_with_every_step_loses_its_things_by_and_by(frames: np.ndarray) -> None:
    shots = (Shot(0, LENGTH),)
    targets = [i for i in target_frames(shots, 1, 2) if i < LENGTH - 33]
    features = open_crop_features()
    assert features
    wholeness = Wholeness(frames, shots, 1, targets, features, manifold=240, count=160)

    def replay(start: int, steps: int) -> Iterator[np.ndarray]:
        yield from frames[start : start + steps]

    def fade(start: int, steps: int) -> Iterator[np.ndarray]:
        for number, frame in enumerate(replay(start, steps)):
            yield cv2.GaussianBlur(frame, (0, 0), 0.25 * number) if number else frame

    replayed, faded = (measure_coherence(each, targets, wholeness) for each in (replay, fade))
    assert all(value > 0.7 for value in replayed.to_json().values())
    assert faded.after_2 > 0.7
    assert faded.after_2 > faded.after_8 + 0.2
    assert faded.after_32 < 0.1
