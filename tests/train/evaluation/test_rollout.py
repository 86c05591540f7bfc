"""Rollouts in torch, and their contact sheet."""

import numpy as np
import torch

from train.data.film_course import FilmCourse
from train.evaluation.rollout import roll_out, rollout_sheet
from train.models.generator import Generator, GeneratorConfig


def test_the_same_seed_is_the_same_rollout(hats_course: FilmCourse) -> None:
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(scale=2), hats_course.memory, hats_course.dramaturgy)
    context = torch.zeros(1, 6, 48, 64)
    first, again, other = (
        np.stack(list(roll_out(generator, context, 4, temperature=1.0, seed=seed))) for seed in (1, 1, 2)
    )
    assert first.shape == (4, 48, 64, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_sheet_shows_first_and_last() -> None:
    frames = np.arange(40, dtype=np.uint8)[:, None, None, None] + np.zeros((1, 48, 64, 3), np.uint8)
    sheet = rollout_sheet(frames, len(frames), 12.0)
    assert np.array_equal(sheet[6:54, 6:70], frames[0])
    bottom = 6 + 3 * (48 + 18 + 6)
    right = 6 + 4 * (64 + 6)
    assert np.array_equal(sheet[bottom : bottom + 48, right : right + 64], frames[-1])
