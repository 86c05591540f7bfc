"""Windows of a film: what is in them, and that they never straddle a cut."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.train.conftest import WriteFilm, numbered
from train.dataset import FilmWindows
from train.errors import FilmError
from train.film import Film, load_film
from train.story import Shot, Story, find_story

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


def test_a_target_is_followed_around_the_film(windows: FilmWindows) -> None:
    nexts, cut = windows.follow(torch.tensor([6, 9, 11, 18, 36, 37, 39, -1]))
    assert nexts.tolist() == [9, 18, 18, 21, 39, 6, 6, -1]
    assert cut[:-1].tolist() == [False, True, True, False, False, True, True]


@pytest.mark.parametrize("context_frames", [1, 2])
def test_the_moment_most_like_a_state_is_found(hats_film: Film, context_frames: int) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=context_frames, stride=2, scale=2)
    targets = torch.tensor(windows.targets[5::17])
    contexts = windows.windows(targets)[:, :-3]
    drifted = (contexts.int() + torch.randint(-3, 4, contexts.shape, generator=torch.Generator().manual_seed(0))).clamp(
        0, 255
    )
    assert torch.equal(windows.most_like(drifted.to(torch.uint8)), targets)


def test_windows_are_seen_at_a_fraction_of_the_size(hats_film: Film) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=2)
    target = torch.tensor([windows.last])
    assert windows.windows(target).shape == (1, 9, 24, 32)
    picture = windows.pictures(target)
    assert picture.shape == (1, 3, 48, 64)
    small = torch.nn.functional.avg_pool2d(picture.float(), 2)
    assert (windows.windows(target)[:, -3:] - small).abs().max() <= 0.5


def test_drawing_is_repeatable_and_reaches_everything(windows: FilmWindows) -> None:
    draws = [windows.draw(2000, torch.Generator().manual_seed(3)) for _ in range(2)]
    assert torch.equal(*draws)
    assert set(draws[0].tolist()) == set(windows.targets)


def test_a_stride_longer_than_every_shot_is_refused(windows: FilmWindows) -> None:
    film = type("Film", (), {"frames": windows.frames, "size": (64, 48)})()
    with pytest.raises(FilmError, match="smaller --stride"):
        FilmWindows(film, Story(SHOTS, 40), context_frames=2, stride=14)
