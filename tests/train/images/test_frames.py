"""Frames of several arrays, or of a file, are read as those of one array."""

import os
from pathlib import Path

import numpy as np
import pytest

from train.images.frames import Indices, JoinedFrames, StoredFrames

FIRST, SECOND = [0, 2, 4], [1, 2]


@pytest.fixture
def arrays() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (count, 6, 8, 3), np.uint8) for count in (5, 3)]


@pytest.mark.parametrize(
    "key",
    [
        0,
        np.int64(3),
        -1,
        slice(None),
        slice(4, 1, -2),
        [4, 0, 4],
        np.array([2, 3]),
        (3, slice(1, 4), slice(2, 8)),
        (slice(2, 4), slice(0, 2)),
    ],
    ids=str,
)
def test_every_index_gives_what_an_array_gives(arrays: list[np.ndarray], key: Indices | tuple[Indices, ...]) -> None:
    joined = JoinedFrames(arrays, [np.array(FIRST), np.array(SECOND)])
    whole = np.concatenate([arrays[0][FIRST], arrays[1][SECOND]])
    assert joined.shape == whole.shape
    assert len(joined) == len(whole)
    assert np.array_equal(joined[key], whole[key])
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(joined, whole, strict=True))


def test_a_file_that_is_written_anew_is_read_anew(arrays: list[np.ndarray], tmp_path: Path) -> None:
    path = tmp_path / "frames.u8"
    for array in arrays:
        array.tofile(path)
        os.utime(path, ns=(0, len(array)))
        stored = StoredFrames(path, array.shape)
        assert len(stored) == len(array)
        assert np.array_equal(stored[1:], array[1:])
        assert np.array_equal(list(stored), array)
        path.unlink()


def test_an_index_outside_is_an_error(arrays: list[np.ndarray]) -> None:
    joined = JoinedFrames(arrays, [np.array(FIRST), np.array(SECOND)])
    with pytest.raises(IndexError):
        joined[5]


def test_nothing_is_copied(arrays: list[np.ndarray], tmp_path: Path) -> None:
    mapped = []
    for number, array in enumerate(arrays):
        array.tofile(tmp_path / str(number))
        mapped.append(np.memmap(tmp_path / str(number), np.uint8, mode="r", shape=array.shape))
    joined = JoinedFrames(mapped, [np.array(FIRST), np.array(SECOND)])
    assert np.shares_memory(joined[1], mapped[0])
    assert np.shares_memory(joined[4, 1:3], mapped[1])
