"""What a generator knows by heart: it finds where it is, and knows what comes next."""

import pytest
import torch

from train.dataset import FilmWindows
from train.film import Film
from train.step import from_bytes
from train.story import find_story


def test_every_moment_is_found_by_its_own_context(hats_windows: FilmWindows) -> None:
    memory = hats_windows.memory
    moments = torch.from_numpy(hats_windows.moments)
    found = memory.look_up(from_bytes(hats_windows.contexts(moments)))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(memory.look_up(from_bytes(hats_windows.contexts(moments))), found)
    keys = memory.keys()
    assert (keys[found] - keys).abs().max() < 0.02  # itself, or one that looks the same
    assert (found == torch.arange(len(moments))).float().mean() > 0.9


def test_the_guide_is_what_comes_next_in_cells(hats_windows: FilmWindows) -> None:
    windows = hats_windows
    moments = torch.from_numpy(windows.moments)
    for turn, nexts in ((0.0, windows.onward(moments)), (1.0, windows.turned(moments))):
        guide = windows.memory.guide(torch.arange(len(moments)), torch.full((len(moments),), turn))
        assert guide.shape == (len(moments), 3, *windows.cells)
        coarse = torch.nn.functional.avg_pool2d(from_bytes(windows.small(nexts)), 4)
        assert (guide - coarse).abs().max() < 0.03  # rounded on the way


@pytest.mark.parametrize("context_frames", [1, 2, 4])
def test_a_drifted_state_is_found(hats_film: Film, context_frames: int) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=context_frames, stride=2, scale=2)
    moments = torch.tensor(windows.moments[5::17])
    contexts = from_bytes(windows.contexts(moments))
    noise = torch.randn(contexts.shape, generator=torch.Generator().manual_seed(0))
    found = windows.memory.look_up(contexts + 0.05 * noise)
    assert torch.equal(torch.tensor(windows.moments)[found], moments)
