"""What a generator knows by heart: it finds where it is, band by band, and knows what comes next."""

import pytest
import torch

from train.dataset import FilmWindows
from train.film import Film
from train.memory import BANDS, bands
from train.step import from_bytes
from train.story import find_story


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


def test_the_guide_is_what_comes_next_in_cells(hats_windows: FilmWindows) -> None:
    windows = hats_windows
    count = len(windows.moments)
    places = torch.arange(count)[:, None].expand(-1, BANDS)
    moments = torch.from_numpy(windows.moments)
    for turn, nexts in ((0.0, windows.onward(moments)), (1.0, windows.turned(moments))):
        guide = windows.memory.guide(places, torch.full((count, BANDS), turn))
        assert guide.shape == (count, 3, *windows.cells)
        coarse = torch.nn.functional.avg_pool2d(from_bytes(windows.small(nexts)), 4)
        assert (guide - coarse).abs().max() < 0.03  # rounded on the way


def test_the_truth_is_composed_as_the_guide_is(hats_windows: FilmWindows) -> None:
    windows = hats_windows
    places = torch.tensor([[3, 40, 70]])
    nexts = windows.onward(torch.from_numpy(windows.moments)[places])
    truth = from_bytes(windows.composed(nexts))
    guide = windows.memory.guide(places, torch.zeros(1, BANDS))
    coarse = torch.nn.functional.avg_pool2d(truth, 4)
    apart = (coarse - guide).abs().mean((0, 1, 2))
    inside = bands(windows.cells[1]).max(0).values == 1
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
