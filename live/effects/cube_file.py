"""Reader of 3D look-up tables in the .cube format (Adobe, Cube LUT Specification 1.0)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from live.errors import SettingsError
from live.files import text_of
from live.reading.regular_file import read_regular_file
from live.reading.values import quoted, read_whole_number

MOST_NODES = 65
"""Along each side. Larger tables are rare, and change nothing that can be seen."""
LARGEST_BYTES = 16 * 2**20
"""A table of 65 nodes with long numbers has less."""
LARGEST_VALUE = 1e6


@dataclass(frozen=True, eq=False)
class Cube:
    """A 3D look-up table."""

    values: NDArray[np.float32]
    """float32 [nodes, nodes, nodes, 3], by blue, green and red; 0…1."""
    low: tuple[float, float, float]
    """Red, green and blue of the first node."""
    high: tuple[float, float, float]
    """Red, green and blue of the last node."""


def read_cube(path: Path) -> Cube:
    """Read a .cube file.

    Raises:
        SettingsError: It cannot be read, or is no 3D table of 2 to `MOST_NODES` nodes.
    """
    try:
        return _parsed(text_of(read_regular_file(path, LARGEST_BYTES), errors="replace"))
    except OSError as error:
        raise SettingsError(f"--lut {path} cannot be read ({error.strerror}); give a .cube file") from error
    except ValueError as error:
        raise SettingsError(f"--lut {path} is no 3D look-up table ({error}); give another .cube file") from error


def _parsed(text: str) -> Cube:
    """Return the table in a text. Raises `ValueError` if there is none."""
    nodes = 0
    low, high = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    rows: list[str] = []
    for line in text.splitlines():
        keyword, _, rest = line.replace("\t", " ").strip().partition(" ")
        if not keyword or keyword.startswith("#") or keyword == "TITLE":
            continue
        if not keyword[0].isalpha():
            rows.append(line)
        elif keyword == "LUT_3D_SIZE":
            nodes = read_whole_number(rest.strip(), 2, MOST_NODES)
        elif keyword == "DOMAIN_MIN":
            low = _colour(rest)
        elif keyword == "DOMAIN_MAX":
            high = _colour(rest)
        elif keyword == "LUT_3D_INPUT_RANGE":
            first, last = _numbers(rest.split(), 2)
            low, high = (first,) * 3, (last,) * 3
        else:
            raise ValueError(f"it has a line {quoted(keyword)}")
    if not nodes:
        raise ValueError("it has no LUT_3D_SIZE")
    if not all(first < last for first, last in zip(low, high, strict=True)):
        raise ValueError("its domain is empty")
    if len(rows) != nodes**3:
        raise ValueError(f"it has {len(rows)} colours instead of {nodes**3}")
    values = _numbers(" ".join(rows).split(), 3 * nodes**3)
    return Cube(values.clip(0, 1).reshape(nodes, nodes, nodes, 3).astype(np.float32), low, high)


def _colour(text: str) -> tuple[float, float, float]:
    red, green, blue = _numbers(text.split(), 3)
    return float(red), float(green), float(blue)


def _numbers(words: list[str], count: int) -> NDArray[np.float64]:
    if len(words) != count:
        raise ValueError(f"it has {len(words)} numbers where {count} belong")
    try:
        numbers = np.array([float(word) for word in words])
    except ValueError:
        raise ValueError("it has something else among its numbers") from None
    # This is false for NaN, too.
    if not (np.abs(numbers) <= LARGEST_VALUE).all():
        raise ValueError("one of its numbers is too large or NaN")
    return numbers
