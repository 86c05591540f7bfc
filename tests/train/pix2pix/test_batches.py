"""Batches of pairs: both sides jittered alike, and the camera's side of pictures without pairs."""

from itertools import pairwise

import numpy as np
import torch

from tests.train.pictures import discs
from train.images.pixels import from_bytes
from train.pix2pix.batches import PairBatches, degrade
from train.pix2pix.pairs import Pairs
from train.pix2pix.translator import Reduction


def draw(pairs: Pairs, count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return PairBatches(pairs).draw(count, torch.Generator().manual_seed(seed))


def test_both_sides_are_jittered_alike(pairs: Pairs) -> None:
    """The disc on one side covers the disc on the other."""
    a, b = draw(pairs, 16)
    white, red = a[:, 0] > 128, b[:, 0].int() + b[:, 2] > 140  # the disc with its rim
    overlap = (white & red).flatten(1).sum(1) / (white | red).flatten(1).sum(1)
    assert overlap.min() > 0.6
    unchanged = {picture.tobytes() for picture in pairs.b}
    assert not all(picture.permute(1, 2, 0).contiguous().numpy().tobytes() in unchanged for picture in b)


def test_a_batch_depends_on_the_seed_alone(pairs: Pairs) -> None:
    for first, again, other in zip(draw(pairs, 16), draw(pairs, 16), draw(pairs, 16, seed=1), strict=True):
        assert torch.equal(first, again)
        assert not torch.equal(first, other)


def test_held_out_pairs_are_never_drawn() -> None:
    """All pictures are grey, and lighter the higher their index."""
    flat = np.stack([np.full((48, 48, 3), 10 * index, np.uint8) for index in range(20)])
    pairs = Pairs("pairs", tuple(map(str, range(20))), flat, flat, "", "")
    _, b = draw(pairs, 300)
    assert set((b.flatten(1).float().mean(1) / 10).round().int().tolist()) == set(pairs.train_indices)


def test_without_pairs_the_camera_side_is_a_degraded_picture(pairs: Pairs) -> None:
    a, b = draw(Pairs("pictures", pairs.names, pairs.b, pairs.b, "", ""), 8)
    assert (a == a[:, :1]).all()
    assert not (b == b[:, :1]).all()
    difference = (a.float() - b.float().mean(1, keepdim=True)).abs().flatten(1).mean(1)
    assert difference.median() > 8  # levels: more than the loss of colour


def test_a_degraded_picture_keeps_where_things_are_but_is_not_the_picture() -> None:
    """After the reduction it resembles the picture that it was made of, and no other."""
    rng = np.random.default_rng(0)
    pictures = [b for _, b in discs(20, (128, 128))]
    reduction = Reduction("pictures")

    def reduced(picture: np.ndarray) -> np.ndarray:
        small: torch.Tensor = reduction(from_bytes(torch.from_numpy(picture).permute(2, 0, 1)[None]))
        return small.flatten().numpy()

    own, other = [], []
    for picture, neighbour in pairwise(pictures):
        degraded = degrade(picture, rng)
        assert degraded.shape == picture.shape
        assert (degraded == degraded[..., :1]).all()
        own.append(np.corrcoef(reduced(degraded), reduced(picture))[0, 1])
        other.append(np.corrcoef(reduced(degraded), reduced(neighbour))[0, 1])
    assert np.median(own) > 0.5
    assert np.median(own) > np.median(other) + 0.3
    assert min(own) < 0.9
