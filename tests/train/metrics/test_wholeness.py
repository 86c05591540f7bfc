"""Wholeness of the film itself, of blurred and of broken pictures, with the real network."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import pytest

from train.data.shots import Shot
from train.metrics.one_step import target_frames
from train.metrics.perceptual import Features, open_crop_features
from train.metrics.wholeness import (
    CROP,
    FEWEST,
    CropSample,
    StillFilmError,
    Wholeness,
    at_measured_size,
    changes,
)
from train.sample_film import render

STRIDE = 2
LENGTH = 72
COUNT = 60


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    """Three seconds of the sample film, in which much moves."""
    return np.stack([render(240 + i, (256, 144)) for i in range(LENGTH)])


@pytest.fixture(scope="module")
def features() -> Features:
    found = open_crop_features()
    assert found
    return found


@pytest.fixture(scope="module")
def wholeness(frames: np.ndarray, features: Features) -> Wholeness:
    shots = (Shot(0, LENGTH),)
    targets = target_frames(shots, STRIDE, 2)
    return Wholeness(frames, shots, STRIDE, targets, features, manifold=3 * COUNT, count=COUNT)


def of_rollout(wholeness: Wholeness, rollout: Iterable[np.ndarray]) -> float:
    sample = wholeness.sample()
    for frame in rollout:
        sample.add(frame)
    return wholeness.of_crops(sample.crops)


def test_the_film_is_whole_and_noise_is_not(frames: np.ndarray, wholeness: Wholeness) -> None:
    assert 0.5 < wholeness.own <= 1
    assert wholeness.of_pictures(lambda i: frames[i]) == 1
    assert of_rollout(wholeness, frames[1::STRIDE]) == pytest.approx(1, abs=0.25)
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, frames[0].shape, np.uint8) for _ in range(6)]
    assert of_rollout(wholeness, noise) == 0


def test_blur_is_in_between(frames: np.ndarray, wholeness: Wholeness) -> None:
    slight, strong = (
        wholeness.of_pictures(lambda i, sigma=sigma: cv2.GaussianBlur(frames[i], (0, 0), sigma))  # type: ignore[misc]
        for sigma in (0.7, 3)
    )
    assert 0.9 > slight > strong + 0.05


def test_what_stands_still_is_not_whole(frames: np.ndarray, wholeness: Wholeness) -> None:
    assert of_rollout(wholeness, [frames[20]] * 24) == 0
    assert wholeness.of_crops([frames[20, :CROP, :CROP]] * (FEWEST - 1)) == 0


def test_the_same_film_gives_the_same_crops(frames: np.ndarray, wholeness: Wholeness) -> None:
    def colours(crops: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack([crop.mean((0, 1)) for crop in crops])

    shots = (Shot(0, LENGTH),)
    targets = target_frames(shots, STRIDE, 2)
    again = Wholeness(frames, shots, STRIDE, targets, colours, manifold=3 * COUNT, count=COUNT)
    assert (again.threshold, again.places) == (wholeness.threshold, wholeness.places)
    assert of_rollout(again, frames) == of_rollout(again, frames)


def test_tested_crops_move_and_come_from_other_frames(frames: np.ndarray, wholeness: Wholeness) -> None:
    assert len(wholeness.places) == len(set(wholeness.places)) == COUNT
    assert {place.frame for place in wholeness.places} <= set(target_frames((Shot(0, LENGTH),), STRIDE, 2))
    for frame, y, x in wholeness.places:
        now, before = (frames[i, y : y + CROP, x : x + CROP].astype(np.int16) for i in (frame, frame - STRIDE))
        assert np.abs(now - before).mean() >= wholeness.threshold - 0.01


def test_the_manifold_has_no_tested_crop(frames: np.ndarray) -> None:
    calls: list[set[bytes]] = []

    def recorded(crops: Sequence[np.ndarray]) -> np.ndarray:
        calls.append({each.tobytes() for each in crops})
        return np.stack([each.mean((0, 1)) for each in crops])

    # The manifold takes all moving crops that it may.
    Wholeness(frames[:16], (Shot(0, 16),), STRIDE, [6, 10], recorded, manifold=10**6, count=COUNT)
    manifold, tested = calls
    assert len(manifold) > 10 * len(tested) > 0
    assert not manifold & tested


def test_a_film_that_stands_still_has_no_wholeness(frames: np.ndarray, features: Features) -> None:
    still = np.repeat(frames[:1], 30, 0)
    with pytest.raises(StillFilmError, match="hardly moves"):
        Wholeness(still, (Shot(0, 30),), STRIDE, [10, 20], features)
    with pytest.raises(StillFilmError, match="too short"):
        Wholeness(frames, (Shot(0, 2),), STRIDE, [], features)


def test_pictures_are_measured_at_one_size() -> None:
    assert at_measured_size(np.zeros((432, 768, 3), np.uint8)).shape == (144, 256, 3)
    assert at_measured_size(np.zeros((144, 256, 3), np.uint8)).shape == (144, 256, 3)
    height, width = at_measured_size(np.zeros((1280, 720, 3), np.uint8)).shape[:2]
    assert (height, width) == (256, 144)
    height, width = at_measured_size(np.zeros((200, 480, 3), np.uint8)).shape[:2]
    assert height * width == pytest.approx(256 * 144, rel=0.01)


def test_changes_are_the_means_of_crops() -> None:
    rng = np.random.default_rng(0)
    now, before = rng.integers(0, 256, (2, 144, 256, 3), np.uint8)
    found = changes(now, before)
    assert found.shape == (13, 27)
    expected = np.abs(now[16:64, 40:88].astype(float) - before[16:64, 40:88]).mean()
    assert found[2, 5] == pytest.approx(expected, rel=1e-4)


def test_a_long_rollout_is_sampled_evenly() -> None:
    sample = CropSample(1.0, count=200)
    for i in range(60):
        # Successive frames differ; each tells its number by its level.
        sample.add(np.full((144, 256, 3), 4 * i, np.uint8))
    levels = [int(each[0, 0, 0]) // 4 for each in sample.crops]
    assert len(levels) == 200
    assert np.mean(levels) == pytest.approx(30, abs=4)
    assert max(levels) > 50 > 10 > min(levels)
