"""Folders of pairs and pictures: read whole, in order, and what cannot be used is counted."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.train.pictures import discs, write, write_side_by_side
from train.errors import PicturesError
from train.images.pixels import from_bytes
from train.pix2pix.batches import Move, PairBatches, degrade
from train.pix2pix.pairs import Pairs, Use, read_pairs
from train.pix2pix.translator import Reduction


def read(folder: Path, use: Use = "pairs", **told: str) -> Pairs:
    return read_pairs(folder, use, told.get("direction", "AtoB"), told.get("fit", "crop"), lambda first: first)  # type: ignore[arg-type]


def test_side_by_side_and_two_folders_are_the_same_pairs(tmp_path: Path) -> None:
    pairs = discs(12)
    together = read(write_side_by_side(tmp_path / "together", pairs))
    for number, (a, b) in enumerate(pairs):
        write(tmp_path / f"apart/relief/{number:03d}.png", a)
        write(tmp_path / f"apart/satellite/{number:03d}.bmp", b)
    apart = read(tmp_path / "apart")
    for side, known in (("a", 0), ("b", 1)):
        expected = np.stack([pair[known] for pair in pairs])
        assert np.array_equal(getattr(together, side), expected)
        assert np.array_equal(getattr(apart, side), expected)
    assert "A is relief, B is satellite" in apart.told
    turned = read(tmp_path / "apart", direction="BtoA")
    assert np.array_equal(turned.a, together.b)
    assert np.array_equal(turned.b, together.a)


def test_a_tenth_is_kept_aside_always_the_same(tmp_path: Path) -> None:
    folder = write_side_by_side(tmp_path, discs(40))
    pairs = read(folder)
    assert len(pairs.held_out) == 4
    assert pairs.held_out == read(folder, direction="BtoA").held_out
    assert sorted(pairs.held_out + pairs.learnt) == list(range(40))
    few = read(write_side_by_side(tmp_path / "few", discs(2)))
    assert len(few.held_out) == 1
    drawn, _ = PairBatches(few).draw(8, torch.Generator().manual_seed(0))
    kept = few.a[few.held_out[0]].astype(int)
    assert all(np.abs(picture.permute(1, 2, 0).numpy() - kept).mean() > 5 for picture in drawn)


def test_what_cannot_be_used_is_skipped_and_counted(tmp_path: Path) -> None:
    folder = write_side_by_side(tmp_path, discs(3))
    whole = read(folder)
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "empty.jpg").touch()
    (folder / "notes.txt").write_text("no picture either, and no claim to be one")
    (folder / ".hidden.png").write_bytes(b"")
    write(folder / "odd.png", np.zeros((48, 97, 3), np.uint8))
    write(folder / "tiny.png", np.zeros((8, 16, 3), np.uint8))
    pairs = read(folder)
    assert pairs.names == whole.names
    assert pairs.source_hash == whole.source_hash
    assert pairs.told.endswith(
        "skipped: 2 cannot be read, 1 have an odd width, and so no halves, 1 are smaller than 32 pixels"
    )


def test_two_folders_meet_by_name_and_shape(tmp_path: Path) -> None:
    for number, (a, b) in enumerate(discs(4)):
        write(tmp_path / f"A/{number}.png", a)
        write(tmp_path / f"B/{number + 1}.png", b[:, :40] if number == 2 else b)
    pairs = read(tmp_path)
    assert pairs.names == ("1.png", "2.png")
    assert "2 have no counterpart, 1 differ in shape" in pairs.told


def test_pictures_of_other_shapes_are_fitted(tmp_path: Path) -> None:
    write(tmp_path / "0.png", np.full((48, 64, 3), 200, np.uint8))
    write(tmp_path / "1.png", np.full((64, 64, 3), 200, np.uint8))
    assert read(tmp_path, "pictures").b.min() == 200
    boxed = read(tmp_path, "pictures", fit="letterbox").b
    assert boxed.shape == (2, 48, 64, 3)
    assert boxed[0].min() == 200
    assert boxed[1][:, :8].max() == 0


@pytest.mark.parametrize(
    ("files", "use", "says"),
    [
        ([], "pairs", "neither pictures .* nor two folders"),
        ([], "pictures", "0 pictures that can be used"),
        (["a.png"], "pairs", "1 pairs of pictures that can be used"),
        (["A/a.png"], "pairs", "but 1"),
        (["A/a.png", "B/b.png"], "pairs", "2 have no counterpart"),
        (["train/1.png", "val/1.png"], "pairs", "give one of them, such as .*val"),
    ],
)
def test_a_folder_without_pairs_says_so(tmp_path: Path, files: list[str], use: Use, says: str) -> None:
    for name in files:
        write(tmp_path / name, np.zeros((48, 96, 3), np.uint8))
    with pytest.raises(PicturesError, match=says) as caught:
        read(tmp_path, use)
    assert "\n" not in str(caught.value)
    with pytest.raises(PicturesError, match="there is no folder"):
        read(tmp_path / "nowhere", use)


# ----------------------------------------------------------------------------
# What is learnt from them.


def test_both_sides_move_alike(tmp_path: Path) -> None:
    """Wherever the disc goes, its other side goes too."""
    lessons = PairBatches(read(write_side_by_side(tmp_path, discs(20))))
    a, b = lessons.draw(16, torch.Generator().manual_seed(0))
    white, red = a[:, 0] > 128, b[:, 0].int() + b[:, 2] > 140  # the disc, with its rim
    overlap = (white & red).flatten(1).sum(1) / (white | red).flatten(1).sum(1)
    assert overlap.min() > 0.6
    again, _ = lessons.draw(16, torch.Generator().manual_seed(0))
    assert torch.equal(a, again)
    other, _ = lessons.draw(16, torch.Generator().manual_seed(1))
    assert not torch.equal(a, other)


def test_moves_are_of_every_kind() -> None:
    chance = np.random.default_rng(0)
    moves = [Move.random(chance, 48, 64) for _ in range(50)]
    assert {move.flip for move in moves} == {False, True}
    assert len({(move.height, move.top, move.left) for move in moves}) > 20
    assert all(move.top + move.height <= 48 and move.left + move.width <= 64 for move in moves)


def test_a_degraded_picture_still_says_where_but_not_what() -> None:
    """Seen through the reduction, it is like the picture itself, and unlike another."""
    chance = np.random.default_rng(0)
    pictures = [b for _, b in discs(20, (128, 128))]
    reduce = Reduction("pictures")

    def seen(picture: np.ndarray) -> np.ndarray:
        return reduce(from_bytes(torch.from_numpy(picture).permute(2, 0, 1)[None])).flatten().numpy()

    own, other = [], []
    for picture, neighbour in pairwise(pictures):
        poor = degrade(picture, chance)
        assert poor.shape == picture.shape
        assert (poor == poor[..., :1]).all()
        own.append(np.corrcoef(seen(poor), seen(picture))[0, 1])
        other.append(np.corrcoef(seen(poor), seen(neighbour))[0, 1])
    assert np.median(own) > 0.5
    assert np.median(own) > np.median(other) + 0.3
    assert min(own) < 0.9  # degraded it was


def test_of_pictures_alone_the_cameras_side_is_degraded(tmp_path: Path) -> None:
    for number, (_, b) in enumerate(discs(6)):
        write(tmp_path / f"{number}.png", b)
    a, b = PairBatches(read(tmp_path, "pictures")).draw(8, torch.Generator().manual_seed(0))
    assert (a == a[:, :1]).all()
    assert not (b == b[:, :1]).all()


def test_a_dim_camera_says_as_much_as_a_bright_one() -> None:
    reduce = Reduction("pictures")
    picture = from_bytes(torch.from_numpy(discs(1, (128, 128))[0][1]).permute(2, 0, 1)[None])
    seen = reduce(picture)
    assert seen.shape == (1, 1, 128, 128)
    dim = reduce(picture * 0.5 - 0.4)
    assert (seen - dim).abs().max() < 0.2 * seen.abs().max()
    assert reduce(torch.full((1, 3, 128, 128), -0.9)).abs().max() < 1e-4  # a covered lens is nothing, not noise
    grey = cv2.cvtColor(cv2.cvtColor(discs(1, (128, 128))[0][1], cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert torch.allclose(reduce(from_bytes(torch.from_numpy(grey).permute(2, 0, 1)[None])), seen, atol=0.05)
    assert torch.equal(Reduction("pairs")(picture), picture)
