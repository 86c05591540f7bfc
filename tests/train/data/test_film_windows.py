"""Windows of a film, and their pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.train.conftest import WriteFilm, numbered
from train.data.film import Film, load_film
from train.data.film_windows import FilmWindows
from train.data.shots import Shot, Story, find_story
from train.errors import FilmError

SHOTS = (Shot(0, 12), Shot(12, 40))


@pytest.fixture
def film(write_film: WriteFilm, tmp_path: Path) -> Film:
    return load_film(write_film(numbered(40)), (64, 48), "crop", tmp_path / "cache")


@pytest.fixture
def windows(film: Film) -> FilmWindows:
    return FilmWindows(film, Story(SHOTS, 40), context_frames=2, stride=3)


def test_no_context_straddles_a_cut(windows: FilmWindows) -> None:
    assert set(windows.film_indices) == {*range(3, 12), *range(15, 40)}
    assert windows.last_frame == 39


def test_a_context_holds_its_frames_oldest_first(windows: FilmWindows) -> None:
    context = windows.contexts(torch.tensor([20]))
    assert context.shape == (1, 6, 48, 64)
    assert context.dtype == torch.uint8
    expected = np.concatenate([windows.frames[i].transpose(2, 0, 1) for i in (17, 20)])
    assert np.array_equal(context[0].numpy(), expected)


def test_a_long_film_is_seen_in_pieces(write_film: WriteFilm, tmp_path: Path) -> None:
    film = load_film(write_film(numbered(400)), (64, 48), "crop", tmp_path / "cache")
    story = Story((Shot(0, 150), Shot(150, 400)), 400)
    windows = FilmWindows(film, story, context_frames=2, stride=2, most_windows=100, piece_seconds=1.0)
    assert windows.last_frame == 399
    assert 60 <= len(windows.film_indices) <= 120
    assert {film_index // 100 for film_index in windows.film_indices.tolist()} == {0, 1, 2, 3}
    assert all(np.array_equal(np.diff(shot), np.ones(len(shot) - 1)) for shot in windows.shots)


def test_the_recurrence_sees_a_fraction_of_the_size(hats_windows: FilmWindows) -> None:
    last = torch.tensor([hats_windows.last_frame])
    assert hats_windows.contexts(last).shape == (1, 6, 24, 32)
    picture = hats_windows.pictures(last)
    assert picture.shape == (1, 3, 48, 64)
    small = torch.nn.functional.avg_pool2d(picture.float(), 2)
    assert (hats_windows.small(last) - small).abs().max() <= 0.5
    assert torch.equal(hats_windows.contexts(last)[:, -3:], hats_windows.small(last))


def test_drawing_is_repeatable_and_reaches_all_windows(windows: FilmWindows) -> None:
    draws = [windows.draw(2000, torch.Generator().manual_seed(3)) for _ in range(2)]
    assert torch.equal(*draws)
    assert set(draws[0].tolist()) == set(windows.film_indices)


def test_a_stride_longer_than_every_shot_is_refused(film: Film) -> None:
    with pytest.raises(FilmError, match="smaller --stride"):
        FilmWindows(film, Story(SHOTS, 40), context_frames=2, stride=28)


def test_small_frames_are_computed_once(hats_film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=2)
    resized: list[np.ndarray] = []
    resize = cv2.resize

    def counted(picture: np.ndarray, size: tuple[int, int], interpolation: int) -> np.ndarray:
        resized.append(picture)
        return resize(picture, size, interpolation=interpolation)

    monkeypatch.setattr(cv2, "resize", counted)
    wanted = torch.tensor([[3, 40], [40, 3]])
    small = windows.small(wanted)
    assert small.shape == (2, 2, 3, 24, 32)
    expected = resize(windows.frames[40], (32, 24), interpolation=cv2.INTER_AREA).transpose(2, 0, 1)
    assert np.array_equal(small[0, 1].numpy(), expected)
    assert len(resized) == 2
    assert torch.equal(windows.small(wanted), small)
    small.zero_()  # a caller may write into its result
    assert windows.small(wanted).any()
    assert len(resized) == 2


# ----------------------------------------------------------------------------
# Crops.


def test_crops_are_parts_of_film_frames_at_the_films_size(hats_windows: FilmWindows) -> None:
    crops = hats_windows.crops(12, 20, torch.Generator().manual_seed(0))
    assert crops.shape == (12, 3, 20, 20)
    assert crops.dtype == torch.uint8
    frames = torch.from_numpy(np.array(hats_windows.frames[hats_windows.film_indices])).permute(0, 3, 1, 2)
    # Whole places of the small frame, or the enlarger would learn another reduction.
    places = [frames[..., y : y + 20, x : x + 20] for y in range(0, 29, 2) for x in range(0, 45, 2)]
    for crop in crops:
        begin_alike = ((place, (place[..., 0, 0] == crop[:, 0, 0]).all(1)) for place in places)
        assert any((place[alike] == crop).flatten(1).all(1).any() for place, alike in begin_alike)
    again, other = (hats_windows.crops(12, 20, torch.Generator().manual_seed(seed)) for seed in (0, 1))
    assert torch.equal(again, crops)
    assert not torch.equal(other, crops)


@pytest.mark.parametrize(
    ("scale", "side", "expected"), [(4, 128, (48, 64)), (4, 50, (48, 48)), (2, 50, (48, 48)), (6, 128, (48, 60))]
)
def test_a_film_that_is_smaller_than_a_crop_is_seen_whole(
    hats_film: Film, scale: int, side: int, expected: tuple[int, int]
) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=scale)
    assert windows.crops(3, side, torch.Generator()).shape == (3, 3, *expected)


def test_every_other_crop_is_the_more_moving_of_two(write_film: WriteFilm, tmp_path: Path) -> None:
    """In a film of which a quarter moves, at the left."""
    still = np.full((48, 64, 3), 100, np.uint8)
    pictures = [still.copy() for _ in range(40)]
    rng = np.random.default_rng(0)
    for picture in pictures:
        picture[:, :16] = rng.integers(101, 256, (48, 16, 3))
    film = load_film(write_film(pictures), (64, 48), "crop", tmp_path / "cache")
    windows = FilmWindows(film, Story((Shot(0, 40),), 40), context_frames=2, stride=1, scale=2)
    moving = (windows.crops(2000, 8, torch.Generator().manual_seed(0)) > 100).flatten(1).any(1)
    share = 8 / 29  # of the columns 0, 2, … 56 at which a crop may begin
    assert moving[::2].float().mean() == pytest.approx(share, abs=0.05)
    assert moving[1::2].float().mean() == pytest.approx(1 - (1 - share) ** 2, abs=0.05)
