"""Levels and the range of the networks."""

import torch

from train.images.pixels import from_bytes, to_levels


def test_levels_survive_the_round_trip() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_levels(from_bytes(levels)).to(torch.uint8), levels)


def test_levels_are_clamped() -> None:
    assert to_levels(torch.tensor([-3.0, 3.0])).tolist() == [0, 255]
