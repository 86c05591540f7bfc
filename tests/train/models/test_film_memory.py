"""What a generator knows by heart: it finds where it is, band by band, and knows what comes next."""

import pytest
import torch

from train.data.film import Film
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
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


def test_every_moment_is_found_by_its_own_context(hats_windows: FilmWindows) -> None:
    memory = hats_windows.memory
    moments = torch.from_numpy(hats_windows.moments)
    contexts = from_bytes(hats_windows.contexts(moments))
    found = memory.most_like(contexts)
    assert (found == torch.arange(len(moments))).float().mean() > 0.9
    own, theirs = (hats_windows.small(moments[places]).float() for places in (torch.arange(len(moments)), found))
    assert (own - theirs).abs().mean((1, 2, 3)).max() < 2  # itself, or one that looks the same
    parts = memory.look_up(contexts)
    assert parts.shape == (len(moments), BANDS)
    assert (parts == found[:, None]).float().mean() > 0.9
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(memory.look_up(contexts), parts)


def test_a_picture_of_several_moments_is_found_band_by_band(hats_windows: FilmWindows) -> None:
    moments = torch.from_numpy(hats_windows.moments)
    pair = moments[[85, 110]]  # of the same scene
    contexts = from_bytes(hats_windows.contexts(pair))
    shares = bands(32)[0]
    mixed = contexts[:1] * shares + contexts[1:] * (1 - shares)
    found = hats_windows.memory.look_up(mixed)
    assert int(found[0, 0]) == 85
    seen = from_bytes(hats_windows.composed(moments[found]))
    assert (seen - mixed[:, -3:]).abs().mean() < 0.03
    for whole in contexts[:, -3:]:
        assert (whole - mixed[:, -3:]).abs().mean() > 0.03


def everywhere(windows: FilmWindows) -> tuple[torch.Tensor, torch.Tensor]:
    """All moments of a film, and all bands of each at the same place of its memory."""
    moments = torch.from_numpy(windows.moments)
    return moments, torch.arange(len(moments))[:, None].expand(-1, BANDS)


def moving(count: int) -> torch.Tensor:
    """Contexts that do not stand still."""
    return torch.cat([torch.zeros(count, 3, 24, 32), torch.ones(count, 3, 24, 32)], 1)


def test_what_stands_still_turns(hats_windows: FilmWindows) -> None:
    moments, places = everywhere(hats_windows)
    memory, contexts = hats_windows.memory, from_bytes(hats_windows.contexts(moments))
    still = contexts[:, 3:].repeat(1, 2, 1, 1)
    assert memory.stalled(still).all()
    assert memory.stalled(still + 0.002 * torch.randn(still.shape)).all()
    nothing = torch.zeros(places.shape)
    assert torch.equal(memory.follow(places, still, nothing), memory.follow(places, moving(len(places)), nothing + 1))
    assert memory.stalled(contexts).float().mean() < 0.5  # of the film itself, where it holds


def test_the_more_closely_a_camera_is_followed_the_stiller_it_may_stand(hats_windows: FilmWindows) -> None:
    memory = hats_windows.memory
    unmoved = torch.zeros(1, 3, 24, 32)
    little, hardly = (torch.cat([unmoved, unmoved + share * memory._still], 1) for share in (0.9, 0.4))
    for contexts, stands in ((little, [True, False, False]), (hardly, [True, True, False])):
        assert [bool(memory.stalled(contexts, torch.tensor([mix]))) for mix in (0.0, 0.5, 1.0)] == stands
    assert memory.stalled(little) == memory.stalled(little, torch.zeros(1))


