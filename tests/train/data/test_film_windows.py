"""Moments of a film: what leads up to them and what follows, over cuts, stillness and turns."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.train.conftest import WriteFilm, numbered
from train.data import film_windows as dataset
from train.data.film import Film, load_film
from train.data.film_windows import FilmWindows
from train.data.shots import Shot, Story, find_story
from train.errors import FilmError

SHOTS = (Shot(0, 12), Shot(12, 40))


@pytest.fixture
def windows(write_film: WriteFilm, tmp_path: Path) -> FilmWindows:
    film = load_film(write_film(numbered(40)), (64, 48), "crop", tmp_path / "cache")
    return FilmWindows(film, Story(SHOTS, 40), context_frames=2, stride=3)


def test_no_context_straddles_a_cut(windows: FilmWindows) -> None:
    assert set(windows.moments) == {*range(3, 12), *range(15, 40)}
    assert windows.last == 39


def test_a_context_holds_its_frames_oldest_first(windows: FilmWindows) -> None:
    context = windows.contexts(torch.tensor([20]))
    assert context.shape == (1, 6, 48, 64)
    assert context.dtype == torch.uint8
    expected = np.concatenate([windows.frames[i].transpose(2, 0, 1) for i in (17, 20)])
    assert np.array_equal(context[0].numpy(), expected)


def test_straight_on_ends_with_the_shot(windows: FilmWindows) -> None:
    assert windows.straight(torch.tensor([3, 8, 9, 15, 36, 37])).tolist() == [6, 11, -1, 18, 39, -1]


def test_the_film_is_a_circle(windows: FilmWindows) -> None:
    assert windows.onward(torch.tensor([3, 8, 9, 11, 15, 36, 37, 39])).tolist() == [6, 11, 15, 15, 18, 39, 3, 3]


def test_where_the_film_stands_still_time_runs(write_film: WriteFilm, tmp_path: Path) -> None:
    pictures = numbered(60)
    still = [*pictures[:20], *[pictures[20]] * 10, *pictures[20:]]
    film = load_film(write_film(still), (64, 48), "crop", tmp_path / "cache")
    windows = FilmWindows(film, Story((Shot(0, 70),), 70), context_frames=2, stride=1)
    assert windows.onward(torch.tensor([18, 19, 20, 29, 30])).tolist() == [19, 20, 31, 31, 31]
    assert len(windows.onward(torch.from_numpy(windows.moments)).unique()) < 62


def course(windows: FilmWindows, steps: int) -> list[int]:
    """Where the circle leads from the first moment."""
    places = [torch.tensor(windows.moments[:1])]
    for _ in range(steps):
        # As a state is: known by its looks alone.
        places.append(windows.most_like(windows.contexts(windows.onward(places[-1]))))
    return [int(place) for place in places]


@pytest.mark.parametrize("still", [10, 100, 300])
def test_no_stillness_is_too_long_to_be_passed(write_film: WriteFilm, tmp_path: Path, still: int) -> None:
    pictures = numbered(80)
    film = load_film(
        write_film([*pictures[:40], *[pictures[40]] * still, *pictures[40:]]), (64, 48), "crop", tmp_path / "cache"
    )
    windows = FilmWindows(film, Story((Shot(0, 80 + still),), 80 + still), context_frames=2, stride=2)
    seen = course(windows, 60)
    assert max(seen) > 60 + still
    assert len(set(seen)) > 30


def test_a_long_film_is_seen_in_pieces(write_film: WriteFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "MOST_MOMENTS", 100)
    monkeypatch.setattr(dataset, "PIECE_SECONDS", 1.0)
    film = load_film(write_film(numbered(400)), (64, 48), "crop", tmp_path / "cache")
    windows = FilmWindows(film, Story((Shot(0, 150), Shot(150, 400)), 400), context_frames=2, stride=2)
    assert windows.last == 399
    assert 60 <= len(windows.moments) <= 120
    assert len(windows.memory.newest) == len(windows.moments)
    seen = course(windows, 80)
    assert len(set(seen)) > 0.4 * len(windows.moments)  # every second one, and over all pieces
    assert {place // 100 for place in seen} == {0, 1, 2, 3}


def test_a_film_that_never_moves_has_a_next_frame_all_the_same(write_film: WriteFilm, tmp_path: Path) -> None:
    film = load_film(write_film([numbered(1)[0]] * 80), (64, 48), "crop", tmp_path / "cache")
    windows = FilmWindows(film, Story((Shot(0, 80),), 80), context_frames=1, stride=2)
    moments = torch.from_numpy(windows.moments)
    assert set(windows.onward(moments).tolist()) <= set(windows.moments.tolist())
    assert set(windows.turned(moments).tolist()) <= set(windows.moments.tolist())


@pytest.mark.parametrize("context_frames", [1, 2])
def test_the_moment_most_like_a_state_is_found(hats_film: Film, context_frames: int) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=context_frames, stride=2, scale=2)
    moments = torch.tensor(windows.moments[5::17])
    contexts = windows.contexts(moments)
    drifted = (contexts.int() + torch.randint(-3, 4, contexts.shape, generator=torch.Generator().manual_seed(0))).clamp(
        0, 255
    )
    assert torch.equal(windows.most_like(drifted.to(torch.uint8)), moments)


def test_a_turn_leads_to_a_like_moment_elsewhere(write_film: WriteFilm, tmp_path: Path) -> None:
    """A film that is told twice: from each moment a turn leads into the other telling."""
    told = numbered(100, (128, 48))[:100]
    film = load_film(write_film([*told, *told]), (64, 48), "crop", tmp_path / "cache")
    story = Story((Shot(0, 100), Shot(100, 200)), 200)
    windows = FilmWindows(film, story, context_frames=2, stride=2)
    moments = torch.arange(10, 90)
    assert torch.equal(windows.turned(moments), windows.onward(moments + 100))
    assert torch.equal(windows.turned(moments + 100), windows.onward(moments))


def test_a_turn_inside_stays_in_the_shot(hats_windows: FilmWindows) -> None:
    moments = torch.from_numpy(hats_windows.moments)
    for nexts in (hats_windows.inside(moments), hats_windows.turned_inside(moments)):
        assert torch.equal(hats_windows.scene(nexts), hats_windows.scene(moments))
    onward = hats_windows.onward(moments)
    staying = hats_windows.scene(onward) == hats_windows.scene(moments)
    assert torch.equal(hats_windows.inside(moments)[staying], onward[staying])


def test_frames_are_seen_at_a_fraction_of_the_size(hats_film: Film) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=2)
    last = torch.tensor([windows.last])
    assert windows.contexts(last).shape == (1, 6, 24, 32)
    picture = windows.pictures(last)
    assert picture.shape == (1, 3, 48, 64)
    small = torch.nn.functional.avg_pool2d(picture.float(), 2)
    assert (windows.small(last) - small).abs().max() <= 0.5
    assert torch.equal(windows.contexts(last)[:, -3:], windows.small(last))


@pytest.mark.parametrize("circle", [True, False])
def test_drawing_is_repeatable_and_reaches_everything(windows: FilmWindows, circle: bool) -> None:
    draws = [windows.draw(2000, torch.Generator().manual_seed(3), circle=circle) for _ in range(2)]
    assert torch.equal(*draws)
    without = set() if circle else {9, 10, 11, 37, 38, 39}  # what has no next frame in its shot
    assert set(draws[0].tolist()) == set(windows.moments) - without


def test_a_stride_longer_than_every_shot_is_refused(windows: FilmWindows) -> None:
    film = type("Film", (), {"frames": windows.frames, "size": (64, 48), "frame_rate": 24})()
    with pytest.raises(FilmError, match="smaller --stride"):
        FilmWindows(film, Story(SHOTS, 40), context_frames=2, stride=28)


def test_small_frames_are_made_once(hats_windows: FilmWindows, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    shrink = cv2.resize
    monkeypatch.setattr(cv2, "resize", lambda *given, **more: (made.append(1), shrink(*given, **more))[1])
    wanted = torch.tensor([[3, 40], [40, 3]])
    small = hats_windows.small(wanted)
    assert small.shape == (2, 2, 3, 24, 32)
    expected = shrink(hats_windows.frames[40], (32, 24), interpolation=cv2.INTER_AREA).transpose(2, 0, 1)
    assert np.array_equal(small[0, 1].numpy(), expected)
    assert len(made) == 2
    assert torch.equal(hats_windows.small(wanted), small)
    small.zero_()  # whoever gets them may write into them
    assert hats_windows.small(wanted).any()
    assert len(made) == 2


def test_views_show_a_part_of_a_frame_and_its_mirror_image(hats_windows: FilmWindows) -> None:
    views = torch.tensor([[0, 0, 1, 0], [0, 0, 1, 1], [0.25, 0.5, 0.5, 0], [0.25, 0.5, 0.5, 1]])
    frame = hats_windows.frames[40]
    part = cv2.resize(frame[24:48, 16:48], (32, 24), interpolation=cv2.INTER_AREA)
    whole = cv2.resize(frame, (32, 24), interpolation=cv2.INTER_AREA)
    expected = np.array([whole, whole[:, ::-1], part, part[:, ::-1]]).transpose(0, 3, 1, 2)
    assert np.array_equal(hats_windows.small(torch.full((4,), 40), views).numpy(), expected)
