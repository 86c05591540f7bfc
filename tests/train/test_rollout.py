"""Rollouts and the figures that say whether they live."""

import cv2
import numpy as np
import pytest
import torch

from train.networks import Generator, GeneratorConfig
from train.rollout import roll_out, rollout_sheet, vitality


def moving(count: int, speed: float, blur: float = 0) -> np.ndarray:
    frames = []
    for i in range(count):
        picture = np.full((48, 64, 3), 60, np.uint8)
        cv2.circle(picture, (20 + int(speed * i) % 24, 24), 9, (240, 230, 200), -1)
        frames.append(cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture)
    return np.stack(frames)


def test_the_same_seed_is_the_same_rollout() -> None:
    torch.manual_seed(0)
    generator, context = Generator(GeneratorConfig()), torch.zeros(1, 6, 48, 64)
    first, again, other = (
        np.stack(list(roll_out(generator, context, 4, temperature=1.0, seed=seed))) for seed in (1, 1, 2)
    )
    assert first.shape == (4, 48, 64, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_film_is_as_lively_as_itself() -> None:
    film = moving(30, 2)
    figures = vitality(film, film, [0])
    assert (figures.sharpness, figures.motion) == pytest.approx((1, 1))


def test_blur_and_stillness_show() -> None:
    film = moving(30, 2)
    assert vitality(moving(30, 2, blur=3), film, [0]).sharpness < 0.4
    assert vitality(np.repeat(film[:1], 30, 0), film, [0]).motion == 0
    assert vitality(moving(30, 4), film, [0]).motion > 1.4


def test_a_cut_is_no_motion() -> None:
    slow = moving(3, 2)
    film = np.stack([255 - slow[0], slow[0], slow[1]])  # a cut, then a little motion
    assert vitality(slow, film, [0, 1]).motion == pytest.approx(1)
    assert vitality(slow, film, [0]).motion < 0.5


def test_the_sheet_shows_first_and_last() -> None:
    frames = moving(40, 2)
    sheet = rollout_sheet(frames, len(frames), 12.0)
    assert np.array_equal(sheet[6:54, 6:70], frames[0])
    bottom = 6 + 3 * (48 + 18 + 6)
    right = 6 + 4 * (64 + 6)
    assert np.array_equal(sheet[bottom : bottom + 48, right : right + 64], frames[-1])
