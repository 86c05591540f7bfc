"""Pairs of a film frame and the next one."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.train.conftest import WriteFilm, numbered
from train.data import film_pairs
from train.data.film import load_film
from train.data.film_pairs import FilmPairs
from train.data.film_windows import FilmWindows
from train.data.shots import Shot, Story
from train.images.jitter import Jitter


@pytest.fixture
def pairs(write_film: WriteFilm, tmp_path: Path) -> FilmPairs:
    film = load_film(write_film(numbered(40)), (64, 48), "crop", tmp_path / "cache")
    return FilmPairs(FilmWindows(film, Story((Shot(0, 12), Shot(12, 40)), 40), context_frames=1, stride=3))


def test_a_pair_is_a_step_of_one_shot(pairs: FilmPairs) -> None:
    assert set(pairs.first) == {*range(9), *range(12, 37)}


def test_both_sides_are_jittered_alike(pairs: FilmPairs, monkeypatch: pytest.MonkeyPatch) -> None:
    class Flip(Jitter):
        @classmethod
        def random(cls, rng: np.random.Generator, height: int, width: int) -> Jitter:
            return Jitter(0, 0, height, width, flip=True)

    monkeypatch.setattr(film_pairs, "Jitter", Flip)
    first, second = pairs.draw(8, torch.Generator().manual_seed(0))
    assert first.shape == second.shape == (8, 3, 48, 64)
    frames = torch.from_numpy(np.array(pairs.windows.frames)).permute(0, 3, 1, 2).flip(3)
    for one, other in zip(first, second, strict=True):
        film_index = next(i for i, frame in enumerate(frames) if torch.equal(frame, one))
        assert film_index in pairs.first
        assert torch.equal(other, frames[film_index + 3])


def test_drawing_is_repeatable(pairs: FilmPairs) -> None:
    draws = [torch.cat(pairs.draw(4, torch.Generator().manual_seed(seed))) for seed in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