def test_a_camera_draws_the_dream_to_what_looks_like_it(hats_windows: FilmWindows) -> None:
    moments = torch.from_numpy(hats_windows.moments)
    contexts = from_bytes(hats_windows.contexts(moments))

    def guide(moments: torch.Tensor) -> torch.Tensor:
        return camera_guide(from_bytes(hats_windows.small(hats_windows.onward(moments))), hats_windows.cells)

    seen = guide(moments.roll(len(moments) // 2))
    found = [hats_windows.memory.look_up(contexts, seen, torch.full((len(moments),), mix)) for mix in (0.0, 0.5, 1.0)]
    assert torch.equal(found[0], hats_windows.memory.look_up(contexts))
    astray = [(guide(moments[each[:, MIDDLE]]) - seen).abs().mean() for each in found]
    assert astray[0] > astray[1] > astray[2]


@pytest.mark.parametrize("turned", [False, True])
def test_a_picture_that_is_whole_goes_on_as_the_film_does_or_turns(hats_windows: FilmWindows, turned: bool) -> None:
    moments, places = everywhere(hats_windows)
    contexts = moving(len(moments))
    following = hats_windows.memory.follow(places, contexts, torch.full(places.shape, float(turned)))
    nexts = hats_windows.remembered[following]
    leading = hats_windows.turned(moments) if turned else hats_windows.onward(moments)
    assert torch.equal(nexts[:, MIDDLE], leading)
    cut = hats_windows.scene(leading) != hats_windows.scene(moments)
    assert cut.any()
    assert (nexts[cut] == leading[cut, None]).all()  # nobody is left behind
    if not turned:
        assert (nexts == leading[:, None]).all()


def test_a_band_that_turns_stays_in_its_scene(hats_windows: FilmWindows) -> None:
    moments, places = everywhere(hats_windows)
    turn = torch.zeros(places.shape)
    turn[:, 0] = 1
    nexts = hats_windows.remembered[hats_windows.memory.follow(places, moving(len(moments)), turn)]
    scenes = hats_windows.scene(nexts)
    assert (scenes == scenes[:, MIDDLE, None]).all()
    assert torch.equal(nexts[:, 2], hats_windows.onward(moments))
    staying = hats_windows.scene(hats_windows.onward(moments)) == hats_windows.scene(moments)
    assert (nexts[staying, 0] != nexts[staying, 2]).float().mean() > 0.9


def test_a_band_at_the_end_of_a_scene_waits_for_the_others(hats_windows: FilmWindows) -> None:
    ends = torch.tensor([shot[-1] for shot in hats_windows.shots])
    amid = torch.tensor([shot[0] for shot in hats_windows.shots])
    moments = torch.stack([ends, amid, ends], 1)
    places = torch.searchsorted(torch.from_numpy(hats_windows.moments), moments)
    nexts = hats_windows.remembered[hats_windows.memory.follow(places, moving(len(places)), torch.zeros(places.shape))]
    assert torch.equal(hats_windows.scene(nexts), hats_windows.scene(moments))


def test_all_bands_are_looked_for_in_one_scene(hats_windows: FilmWindows) -> None:
    first, last = hats_windows.shots[0], hats_windows.shots[2]
    contexts = from_bytes(hats_windows.contexts(torch.tensor([first[5], last[5]])))
    shares = bands(32)[MIDDLE]
    mixed = contexts[:1] * shares + contexts[1:] * (1 - shares)  # the first scene between two thirds of the last
    found = torch.from_numpy(hats_windows.moments)[hats_windows.memory.look_up(mixed)]
    assert hats_windows.scene(found).tolist() == [[0, 0, 0]]


def test_the_guide_is_what_comes_next_in_cells(hats_windows: FilmWindows) -> None:
    nexts = hats_windows.remembered
    guide = hats_windows.memory.guide(torch.arange(len(nexts))[:, None].expand(-1, BANDS))
    assert guide.shape == (len(nexts), 3, *hats_windows.cells)
    coarse = torch.nn.functional.avg_pool2d(from_bytes(hats_windows.small(nexts)), 4)
    assert (guide - coarse).abs().max() < 0.03  # rounded on the way


def test_the_truth_is_composed_as_the_guide_is(hats_windows: FilmWindows) -> None:
    following = torch.tensor([[3, 40, 70]])
    truth = from_bytes(hats_windows.composed(hats_windows.remembered[following]))
    guide = hats_windows.memory.guide(following)
    coarse = torch.nn.functional.avg_pool2d(truth, 4)
    apart = (coarse - guide).abs().mean((0, 1, 2))
    inside = bands(hats_windows.cells[1]).max(0).values == 1
    assert apart[inside].max() < 0.02
    assert apart.max() < 0.1  # seams are drawn finer than cells


@pytest.mark.parametrize("context_frames", [1, 2, 4])
def test_a_drifted_state_is_found(hats_film: Film, context_frames: int) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=context_frames, stride=2, scale=2)
    moments = torch.tensor(windows.moments[5::17])
    contexts = from_bytes(windows.contexts(moments))
    noise = torch.randn(contexts.shape, generator=torch.Generator().manual_seed(0))
    found = windows.memory.most_like(contexts + 0.05 * noise)
    assert torch.equal(torch.tensor(windows.moments)[found], moments)
