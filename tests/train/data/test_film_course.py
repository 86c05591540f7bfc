"""The course of a film: what follows each film frame over cuts, still stretches and turns."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.train.conftest import WriteFilm, numbered
from train.data.film import Film, load_film
from train.data.film_course import FilmCourse, Targets
from train.data.film_windows import FilmWindows
from train.data.shots import Shot, Story, find_story
from train.images.pixels import from_bytes
from train.models.film_memory import NO_SHOT
from train.models.guide import MOST_UNEVEN, even_places


def targets(course: FilmCourse, contexts: Tensor, *, turn: float = 0.0, enter: int = NO_SHOT) -> Targets:
    """Return targets for states that all turn, or all enter a shot, or do neither."""
    count = len(contexts)
    return course.targets(contexts, torch.full((count,), turn), torch.full((count,), enter), torch.zeros(count))


def assert_luma(guide: Tensor, small: Tensor, pitch: int) -> None:
    """Assert that guides have the luma of small frames, both [n, 3, …], whose pixels are `pitch` times as small."""
    assert (luma(guide) - luma(F.avg_pool2d(small, pitch))).abs().max() < 0.03  # by rounding


def luma(pictures: Tensor) -> Tensor:
    """Return the luma of pictures, [n, 3, h, w]: [n, h, w]."""
    return 0.299 * pictures[:, 0] + 0.587 * pictures[:, 1] + 0.114 * pictures[:, 2]


@pytest.fixture
def course(write_film: WriteFilm, tmp_path: Path) -> FilmCourse:
    film = load_film(write_film(numbered(40)), (64, 48), "crop", tmp_path / "cache")
    story = Story((Shot(0, 12), Shot(12, 40)), 40)
    return FilmCourse(FilmWindows(film, story, context_frames=2, stride=3))


def test_the_film_is_a_circle(course: FilmCourse) -> None:
    film_indices = torch.tensor([3, 8, 9, 11, 15, 36, 37, 39])
    assert course.onward(film_indices).tolist() == [6, 11, 15, 15, 18, 39, 3, 3]


def test_frames_of_a_still_stretch_are_skipped(write_film: WriteFilm, tmp_path: Path) -> None:
    pictures = numbered(60)
    still = [*pictures[:20], *[pictures[20]] * 10, *pictures[20:]]
    film = load_film(write_film(still), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 70),), 70), context_frames=2, stride=1))
    assert course.onward(torch.tensor([18, 19, 20, 29, 30])).tolist() == [19, 20, 31, 31, 31]
    assert len(course.onward(torch.from_numpy(course.windows.film_indices)).unique()) < 62


def test_what_a_state_that_stands_still_skips_to_differs_from_it_and_is_in_its_shot(hats_course: FilmCourse) -> None:
    windows = hats_course.windows
    film_indices = torch.from_numpy(windows.film_indices)
    onward, skipped = hats_course.onward(film_indices), hats_course.skipped(film_indices)
    assert torch.equal(hats_course.shot_of(skipped), hats_course.shot_of(film_indices))
    last = torch.tensor([shot[-1] for shot in windows.shots])[hats_course.shot_of(film_indices)]
    goes_on = skipped < last
    assert goes_on.float().mean() > 0.6
    assert (skipped > onward)[goes_on].all()
    away, steps = (
        (windows.small(each).float() - windows.small(film_indices).float()).abs().mean((1, 2, 3))[goes_on]
        for each in (skipped, onward)
    )
    assert away.min() > 1.5 * steps.median()
    assert away.max() < 6 * steps.median()


def test_a_slow_fade_is_skipped_until_it_can_be_painted(write_film: WriteFilm, tmp_path: Path) -> None:
    fade = [np.full((48, 64, 3), 60 + number // 2, np.uint8) for number in range(120)]
    film = load_film(write_film(fade), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 120),), 120), context_frames=2, stride=2))
    assert course.onward(torch.tensor([20, 30])).tolist() == [22, 32]
    assert course.skipped(torch.tensor([20, 30])).tolist() == [26, 36]


def test_the_last_frames_of_a_shot_are_its_end_if_the_last_one_held_is_found_there(
    write_film: WriteFilm, tmp_path: Path
) -> None:
    """The last step is larger than the one before it, and both are small."""
    pictures = numbered(60)
    ending = [pictures[59] - darker for darker in (4, 8, 13)]
    film = load_film(write_film([*pictures, *ending, *pictures]), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 63), Shot(63, 123)), 123), context_frames=2, stride=1))
    assert course.onward(torch.tensor([58, 59, 60, 61, 62])).tolist() == [59, 60, 61, 64, 64]
    assert course.skipped(torch.tensor([59, 60])).tolist() == [62, 62]
    last = course.windows.small(torch.tensor([62]))
    found = targets(course, torch.cat([last, last], 1)).found
    assert course.onward(found).tolist() == [64]


def walk(course: FilmCourse, steps: int) -> list[int]:
    """Return the film frames of a walk along the circle, each of which is looked up by its context alone."""
    windows = course.windows
    found = [torch.tensor(windows.film_indices[:1])]
    for _ in range(steps):
        contexts = windows.contexts(course.onward(found[-1]))
        found.append(targets(course, contexts).found)
    return [int(film_index) for film_index in found]


@pytest.mark.parametrize("still", [10, 100, 300])
def test_no_still_stretch_is_too_long_to_be_passed(write_film: WriteFilm, tmp_path: Path, still: int) -> None:
    pictures = numbered(80)
    film = load_film(
        write_film([*pictures[:40], *[pictures[40]] * still, *pictures[40:]]), (64, 48), "crop", tmp_path / "cache"
    )
    story = Story((Shot(0, 80 + still),), 80 + still)
    seen = walk(FilmCourse(FilmWindows(film, story, context_frames=2, stride=2)), 60)
    assert max(seen) > 60 + still
    assert len(set(seen)) > 30


def test_the_course_leads_over_all_pieces_of_a_long_film(write_film: WriteFilm, tmp_path: Path) -> None:
    film = load_film(write_film(numbered(400)), (64, 48), "crop", tmp_path / "cache")
    story = Story((Shot(0, 150), Shot(150, 400)), 400)
    windows = FilmWindows(film, story, context_frames=2, stride=2, most_windows=100, piece_seconds=1.0)
    course = FilmCourse(windows)
    assert len(course.memory.newest) == len(windows.film_indices)
    seen = walk(course, 80)
    assert len(set(seen)) > 0.4 * len(windows.film_indices)  # every second one
    assert {film_index // 100 for film_index in seen} == {0, 1, 2, 3}


def test_a_film_that_never_moves_has_next_frames_all_the_same(write_film: WriteFilm, tmp_path: Path) -> None:
    film = load_film(write_film([numbered(1)[0]] * 80), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 80),), 80), context_frames=2, stride=2))
    film_indices = torch.from_numpy(course.windows.film_indices)
    assert set(course.onward(film_indices).tolist()) <= set(film_indices.tolist())
    assert (course.turned(film_indices) == film_indices[0]).all()  # no place of it goes on: it begins again


def test_a_turn_leads_to_a_similar_frame_elsewhere(write_film: WriteFilm, tmp_path: Path) -> None:
    """In a film that is told twice, a turn leads from each frame into the other telling."""
    once = numbered(100, (128, 48))
    film = load_film(write_film([*once, *once]), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 200),), 200), context_frames=2, stride=2))
    film_indices = torch.arange(10, 70)
    assert torch.equal(course.turned(film_indices), course.onward(film_indices + 100))
    assert torch.equal(course.turned(film_indices + 100), course.onward(film_indices))
    every = torch.from_numpy(course.windows.film_indices)
    before_the_ending = every[every < 200 - course.windows.frame_rate]
    places = torch.cat([course.onward(before_the_ending), every[:1]])
    assert torch.isin(course.turned(every), places).all()


def test_a_turn_of_a_slow_shot_is_near_by_its_own_pace(write_film: WriteFilm, tmp_path: Path) -> None:
    """A slow shot, told twice with another light; beside it a shot that is three times as fast."""
    slow = [np.full((48, 64, 3), 20 + number, np.uint8) for number in range(100)]
    brighter = [picture + 30 for picture in slow]
    fast = [np.full((48, 64, 3), (20 + 3 * number) % 200, np.uint8) for number in range(400)]
    film = load_film(write_film([*slow, *brighter, *fast]), (64, 48), "crop", tmp_path / "cache")
    story = Story((Shot(0, 200), Shot(200, 600)), 600)
    course = FilmCourse(FilmWindows(film, story, context_frames=2, stride=2))
    film_indices, near = torch.from_numpy(course.windows.film_indices), course.memory.near
    assert not near[film_indices < 20].any()  # they are ten levels away from anything else, five times a step
    assert near[(film_indices > 60) & (film_indices < 90)].all()


def test_a_turn_stays_in_the_shot_and_leads_elsewhere(hats_course: FilmCourse) -> None:
    film_indices = torch.from_numpy(hats_course.windows.film_indices)
    shots, turned = hats_course.shot_of(film_indices), hats_course.turned(film_indices)
    assert torch.equal(hats_course.shot_of(turned), shots)
    quarter = torch.tensor([len(shot) / 4 for shot in hats_course.windows.shots])[shots]
    far = (film_indices - film_indices[:, None]).abs() > quarter[:, None]
    leads_there = hats_course.onward(film_indices) == turned[:, None]
    assert (far & leads_there).any(1).all()


def test_a_turn_is_near_where_it_hardly_shows(write_film: WriteFilm, tmp_path: Path) -> None:
    """It slowly becomes light twice in one shot, the second time behind bars that come up in the middle."""
    once = [np.full((48, 64, 3), 30 + 2 * number, np.uint8) for number in range(100)]
    barred = [picture.copy() for picture in once]
    for picture in barred[50:]:
        picture[:, ::2] //= 4
        picture[:20] = 255
    film = load_film(write_film([*once, *barred]), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 200),), 200), context_frames=2, stride=2))
    film_indices, near = torch.from_numpy(course.windows.film_indices), course.memory.near
    alike = (film_indices > 4) & (film_indices < 46)
    assert near[alike].all()
    assert torch.equal(course.turned(film_indices[alike]), course.onward(film_indices[alike] + 100))
    assert not near[film_indices > 152].any()


def test_the_memory_holds_pictures_at_the_places_of_the_guide_and_where_shots_begin(hats_course: FilmCourse) -> None:
    memory, windows = hats_course.memory, hats_course.windows
    rows, columns = hats_course.cells
    assert memory.cells == (rows, columns) == (6, 8)
    for kept, numbers in ((memory.reduced, 3), (memory.luma, 2**2), (memory.chroma, 2)):
        assert kept.shape == (len(hats_course.remembered), numbers * rows * columns)
        assert kept.dtype == torch.uint8
    assert hats_course.remembered[memory.entries].tolist() == [int(shot[0]) for shot in windows.shots]
    assert torch.equal(hats_course.remembered[memory.newest], torch.from_numpy(windows.film_indices))
    assert torch.equal(hats_course.remembered[memory.before], torch.from_numpy(windows.film_indices) - 2)


@pytest.mark.parametrize("cell", [4, 8])
def test_a_place_of_the_guide_is_two_pixels_of_the_small_frame(hats_windows: FilmWindows, cell: int) -> None:
    course = FilmCourse(hats_windows, cell=cell)
    assert course.memory.cells == (24 // cell, 32 // cell)
    guide = course.memory.guide(torch.arange(len(course.remembered)))
    assert guide.shape[1:] == (3, 12, 16)
    assert_luma(guide, from_bytes(hats_windows.small(course.remembered)), 2)


def test_the_guide_has_the_colours_of_the_film(write_film: WriteFilm, tmp_path: Path) -> None:
    colours = ((200, 40, 60), (30, 160, 90), (20, 60, 220), (240, 230, 40), (128, 128, 128), (0, 0, 0))
    pictures = [np.full((48, 64, 3), colours[number // 10], np.uint8) for number in range(60)]
    film = load_film(write_film(pictures), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 60),), 60), context_frames=2, stride=1))
    guide = course.memory.guide(torch.arange(len(course.remembered)))
    shown = from_bytes(course.windows.small(course.remembered)).mean((2, 3), keepdim=True)
    assert (guide - shown).abs().max() < 0.03  # by rounding


def test_the_dramaturgy_knows_the_lengths_of_the_shots_and_of_a_step(course: FilmCourse) -> None:
    dramaturgy = course.dramaturgy
    assert dramaturgy.lengths.tolist() == [pytest.approx(9 / 24), pytest.approx(25 / 24)]
    assert float(dramaturgy.step_seconds) == pytest.approx(3 / 24)


def test_one_context_frame_is_too_little(hats_film: Film) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=1, stride=2)
    with pytest.raises(ValueError, match="at least two context frames"):
        FilmCourse(windows)


# ----------------------------------------------------------------------------
# Targets.


@pytest.mark.parametrize("context_frames", [2, 4])
def test_a_drifted_state_is_found(hats_film: Film, context_frames: int) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=context_frames, stride=2, scale=2)
    film_indices = torch.tensor(windows.film_indices[5::17])
    contexts = windows.contexts(film_indices)
    drift = torch.randint(-3, 4, contexts.shape, generator=torch.Generator().manual_seed(0))
    drifted = (contexts.int() + drift).clamp(0, 255).to(torch.uint8)
    found = targets(FilmCourse(windows), drifted).found
    assert (found - film_indices).abs().max() <= 1  # some pictures stand for two frames


def test_without_a_turn_the_target_is_the_next_film_frame(hats_course: FilmCourse) -> None:
    film_indices = torch.from_numpy(hats_course.windows.shots[2][:40:5])
    made = targets(hats_course, hats_course.windows.contexts(film_indices))
    assert torch.equal(made.film_indices, hats_course.onward(film_indices))
    assert torch.equal(made.frames, hats_course.windows.small(made.film_indices))


def test_the_target_of_a_state_that_enters_a_shot_is_its_first_frame(hats_course: FilmCourse) -> None:
    film_indices = torch.from_numpy(hats_course.windows.shots[2][:40:5])
    made = targets(hats_course, hats_course.windows.contexts(film_indices), turn=1.0, enter=1)
    assert (made.film_indices == int(hats_course.windows.shots[1][0])).all()
    assert torch.equal(made.found, film_indices)


def test_targets_are_what_the_memory_guides_to(hats_course: FilmCourse) -> None:
    film_indices = torch.from_numpy(hats_course.windows.film_indices)
    rng = torch.Generator().manual_seed(0)
    turn = (torch.rand(len(film_indices), generator=rng) < 0.3).float()
    enter = torch.where(torch.rand(len(film_indices), generator=rng) < 0.1, 1, NO_SHOT)
    lean = hats_course.draw_leans(len(film_indices), 1.0, rng)
    lean[::2] = 0
    made = hats_course.targets(hats_course.contexts(film_indices, lean), turn, enter, lean)
    assert 0 < (made.film_indices != hats_course.onward(made.found)).sum() < len(film_indices)
    guide = hats_course.memory.guide(made.next_pictures, lean)
    frames = from_bytes(made.frames)
    assert_luma(guide[::2], frames[::2], frames.shape[2] // guide.shape[2])
    # Two columns of a frame, at different moments, may be one of the guide. A leaning frame is far nearer to its own.
    upright = from_bytes(hats_course.windows.small(made.film_indices))
    far, near = ((luma(F.avg_pool2d(each, 2)) - luma(guide))[1::2].abs().mean() for each in (upright, frames))
    assert near < far / 2
    assert torch.equal(hats_course.remembered[made.next_pictures], made.film_indices)


def test_in_a_leaning_context_each_column_shows_another_moment(hats_course: FilmCourse) -> None:
    windows = hats_course.windows
    shot = windows.shots[1]
    inside, first = int(shot[len(shot) // 2]), int(shot[0])
    contexts = hats_course.contexts(torch.tensor([inside, first, inside]), torch.tensor([6.0, 6.0, 0.0]))
    assert torch.equal(contexts[1:], windows.contexts(torch.tensor([first, inside])))  # a shot begins upright
    for column, moment in ((0, inside - 3), (15, inside), (31, inside + 3)):
        assert torch.equal(contexts[0, ..., column], windows.contexts(torch.tensor([moment]))[0, ..., column])


# ----------------------------------------------------------------------------
# Where the guide says all that there is.


def test_a_drawing_is_even_where_it_is_flat(course: FilmCourse) -> None:
    memory = course.memory
    assert 0 <= memory.evenness <= MOST_UNEVEN
    even = even_places(memory.guide(torch.arange(len(course.remembered))), memory.evenness)
    assert 0.3 < even.mean() < 0.9  # all but the moving bar


def test_nothing_is_even_in_a_texture_finer_than_the_guide(write_film: WriteFilm, tmp_path: Path) -> None:
    checkerboard = (20 * (np.indices((48, 64)).sum(0) % 2)).astype(np.uint8)[..., None]
    woven = [np.where(picture < 250, picture - 10 + checkerboard, picture) for picture in numbered(40)]
    film = load_film(write_film(woven), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 40),), 40), context_frames=2, stride=1))
    memory = course.memory
    guides = memory.guide(torch.arange(len(course.remembered)))
    assert even_places(guides, memory.evenness).mean() < 0.3  # the bar alone
