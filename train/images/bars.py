"""Black bars that are part of a film's pictures: found, so that they can be cropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np

BLACK = 26  # luma 0…255 that a bar does not reach
NOISE = 0.005  # share of the pixels of a bar's line that may reach it
STEADY = 5.0  # standard deviation of a bar's luma, over its pixels and over the film, at most
LIT_EDGE = 0.75  # share of the picture's edge that is not black where a bar ends in a straight line…
LIT_OFTEN = 0.03  # …in this share of the pictures, and in two at least
LEAST_BAR = 0.01  # share of a side that a bar takes at least
LEAST_INNER = 32  # pixels between two bars; anything smaller is a thing on black
SOFT = 2  # lines at the edge of the picture into which scaling and coding may have mixed a bar
AS_LIGHT = 0.85  # share of the light and colour of its neighbour that a line has if no bar is mixed into it
LEAST_SAMPLES = 8  # pictures that are not black as a whole; fewer show nothing
SAMPLES = 120  # pictures of a film that are looked at, about


class Bars(NamedTuple):
    """Size of pictures of a film, and the widths of the bars in them; in pixels, as they are meant to be seen."""

    width: int
    height: int
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    @property
    def inner_size(self) -> tuple[int, int]:
        """(W, H) of the picture between the bars."""
        return self.width - self.left - self.right, self.height - self.top - self.bottom

    def __str__(self) -> str:
        sides = zip(("left", "top", "right", "bottom"), self[2:], strict=True)
        widths = ", ".join(f"{side} {pixels}" for side, pixels in sides if pixels)
        return f"{widths} of {self.width}x{self.height}; the picture is {self.inner_size[0]}x{self.inner_size[1]}"


def without_bars(picture: np.ndarray, bars: Iterable[Bars]) -> np.ndarray:
    """Return the part of a picture [H, W, 3] between the bars that pictures of its size have."""
    for each in bars:
        if picture.shape[:2] == (each.height, each.width):
            return picture[each.top : each.height - each.bottom, each.left : each.width - each.right]
    return picture


def find_bars(pictures: Iterable[np.ndarray]) -> tuple[Bars, ...]:
    """Find the bars of a film: lines at opposite sides that are black in all its pictures.

    A line in which anything is shown once, such as a title, is no bar. Two black sides of which neither ends in a
    straight line are no bars either: such a film shows things on black.

    Args:
        pictures: from the whole film, at about even distances, uint8 RGB [H, W, 3]; sizes may differ.

    Returns:
        The bars for each size of pictures that has some.
    """
    measured: list[_Measured] = []
    every = 1
    for number, picture in enumerate(pictures):
        if number % every or cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).max() < BLACK:
            continue
        measured.append(_measure(picture))
        if len(measured) == 2 * SAMPLES:
            measured = measured[::2]
            every *= 2
    sizes = dict.fromkeys(each.size for each in measured)  # in the order in which they appear
    found = [_bars_of(size, [each for each in measured if each.size == size]) for size in sizes]
    return tuple(bars for bars in found if any(bars[2:]))


# ----------------------------------------------------------------------------
# Lines of pictures.


class _Measured(NamedTuple):
    """Lines of one picture; each array is float32 [4, lines].

    It holds for each line: the share of pixels that are not black; the mean of their luma; that of its square; and
    that of their colour, the largest channel less the smallest. All but the first are of levels 0…255.
    """

    rows: np.ndarray
    columns: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """(W, H) of the picture."""
        return self.columns.shape[1], self.rows.shape[1]


def _measure(picture: np.ndarray) -> _Measured:
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    red, green, blue = cv2.split(picture)
    colour = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    layers = (luma >= BLACK, luma, np.square(luma, dtype=np.float32), colour)
    rows, columns = (np.stack([layer.mean(axis, dtype=np.float32) for layer in layers]) for axis in (1, 0))
    return _Measured(rows, columns)


def _bars_of(size: tuple[int, int], measured: list[_Measured]) -> Bars:
    """Find the bars of pictures of one size (W, H)."""
    if len(measured) < LEAST_SAMPLES:
        return Bars(*size)
    rows, columns = (np.stack(lines) for lines in zip(*measured, strict=True))  # [n, 4, H], [n, 4, W]
    high, wide = _black_lines(rows), _black_lines(columns)
    # The edges of the picture are looked at only as far as the other bars leave them.
    left, right = _bar_pair(columns, wide, 1 - sum(high) / size[1])
    top, bottom = _bar_pair(rows, high, 1 - sum(wide) / size[0])
    return Bars(*size, left, top, right, bottom)


def _black_lines(lines: np.ndarray) -> tuple[int, int]:
    """Return the numbers of black lines before and after the picture, of [n, 4, lines]."""
    inside = np.flatnonzero(lines[:, 0].max(0) > NOISE)
    return (int(inside[0]), lines.shape[2] - 1 - int(inside[-1])) if len(inside) else (0, 0)


def _bar_pair(lines: np.ndarray, black: tuple[int, int], between: float) -> tuple[int, int]:
    """Return the widths of the bars at two opposite sides, or 0, 0.

    Args:
        lines: [n, 4, lines] of n pictures.
        black: numbers of black lines before and after the picture.
        between: share of a line that lies between the bars of the other two sides.
    """
    count = lines.shape[2]
    if min(black) < max(2, LEAST_BAR * count) or count - sum(black) < LEAST_INNER + 2 * SOFT:
        return 0, 0
    sides = (lines, lines[:, :, ::-1])
    if not all(map(_is_steady, sides, black)):
        return 0, 0
    bars = [_up_to_straight_edge(side, width, between) for side, width in zip(sides, black, strict=True)]
    if bars == [None, None]:
        return 0, 0
    # One straight edge is enough: titles may hide the other.
    first, last = (width if bar is None else bar for width, bar in zip(black, bars, strict=True))
    return first, last


def _up_to_straight_edge(lines: np.ndarray, width: int, between: float) -> int | None:
    """Return the width of a bar with the lines into which it is mixed; None if no straight edge stands behind it.

    Args:
        lines: [n, 4, lines] of n pictures.
        width: number of black lines before the picture.
        between: as in `_bar_pair`.
    """
    light = lines[:, (1, 3)].mean(0)  # luma and colour, [2, lines]
    light = light - light[:, :width].mean(1, keepdims=True)
    soft = 0
    while soft < SOFT and (light[:, width + soft] < AS_LIGHT * light[:, width + soft + 1]).any():
        soft += 1
    lit = lines[:, 0, width + soft] >= LIT_EDGE * between
    return width + soft if lit.sum() >= max(2, LIT_OFTEN * len(lit)) else None


def _is_steady(lines: np.ndarray, width: int) -> bool:
    mean, square = lines[:, 1, :width].mean(), lines[:, 2, :width].mean()
    return bool(square - mean**2 <= STEADY**2)
