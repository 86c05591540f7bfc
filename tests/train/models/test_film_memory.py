"""The memory: it finds film frames, and knows what follows them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.train.conftest import WriteFilm, numbered
from train.data.film import load_film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import Shot, Story
from train.images.pixels import from_bytes
from train.models.film_memory import NO_SHOT, ONWARD, TURNED, Keys, describe


def all_frames(course: FilmCourse) -> tuple[Tensor, Tensor]:
    """Return the film indices and the memory indices of all film frames, [m] each."""
    film_indices = torch.from_numpy(course.windows.film_indices)
    return film_indices, torch.arange(len(film_indices))


def moving(count: int) -> Tensor:
    """Return contexts that do not stand still."""
    return torch.cat([torch.zeros(count, 3, 24, 32), torch.ones(count, 3, 24, 32)], 1)


def follow(
    course: FilmCourse, *, turn: float = 0.0, enter: int = NO_SHOT, contexts: Tensor | None = None, held: float = 0.0
) -> Tensor:
    """Return the film indices of what follows all film frames, [m]."""
    _, memory_indices = all_frames(course)
    count = len(memory_indices)
    contexts = moving(count) if contexts is None else contexts
    turns, shots = torch.full((count,), turn), torch.full((count,), enter)
    next_pictures = course.memory.follow(memory_indices, contexts, turns, shots, torch.full((count,), held))
    assert next_pictures.shape == (count,)
    return course.remembered[next_pictures]


# ----------------------------------------------------------------------------
# Looking up.


def test_every_film_frame_is_found_by_its_own_context(hats_course: FilmCourse) -> None:
    memory, windows = hats_course.memory, hats_course.windows
    film_indices, memory_indices = all_frames(hats_course)
    contexts = from_bytes(windows.contexts(film_indices))
    found = memory.look_up(contexts)
    assert found.shape == memory_indices.shape
    assert (found == memory_indices).float().mean() > 0.9
    own, theirs = (windows.small(film_indices[each]).float() for each in (memory_indices, found))
    assert (own - theirs).abs().mean((1, 2, 3)).max() < 2  # itself, or one that looks the same
    assert torch.equal(memory.shot_of(found), hats_course.shot_of(film_indices))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(memory.look_up(contexts), found)


def test_distances_are_those_of_the_descriptors(hats_course: FilmCourse) -> None:
    """They are computed from pictures, and up to a number that is the same for all film frames."""
    memory, cells = hats_course.memory, hats_course.cells
    pictures = from_bytes(memory.reduced)
    keys = describe(pictures[memory.newest], pictures[memory.before])
    rng = torch.Generator().manual_seed(0)
    states = keys[5::40] + 0.1 * torch.randn(len(keys[5::40]), keys.shape[1], generator=rng)
    weights = torch.rand(len(states), *cells, generator=rng)
    found = Keys.of(pictures, memory.newest, memory.before, cells).distances(states, weights).sum(0)
    by_cell = (states[:, None] - keys).square().unflatten(2, (-1, *cells)).mean(2)
    expected = (by_cell * weights[:, None]).mean((2, 3))
    difference = found - expected
    torch.testing.assert_close(difference, difference[:, :1].expand_as(difference), rtol=0, atol=1e-6)


@pytest.mark.parametrize("deviation", [0.01, 0.05])
def test_noise_does_not_change_what_is_found(hats_course: FilmCourse, deviation: float) -> None:
    film_indices = torch.tensor(hats_course.windows.film_indices[5::17])
    contexts = from_bytes(hats_course.windows.contexts(film_indices))
    noise = torch.randn(contexts.shape, generator=torch.Generator().manual_seed(0))
    found = hats_course.memory.look_up(contexts + deviation * noise)
    assert torch.equal(torch.tensor(hats_course.windows.film_indices)[found], film_indices)


def test_cells_that_do_not_count_may_show_anything(hats_course: FilmCourse) -> None:
    memory, windows = hats_course.memory, hats_course.windows
    film_indices, memory_indices = all_frames(hats_course)
    contexts = from_bytes(windows.contexts(film_indices))
    weights = torch.ones(len(contexts), 1, *hats_course.cells)
    assert torch.equal(memory.look_up(contexts, weights), memory.look_up(contexts))
    overwritten = contexts.clone()
    for covered, pixels in ((slice(0, 2), slice(0, 8)), (slice(5, 8), slice(20, 32))):
        weights[..., 1:5, covered] = 0
        overwritten[..., 4:20, pixels] = torch.rand(len(contexts), 6, 16, 1) * 2 - 1
    found = memory.look_up(overwritten, weights)
    assert torch.equal(found, memory.look_up(contexts, weights))
    assert (found == memory_indices).float().mean() > 0.9
    assert (memory.look_up(overwritten) == memory_indices).float().mean() < 0.3
    assert memory.margin(overwritten, weights) == memory.margin(contexts, weights)
    half = memory.look_up(overwritten, 0.5 + weights / 2)
    assert (half == memory_indices).float().mean() < (found == memory_indices).float().mean()


def test_a_state_of_which_no_cell_counts_is_no_error(hats_course: FilmCourse) -> None:
    film_indices, _ = all_frames(hats_course)
    contexts = from_bytes(hats_course.windows.contexts(film_indices[:3]))
    nothing = torch.zeros(3, 1, *hats_course.cells)
    assert torch.equal(hats_course.memory.look_up(contexts, nothing), torch.zeros(3, dtype=torch.int64))
    assert hats_course.memory.margin(contexts, nothing) == 0


@pytest.mark.parametrize("lean", [-6.0, 3.0, 6.0])
def test_a_state_is_found_by_what_its_middle_shows_as_far_as_it_leans(hats_course: FilmCourse, lean: float) -> None:
    film_indices, memory_indices = all_frames(hats_course)
    leans = torch.full((len(film_indices),), lean)
    contexts = from_bytes(hats_course.contexts(film_indices, leans))
    found = hats_course.memory.look_up(contexts, None, leans)
    assert (found == memory_indices).float().mean() > 0.9
    assert (found - memory_indices).abs().max() <= 1  # some pictures stand for two frames
    assert (hats_course.memory.look_up(contexts) == memory_indices).float().mean() < 0.8


# ----------------------------------------------------------------------------
# Following.


def test_without_a_turn_the_course_is_followed_up_to_the_end_of_a_shot(hats_course: FilmCourse) -> None:
    film_indices, memory_indices = all_frames(hats_course)
    ends = hats_course.memory.at_end(memory_indices)
    onward = hats_course.onward(film_indices)
    assert torch.equal(ends, hats_course.shot_of(onward) != hats_course.shot_of(film_indices))
    assert 3 <= ends.sum() < len(ends) / 4
    assert torch.equal(follow(hats_course), torch.where(ends, hats_course.turned(film_indices), onward))
    assert torch.equal(hats_course.shot_of(follow(hats_course)), hats_course.shot_of(film_indices))


def test_a_turn_is_taken_only_where_it_goes_hardly_farther_than_a_step(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    film_indices, memory_indices = all_frames(hats_course)
    turned, onward = hats_course.turned(film_indices), hats_course.onward(film_indices)
    somewhere = memory.near | memory.at_end(memory_indices)
    assert memory.near.any()
    assert not memory.near.all()
    assert torch.equal(follow(hats_course, turn=1.0), torch.where(somewhere, turned, onward))
    assert (turned != onward)[memory.near].float().mean() > 0.9


def test_a_film_of_one_shot_turns_at_its_end_and_does_not_jump_to_its_beginning(
    write_film: WriteFilm, tmp_path: Path
) -> None:
    film = load_film(write_film(numbered(150, (128, 48))), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 150),), 150), context_frames=2, stride=2, scale=2))
    film_indices, memory_indices = all_frames(course)
    ends = course.memory.at_end(memory_indices)
    assert film_indices[ends].tolist() == [148, 149]
    first = film_indices[0]
    assert (course.onward(film_indices[ends]) == first).all()  # the film is a circle
    assert (follow(course)[ends] != first).all()
    assert (follow(course, enter=0)[ends] == first).all()


def test_a_state_that_leaves_its_shot_enters_another_at_its_beginning(hats_course: FilmCourse) -> None:
    film_indices, _ = all_frames(hats_course)
    still = from_bytes(hats_course.windows.contexts(film_indices))[:, 3:].repeat(1, 2, 1, 1)
    for number, shot in enumerate(hats_course.windows.shots):
        for turn, contexts in ((0.0, None), (1.0, None), (0.0, still)):
            entered = follow(hats_course, turn=turn, enter=number, contexts=contexts)
            assert (entered == int(shot[0])).all()


def test_a_state_that_stands_still_goes_farther_on_the_course(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    film_indices, memory_indices = all_frames(hats_course)
    contexts = from_bytes(hats_course.windows.contexts(film_indices))
    still = contexts[:, 3:].repeat(1, 2, 1, 1)
    assert memory.stands_still(still).all()
    assert memory.stands_still(still + 0.0005 * torch.randn(still.shape)).all()
    turned, ends = hats_course.turned(film_indices), memory.at_end(memory_indices)
    expected = torch.where(ends, turned, hats_course.skipped(film_indices))
    assert torch.equal(follow(hats_course, contexts=still), expected)
    assert torch.equal(follow(hats_course, turn=1.0, contexts=still), torch.where(memory.near, turned, expected))
    assert (expected > follow(hats_course))[~ends].float().mean() > 0.9  # the others are shortly before an end
    assert torch.equal(follow(hats_course, contexts=still, held=1.0), follow(hats_course))
    assert memory.stands_still(contexts).float().mean() < 0.5  # of the film itself: where it holds


def test_a_state_that_is_held_where_the_film_holds_leaves_and_does_not_jump_back(
    write_film: WriteFilm, tmp_path: Path
) -> None:
    """A picture fills with white. For a second it becomes lighter, so slowly that a painter drops every step of it."""
    pictures = [np.full((48, 64, 3), 60, np.uint8) for _ in range(80)]
    for number, picture in enumerate(pictures):
        picture.reshape(-1, 3)[: 38 * number] = 250
    hold = [pictures[60] - 4 + number // 6 for number in range(24)]
    film = load_film(write_film([*pictures[:60], *hold, *pictures[60:]]), (64, 48), "crop", tmp_path / "cache")
    course = FilmCourse(FilmWindows(film, Story((Shot(0, 104),), 104), context_frames=2, stride=1))
    for held in range(60, 84):
        frame = course.windows.small(torch.tensor([held]))
        context, found = torch.cat([frame, frame], 1), []
        for _ in range(6):
            targets = course.targets(context, torch.zeros(1), torch.tensor([NO_SHOT]), torch.zeros(1))
            found.append(int(targets.found))
            changes = (targets.frames.int() - frame.int()).abs() > 1
            frame = torch.where(changes, targets.frames, frame)
            context = torch.cat([context[:, 3:], frame], 1)
        assert found == sorted(found)
        assert found[-1] >= 84


def test_a_state_may_stand_stiller_the_more_its_time_is_held(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    unmoved = torch.zeros(1, 3, 24, 32)
    little, hardly = (torch.cat([unmoved, unmoved + share * memory._still], 1) for share in (0.9, 0.4))
    for contexts, expected in ((little, [True, False, False]), (hardly, [True, True, False])):
        assert [bool(memory.stands_still(contexts, torch.tensor([held]))) for held in (0.0, 0.5, 1.0)] == expected
    assert memory.stands_still(little) == memory.stands_still(little, torch.zeros(1))


def test_each_state_of_a_batch_goes_its_own_way(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    places = torch.full((3,), int(memory.near.nonzero()[5]))
    turn, enter = torch.tensor([0.0, 1.0, 1.0]), torch.tensor([NO_SHOT, NO_SHOT, 1])
    nexts = memory.follow(places, moving(3), turn, enter)
    expected = [memory.following[ONWARD, places[0]], memory.following[TURNED, places[0]], memory.entries[1]]
    assert nexts.tolist() == [int(each) for each in expected]


def test_where_time_leans_each_column_shows_another_moment_of_the_shot(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    rows, columns = hats_course.cells
    every = memory.guide(torch.arange(len(memory.luma)))
    first = int(memory.entries[1])
    last = int(torch.searchsorted(hats_course.remembered, int(hats_course.windows.shots[1][-1])))
    middle = torch.tensor([first + 8, first + 2, last - 2, first + 8])
    leaning = memory.guide(middle, torch.tensor([6.0, 6.0, 6.0, 0.0]))
    assert leaning.shape == (4, 3, 2 * rows, 2 * columns)
    for place, shifts_there in ((0, (-3, -1, -1)), (columns, (0, 0, 0)), (2 * columns - 1, (3, 1, 1))):
        wanted = middle[:3] + torch.tensor(shifts_there)
        # Chroma of neighbouring columns is mixed, luma is not.
        luma, exact = (
            0.299 * each[..., 0] + 0.587 * each[..., 1] + 0.114 * each[..., 2]
            for each in (guides[..., place].movedim(1, -1) for guides in (leaning[:3], every[wanted]))
        )
        assert (luma - exact).abs().max() < 0.005
    assert torch.equal(leaning[3], every[middle[3]])


def test_time_is_upright_at_the_ends_of_a_shot(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    ends = torch.tensor([[int(shot[0]), int(shot[-1])] for shot in hats_course.windows.shots]).flatten()
    pictures = torch.searchsorted(hats_course.remembered, ends)
    assert memory.reach[pictures].eq(0).all()
    assert torch.equal(memory.guide(pictures, torch.full((len(pictures),), 6.0)), memory.guide(pictures))
