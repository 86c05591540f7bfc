"""The memory: it finds film frames band by band, and knows what follows them."""

import pytest
import torch

from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes
from train.models.camera_guide import camera_guide
from train.models.film_memory import BANDS, MIDDLE, bands


def test_bands_share_the_picture() -> None:
    for width in (8, 16, 64, 256):
        shares = bands(width)
        assert shares.shape == (BANDS, width)
        assert torch.allclose(shares.sum(0), torch.ones(width))
        assert shares.min() >= 0
        assert shares[:, 0].tolist() == [1, 0, 0]
        assert shares[:, width // 2].tolist() == [0, 1, 0]


def all_frames(course: FilmCourse) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the film indices and the memory indices [m, BANDS] of all film frames."""
    film_indices = torch.from_numpy(course.windows.film_indices)
    return film_indices, torch.arange(len(film_indices))[:, None].expand(-1, BANDS)


def moving(count: int) -> torch.Tensor:
    """Return contexts that do not stand still."""
    return torch.cat([torch.zeros(count, 3, 24, 32), torch.ones(count, 3, 24, 32)], 1)


# ----------------------------------------------------------------------------
# Looking up.


def test_every_film_frame_is_found_by_its_own_context(hats_course: FilmCourse) -> None:
    memory, windows = hats_course.memory, hats_course.windows
    film_indices, memory_indices = all_frames(hats_course)
    contexts = from_bytes(windows.contexts(film_indices))
    found = memory.look_up(contexts)
    assert found.shape == memory_indices.shape
    assert (found == memory_indices).float().mean() > 0.9
    own, theirs = (windows.small(film_indices[each[:, MIDDLE]]).float() for each in (memory_indices, found))
    assert (own - theirs).abs().mean((1, 2, 3)).max() < 2  # itself, or one that looks the same
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(memory.look_up(contexts), found)


@pytest.mark.parametrize("deviation", [0.01, 0.05])
def test_noise_does_not_change_what_is_found(hats_course: FilmCourse, deviation: float) -> None:
    film_indices = torch.tensor(hats_course.windows.film_indices[5::17])
    contexts = from_bytes(hats_course.windows.contexts(film_indices))
    noise = torch.randn(contexts.shape, generator=torch.Generator().manual_seed(0))
    found = hats_course.memory.look_up(contexts + deviation * noise)
    assert torch.equal(torch.tensor(hats_course.windows.film_indices)[found[:, MIDDLE]], film_indices)


def test_a_picture_of_several_frames_is_found_band_by_band(hats_course: FilmCourse) -> None:
    film_indices, _ = all_frames(hats_course)
    contexts = from_bytes(hats_course.windows.contexts(film_indices[[85, 110]]))  # of the same shot
    share = bands(32)[0]
    mixed = contexts[:1] * share + contexts[1:] * (1 - share)
    found = hats_course.memory.look_up(mixed)
    assert int(found[0, 0]) == 85
    composed = from_bytes(hats_course.compose(film_indices[found]))
    assert (composed - mixed[:, -3:]).abs().mean() < 0.03
    for whole in contexts[:, -3:]:
        assert (whole - mixed[:, -3:]).abs().mean() > 0.03


def test_all_bands_are_looked_up_in_one_shot(hats_course: FilmCourse) -> None:
    first, last = hats_course.windows.shots[0], hats_course.windows.shots[2]
    contexts = from_bytes(hats_course.windows.contexts(torch.tensor([first[5], last[5]])))
    share = bands(32)[MIDDLE]
    mixed = contexts[:1] * share + contexts[1:] * (1 - share)  # the first shot between two thirds of the last
    found = torch.from_numpy(hats_course.windows.film_indices)[hats_course.memory.look_up(mixed)]
    assert hats_course.shot_of(found).tolist() == [[0, 0, 0]]


def test_a_camera_draws_the_look_up_to_frames_like_its_picture(hats_course: FilmCourse) -> None:
    memory, windows = hats_course.memory, hats_course.windows
    film_indices, _ = all_frames(hats_course)
    contexts = from_bytes(windows.contexts(film_indices))

    def guide(film_indices: torch.Tensor) -> torch.Tensor:
        return camera_guide(from_bytes(windows.small(hats_course.onward(film_indices))), hats_course.cells)

    camera = guide(film_indices.roll(len(film_indices) // 2))
    found = [memory.look_up(contexts, camera, torch.full((len(film_indices),), call)) for call in (0.0, 0.5, 1.0)]
    assert torch.equal(found[0], memory.look_up(contexts))
    error = [(guide(film_indices[each[:, MIDDLE]]) - camera).abs().mean() for each in found]
    assert error[0] > error[1] > error[2]


# ----------------------------------------------------------------------------
# Following.


def test_a_state_that_stands_still_turns(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    film_indices, memory_indices = all_frames(hats_course)
    contexts = from_bytes(hats_course.windows.contexts(film_indices))
    still = contexts[:, 3:].repeat(1, 2, 1, 1)
    assert memory.stands_still(still).all()
    assert memory.stands_still(still + 0.002 * torch.randn(still.shape)).all()
    no_turn = torch.zeros(memory_indices.shape)
    turned = memory.follow(memory_indices, moving(len(memory_indices)), no_turn + 1)
    assert torch.equal(memory.follow(memory_indices, still, no_turn), turned)
    assert memory.stands_still(contexts).float().mean() < 0.5  # of the film itself: where it holds


def test_a_state_may_stand_stiller_the_more_closely_a_camera_is_followed(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    unmoved = torch.zeros(1, 3, 24, 32)
    little, hardly = (torch.cat([unmoved, unmoved + share * memory._still], 1) for share in (0.9, 0.4))
    for contexts, expected in ((little, [True, False, False]), (hardly, [True, True, False])):
        assert [bool(memory.stands_still(contexts, torch.tensor([mix]))) for mix in (0.0, 0.5, 1.0)] == expected
    assert memory.stands_still(little) == memory.stands_still(little, torch.zeros(1))


@pytest.mark.parametrize("turned", [False, True])
def test_a_whole_picture_follows_the_course_or_turns(hats_course: FilmCourse, turned: bool) -> None:
    film_indices, memory_indices = all_frames(hats_course)
    turn = torch.full(memory_indices.shape, float(turned))
    next_pictures = hats_course.memory.follow(memory_indices, moving(len(film_indices)), turn)
    nexts = hats_course.remembered[next_pictures]
    leading = hats_course.turned(film_indices) if turned else hats_course.onward(film_indices)
    assert torch.equal(nexts[:, MIDDLE], leading)
    cut = hats_course.shot_of(leading) != hats_course.shot_of(film_indices)
    assert cut.any()
    assert (nexts[cut] == leading[cut, None]).all()  # all bands go along
    if not turned:
        assert (nexts == leading[:, None]).all()


def test_a_band_that_turns_stays_in_its_shot(hats_course: FilmCourse) -> None:
    film_indices, memory_indices = all_frames(hats_course)
    turn = torch.zeros(memory_indices.shape)
    turn[:, 0] = 1
    nexts = hats_course.remembered[hats_course.memory.follow(memory_indices, moving(len(film_indices)), turn)]
    shots = hats_course.shot_of(nexts)
    onward = hats_course.onward(film_indices)
    assert (shots == shots[:, MIDDLE, None]).all()
    assert torch.equal(nexts[:, 2], onward)
    staying = hats_course.shot_of(onward) == hats_course.shot_of(film_indices)
    assert (nexts[staying, 0] != nexts[staying, 2]).float().mean() > 0.9


def test_a_band_at_the_end_of_a_shot_waits_for_the_others(hats_course: FilmCourse) -> None:
    windows = hats_course.windows
    ends, starts = (torch.tensor([shot[place] for shot in windows.shots]) for place in (-1, 0))
    film_indices = torch.stack([ends, starts, ends], 1)
    memory_indices = torch.searchsorted(torch.from_numpy(windows.film_indices), film_indices)
    no_turn = torch.zeros(memory_indices.shape)
    next_pictures = hats_course.memory.follow(memory_indices, moving(len(memory_indices)), no_turn)
    nexts = hats_course.remembered[next_pictures]
    assert torch.equal(hats_course.shot_of(nexts), hats_course.shot_of(film_indices))


def test_the_guide_shows_the_pictures_that_follow(hats_course: FilmCourse) -> None:
    remembered = hats_course.remembered
    guide = hats_course.memory.guide(torch.arange(len(remembered))[:, None].expand(-1, BANDS))
    assert guide.shape == (len(remembered), 3, *hats_course.cells)
    coarse = torch.nn.functional.avg_pool2d(from_bytes(hats_course.windows.small(remembered)), 4)
    assert (guide - coarse).abs().max() < 0.03  # by rounding
