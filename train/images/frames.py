"""Frames of a film: an array, one in a file, or several one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

Indices = int | np.integer[Any] | slice | list[int] | np.ndarray
"""One index or several, as NumPy takes them for the first axis."""

MOST_MAPPED = 64  # files at a time; some systems let a process open 256


class Frames(Protocol):
    """Pictures, uint8 RGB [T, H, W, 3], which are read as from an array: that, or one of the classes below."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(T, H, W, 3)."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __getitem__(self, key: Indices | tuple[Indices, ...], /) -> np.ndarray: ...


class StoredFrames:
    """Pictures in a file, which is mapped into memory as long as it is among the last ones that were read.

    A mapping keeps a file open, and a folder may hold more films than a process may open files.
    """

    def __init__(self, path: Path, shape: tuple[int, ...]) -> None:
        """Open.

        Args:
            path: file of uint8 RGB [T, H, W, 3].
            shape: (T, H, W, 3).
        """
        self._path = path
        self._written = path.stat().st_mtime_ns
        self.shape = shape

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self._array())

    def __getitem__(self, key: Indices | tuple[Indices, ...], /) -> np.ndarray:
        pictures: np.ndarray = self._array()[key]
        return pictures

    def _array(self) -> np.ndarray:
        return _mapped(self._path, self.shape, self._written)


@lru_cache(maxsize=MOST_MAPPED)
def _mapped(path: Path, shape: tuple[int, ...], written: int) -> np.ndarray:
    """Map a file into memory; `written`, its time of change, tells it from one that took its place."""
    return np.memmap(path, np.uint8, mode="r", shape=shape)


class JoinedFrames:
    """Chosen pictures of several arrays, one array after another.

    The arrays stay where they are: they may be memory-mapped, and only the pictures that are asked for are read.
    """

    def __init__(self, arrays: Sequence[Frames], chosen: Sequence[np.ndarray]) -> None:
        """Join.

        Args:
            arrays: uint8 RGB [t, H, W, 3] each; t may differ.
            chosen: indices of the pictures to take of each array, int [n] each.
        """
        self._arrays = tuple(arrays)
        numbers = np.repeat(np.arange(len(chosen)), [len(each) for each in chosen])
        self._places = np.stack([numbers, np.concatenate(chosen)], axis=1)  # of each picture: its array, and its index

    @property
    def shape(self) -> tuple[int, ...]:
        """(T, H, W, 3)."""
        return (len(self), *self._arrays[0].shape[1:])

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self._read(place) for place in self._places)

    def __getitem__(self, key: Indices | tuple[Indices, ...], /) -> np.ndarray:
        """Return one picture [H, W, 3], or several [n, H, W, 3]; with more than one index, parts of them."""
        first, *rest = key if isinstance(key, tuple) else (key,)
        places = self._places[first]
        return self._read(places, *rest) if places.ndim == 1 else np.stack([self._read(each, *rest) for each in places])

    def _read(self, place: np.ndarray, *rest: Indices) -> np.ndarray:
        number, index = place.tolist()
        picture: np.ndarray = self._arrays[number][(index, *rest)]
        return picture
