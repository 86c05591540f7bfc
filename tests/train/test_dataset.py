"""Windows of a film: what is in them, and that they never straddle a cut."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.train.conftest import WriteFilm, numbered
from train.dataset import FilmWindows
from train.errors import FilmError
from train.film import load_film
from train.story import Shot, Story

SHOTS = (Shot(0, 12), Shot(12, 40))


@pytest.fixture
def windows(write_film: WriteFilm, tmp_path: Path) -> FilmWindows:
    film = load_film(write_film(numbered(40)), (64, 48), "crop", tmp_path / "cache")
    return FilmWindows(film, Story(SHOTS, 40), context_frames=2, stride=3)


def test_no_window_straddles_a_cut(windows: FilmWindows) -> None:
    assert set(windows.targets) == {*range(6, 12), *range(18, 40)}
    assert windows.last == 39
    for target in windows.targets:
        assert any(shot.start <= target - 6 and target < shot.stop for shot in SHOTS)


def test_a_window_holds_its_frames_oldest_first(windows: FilmWindows) -> None:
    clip = windows.windows(torch.tensor([20]))
    assert clip.shape == (1, 9, 48, 64)
    assert clip.dtype == torch.uint8
    expected = np.concatenate([windows.frames[i].transpose(2, 0, 1) for i in (14, 17, 20)])
    assert np.array_equal(clip[0].numpy(), expected)


def test_a_target_is_followed_until_the_shot_is_over(windows: FilmWindows) -> None:
    assert windows.follow(torch.tensor([6, 9, 11, 18, 36, 37, 39, -1])).tolist() == [9, -1, -1, 21, 39, -1, -1, -1]


def test_drawing_is_repeatable_and_reaches_everything(windows: FilmWindows) -> None:
    draws = [windows.draw(2000, torch.Generator().manual_seed(3)) for _ in range(2)]
    assert torch.equal(*draws)
    assert set(draws[0].tolist()) == set(windows.targets)


def test_the_ending_gets_its_share(write_film: WriteFilm, tmp_path: Path) -> None:
    film = load_film(write_film(numbered(40)), (64, 48), "crop", tmp_path / "cache")
    story = Story((Shot(0, 30), Shot(30, 40)), 40)
    biased = FilmWindows(film, story, context_frames=2, stride=1, ending=0.5)
    drawn = biased.draw(4000, torch.Generator().manual_seed(5))
    whole = 8 / 36  # of the windows, eight are of the last shot
    assert float((drawn >= 30).float().mean()) == pytest.approx(0.5 + 0.5 * whole, abs=0.03)
    assert set(drawn.tolist()) == set(biased.targets)


def test_a_stride_longer_than_every_shot_is_refused(windows: FilmWindows) -> None:
    film = type("Film", (), {"frames": windows.frames})()
    with pytest.raises(FilmError, match="smaller --stride"):
        FilmWindows(film, Story(SHOTS, 40), context_frames=2, stride=14)
