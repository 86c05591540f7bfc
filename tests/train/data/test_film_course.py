"""The course of a film: what follows each film frame over cuts, still stretches and turns."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from tests.train.conftest import WriteFilm, numbered
from train.data.film import Film, load_film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import Shot, Story, find_story
from train.images.pixels import from_bytes
from train.models.film_memory import BANDS, MIDDLE, bands


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


def walk(course: FilmCourse, steps: int) -> list[int]:
    """Return the film frames of a walk along the circle, each of which is looked up by its context alone."""
    windows = course.windows
    found = [torch.tensor(windows.film_indices[:1])]
    for _ in range(steps):
        contexts = windows.contexts(course.onward(found[-1]))
        found.append(course.targets(contexts, torch.zeros(1, BANDS)).found)
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
    assert set(course.turned(film_indices).tolist()) <= set(film_indices.tolist())


def test_a_turn_leads_to_a_similar_frame_elsewhere(write_film: WriteFilm, tmp_path: Path) -> None:
    """In a film that is told twice, a turn leads from each frame into the other telling."""
    once = numbered(100, (128, 48))
    film = load_film(write_film([*once, *once]), (64, 48), "crop", tmp_path / "cache")
    story = Story((Shot(0, 100), Shot(100, 200)), 200)
    course = FilmCourse(FilmWindows(film, story, context_frames=2, stride=2))
    film_indices = torch.arange(10, 90)
    assert torch.equal(course.turned(film_indices), course.onward(film_indices + 100))
    assert torch.equal(course.turned(film_indices + 100), course.onward(film_indices))


def test_a_turn_inside_stays_in_the_shot(hats_course: FilmCourse) -> None:
    film_indices = torch.from_numpy(hats_course.windows.film_indices)
    shots = hats_course.shot_of(film_indices)
    for nexts in (hats_course.inside(film_indices), hats_course.turned_inside(film_indices)):
        assert torch.equal(hats_course.shot_of(nexts), shots)
    onward = hats_course.onward(film_indices)
    staying = hats_course.shot_of(onward) == shots
    assert torch.equal(hats_course.inside(film_indices)[staying], onward[staying])


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
    found = FilmCourse(windows).targets(drifted, torch.zeros(len(contexts), BANDS)).found
    assert (found - film_indices).abs().max() <= 1  # some pictures stand for two frames


def test_without_a_turn_the_target_is_the_next_film_frame(hats_course: FilmCourse) -> None:
    film_indices = torch.from_numpy(hats_course.windows.shots[2][:40:5])
    targets = hats_course.targets(hats_course.windows.contexts(film_indices), torch.zeros(len(film_indices), BANDS))
    assert torch.equal(targets.film_indices, hats_course.onward(film_indices))
    assert torch.equal(targets.frames, hats_course.windows.small(targets.film_indices))
    assert targets.whole.all()


def test_targets_are_what_the_memory_guides_to(hats_course: FilmCourse) -> None:
    film_indices = torch.from_numpy(hats_course.windows.film_indices)
    turn = (torch.rand(len(film_indices), BANDS, generator=torch.Generator().manual_seed(0)) < 0.3).float()
    targets = hats_course.targets(hats_course.windows.contexts(film_indices), turn)
    assert 0 < targets.whole.sum() < len(film_indices)  # some bands turned
    guide = hats_course.memory.guide(targets.next_pictures)
    coarse = F.avg_pool2d(from_bytes(targets.frames), 4)
    assert (guide - coarse).abs().mean() < 0.01
    assert torch.equal(hats_course.remembered[targets.next_pictures][:, MIDDLE], targets.film_indices)


def test_frames_are_composed_as_the_guide_is(hats_course: FilmCourse) -> None:
    next_pictures = torch.tensor([[3, 40, 70]])
    frame = from_bytes(hats_course.compose(hats_course.remembered[next_pictures]))
    difference = (F.avg_pool2d(frame, 4) - hats_course.memory.guide(next_pictures)).abs().mean((0, 1, 2))
    inside = bands(hats_course.cells[1]).max(0).values == 1
    assert difference[inside].max() < 0.02
    assert difference.max() < 0.1  # a frame has finer seams than cells


def test_the_frame_in_view_follows_a_window_that_a_camera_plays(hats_course: FilmCourse) -> None:
    windows = hats_course.windows
    film_indices = torch.from_numpy(windows.film_indices[3:30:3])
    targets = hats_course.targets(windows.contexts(film_indices), torch.ones(len(film_indices), BANDS))
    played = torch.tensor([1, 4])
    views = torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.2, 0.1, 0.7, 0.0]])
    before = [tensor.clone() for tensor in vars(targets).values()]
    in_view = hats_course.targets_in_view(targets, played, film_indices[played], views)
    onward = hats_course.onward(film_indices[played])
    assert torch.equal(in_view.film_indices[played], onward)
    assert torch.equal(in_view.found[played], film_indices[played])
    assert torch.equal(in_view.frames[played], windows.small(onward, views))
    assert in_view.whole[played].all()
    others = torch.tensor([i for i in range(len(film_indices)) if i not in (1, 4)])
    for old, new, kept in zip(vars(targets).values(), vars(in_view).values(), before, strict=True):
        assert torch.equal(old[others], new[others])
        assert torch.equal(old, kept)  # not changed in place
