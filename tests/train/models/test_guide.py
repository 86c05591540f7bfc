"""Even places of a guide."""

import pytest
import torch

from train.models.guide import EVEN_RAMP, GUIDE_PITCH, MOST_UNEVEN, enlarged, even_places, find_evenness

LEVEL = 1 / 127.5


def test_a_slope_is_even_and_an_edge_is_not() -> None:
    slope = (torch.arange(8) / 16)[:, None].expand(8, 12)
    edge = slope + 0.5 * (torch.arange(12) >= 6)
    guides = torch.stack([slope, edge])[:, None].expand(-1, 3, -1, -1)
    even = even_places(guides, torch.tensor(LEVEL))[:, 0, 1:-1]
    assert even[0].min() == 1
    assert even[1, :, [5, 6]].max() == 0
    assert even[1, :, [0, 1, 2, 3, 8, 9, 10, 11]].min() == 1


def test_a_place_goes_from_even_to_uneven_over_a_ramp() -> None:
    guide, found = torch.zeros(1, 3, 9, 9), []
    for levels in (1.0, 1.25, 1.5):
        guide[..., 4, 4] = levels * LEVEL * 9 / 8  # the mean of its neighbours has a ninth of it
        found.append(float(even_places(guide, torch.tensor(LEVEL))[0, 0, 4, 4]))
    assert found == pytest.approx([1, 0.5, 0], abs=1e-4)


def test_what_its_guides_say_whole_is_even() -> None:
    guides = torch.randn(4, 3, 10, 12, generator=torch.Generator().manual_seed(0)) * 8 * LEVEL
    found = find_evenness(guides, enlarged(guides))
    assert 0 < found <= MOST_UNEVEN
    assert even_places(guides, found).mean() > 0.01


def test_nothing_is_even_where_the_film_is_finer_than_its_guides() -> None:
    guides = torch.zeros(4, 3, 10, 12)
    height, width = 10 * GUIDE_PITCH, 12 * GUIDE_PITCH
    weave = 10 * LEVEL * (1 - (torch.arange(height)[:, None] + torch.arange(width)) % 2 * 2)
    found = find_evenness(guides, weave.expand(4, 3, -1, -1))
    assert found == -EVEN_RAMP
    assert even_places(guides, found).max() < 1e-4


def test_one_place_of_twenty_may_be_unfaithful() -> None:
    guides = torch.zeros(1, 3, 10, 10)
    frames = torch.zeros(1, 3, 10 * GUIDE_PITCH, 10 * GUIDE_PITCH)
    frames[:, :, 0, : 5 * GUIDE_PITCH] = 5 * LEVEL
    assert find_evenness(guides, frames) == 0
    frames[:, :, 0, : 6 * GUIDE_PITCH] = 5 * LEVEL
    assert find_evenness(guides, frames) == -EVEN_RAMP
