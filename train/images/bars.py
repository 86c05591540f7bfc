"""Black bars that are part of a film's pictures: found, so that they can be cropped."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np

BLACK = 26  # luma 0…255 that a bar does not reach…
MOST_GREY, ABOVE_GREY = 64, 10  # …or by which it is not above the picture's edge, if that is a grey up to this luma
NOISE = 0.005  # share of the pixels of a bar's line that may reach it
LETTERS = 0.7  # the same where letters or a logo stand in a bar; less than `LIT_EDGE`
LEAST_CLEAN = 0.25  # share of a bar, over its lines and the film, in which there are none
UNLIKE = 0.1  # relative difference between two bars in which there may be letters, at most
STEADY = 5.0  # standard deviation of a bar's luma, over its pixels and over the film, at most
LIT_EDGE = 0.75  # share of the picture's edge that is not black where a bar ends in a straight line…
LIT_OFTEN = 0.03  # …in this share of the pictures, and in two at least
LEAST_BAR = 0.01  # share of a side that a bar takes at least
LEAST_INNER = 32  # pixels between two bars; anything smaller is a thing on black
SOFT = 2  # lines at the edge of the picture into which scaling and coding may have mixed a bar
AS_LIGHT = 0.85  # share of the light and colour of its neighbour that a line has if no bar is mixed into it
LEAST_SAMPLES = 8  # pictures that are not black as a whole; fewer show nothing
LEAST_SHARE = 0.05  # of the pictures of a size that have bars of their own, if they are mentioned
SAMPLES = 120  # pictures of a film that are looked at, about


class Bars(NamedTuple):
    """Size of pictures of a film, and the widths of the bars in them; in pixels, as they are meant to be seen."""

    width: int
    height: int
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0
    share: float = 1.0  # of these pictures that have the bars, about; those of a part of the film are kept

    @property
    def everywhere(self) -> bool:
        """Return True for bars of all pictures, which are cropped."""
        return self.share == 1.0

    @property
    def inner_size(self) -> tuple[int, int]:
        """(W, H) of the picture between the bars."""
        return self.width - self.left - self.right, self.height - self.top - self.bottom

    def __str__(self) -> str:
        sides = zip(("left", "top", "right", "bottom"), self[2:6], strict=True)
        widths = ", ".join(f"{side} {pixels}" for side, pixels in sides if pixels)
        return f"{widths} of {self.width}x{self.height}; the picture is {self.inner_size[0]}x{self.inner_size[1]}"

    @property
    def line(self) -> str:
        """What is done with the bars, as a clause that follows the name of the file."""
        if self.everywhere:
            return f"has black bars, which are cropped: {self}"
        return f"has black bars in about {100 * self.share:.0f} % of its pictures, which are kept: {self}"


def without_bars(picture: np.ndarray, bars: Iterable[Bars]) -> np.ndarray:
    """Return the part of a picture [H, W, 3] between the bars that pictures of its size have."""
    for each in bars:
        if each.everywhere and picture.shape[:2] == (each.height, each.width):
            return picture[each.top : each.height - each.bottom, each.left : each.width - each.right]
    return picture


def find_bars(pictures: Iterable[np.ndarray]) -> tuple[Bars, ...]:
    """Find the bars of a film: lines at opposite sides that are black, or the same dark grey, in all its pictures.

    Letters and a logo may stand in two bars that are alike and both end in a straight line. Elsewhere, a line in which
    anything is shown once is no bar. Two black sides of which neither ends in a straight line are no bars either: such
    a film shows things on black.

    Args:
        pictures: from the whole film, at about even distances, uint8 RGB [H, W, 3]; sizes may differ.

    Returns:
        The bars for each size of pictures that has some; after those of all its pictures those of a part of them, at
        two opposite sides.
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
    found: list[Bars] = []
    for size in sizes:
        of_size = [each for each in measured if each.size == size]
        whole = _bars_of(size, of_size)
        found += [bars for bars in (whole, *_bars_of_parts(whole, of_size)) if bars.inner_size != size]
    return tuple(found)


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
    layers = (luma, np.square(luma, dtype=np.float32), colour)
    rows, columns = (
        np.stack([layer.mean(axis, dtype=np.float32) for layer in (luma >= _least_light(lines), *layers)])
        for axis, lines in ((1, luma), (0, luma.T))
    )
    return _Measured(rows, columns)


def _least_light(luma: np.ndarray) -> int:
    """Return the luma that a bar does not reach, if the first and last lines of a picture [lines, pixels] are bars."""
    edge = _margin(len(luma))
    level = max(int(np.median(side)) for side in (luma[:edge], luma[-edge:]))
    return max(BLACK, level + ABOVE_GREY) if level <= MOST_GREY else BLACK


def _margin(count: int) -> int:
    """Return the lines that a bar takes at least, of so many."""
    return max(2, math.ceil(LEAST_BAR * count))


def _bars_of(size: tuple[int, int], measured: list[_Measured], *, alone: bool = True) -> Bars:
    """Find the bars of pictures of one size (W, H); `alone` as in `_bar_pair`."""
    if len(measured) < LEAST_SAMPLES:
        return Bars(*size)
    rows, columns = (np.stack(lines) for lines in zip(*measured, strict=True))  # [n, 4, H], [n, 4, W]
    # The edges of the picture are looked at only as far as the other bars leave them.
    left, right = _bar_pair(columns, 1 - sum(_black_lines(rows, NOISE)) / size[1], alone)
    top, bottom = _bar_pair(rows, 1 - sum(_black_lines(columns, NOISE)) / size[0], alone)
    return Bars(*size, left, top, right, bottom)


def _bars_of_parts(whole: Bars, measured: list[_Measured]) -> list[Bars]:
    """Find bars that only a part of the pictures of one size has, beside those of the whole film."""
    found: list[Bars] = []
    size = whole[:2]
    least = max(LEAST_SAMPLES, math.ceil(LEAST_SHARE * len(measured)))
    for axis in (0, 1):
        before, after = np.array([_black_lines(each[axis][None], NOISE) for each in measured]).T
        alike = np.abs(before - after) <= np.maximum(SOFT, UNLIKE * np.maximum(before, after))
        wide = alike & (before > whole[3 - axis] + SOFT)
        if not wide.any():
            continue
        width = np.bincount(before[wide]).argmax()
        part = np.flatnonzero(wide & (np.abs(before - width) <= SOFT))
        if len(part) >= least:
            bars = _bars_of(size, [measured[number] for number in part], alone=False)
            found.append(bars._replace(share=len(part) / len(measured)))
    return [bars for bars in found if any(np.subtract(bars[2:6], whole[2:6]) > SOFT)]


def _black_lines(lines: np.ndarray, letters: float) -> tuple[int, int]:
    """Return the numbers of black lines before and after the picture, of [n, 4, lines].

    Args:
        lines: of n pictures.
        letters: share of a line that may be light.
    """
    light = lines[:, 0].max(0) > letters
    if letters > NOISE:
        # The first lines of a broadcast or a tape may hold signals, the last ones noise.
        edge = _margin(len(light))
        light[:edge] &= light[edge]
        light[-edge:] &= light[-edge - 1]
    inside = np.flatnonzero(light)
    return (int(inside[0]), len(light) - 1 - int(inside[-1])) if len(inside) else (0, 0)


def _bar_pair(lines: np.ndarray, between: float, alone: bool) -> tuple[int, int]:
    """Return the widths of the bars at two opposite sides, or 0, 0.

    Args:
        lines: [n, 4, lines] of n pictures.
        between: share of a line that lies between the bars of the other two sides.
        alone: True if a bar may stand at one side alone.
    """
    with_letters = _ends(lines, _black_lines(lines, LETTERS * between), between)
    if with_letters and None not in with_letters:
        first, last = (width or 0 for width in with_letters)
        if abs(first - last) <= max(SOFT, UNLIKE * max(first, last)):
            return first, last
    black = _black_lines(lines, NOISE)
    if min(black) < _margin(lines.shape[2]) <= max(black):
        return _single_bar(lines, black, between) if alone else (0, 0)
    ends = _ends(lines, black, between)
    if ends is None or ends == (None, None):
        return 0, 0
    # One straight edge is enough: a dark place may hide the other.
    first, last = (width if end is None else end for width, end in zip(black, ends, strict=True))
    return first, last


def _single_bar(lines: np.ndarray, black: tuple[int, int], between: float) -> tuple[int, int]:
    """Return the width of a bar at one of two sides, and of the few lines of the other that may be black too, or 0, 0.

    Args:
        lines: as in `_bar_pair`.
        black: black lines at both sides.
        between: as in `_bar_pair`.
    """
    if lines.shape[2] - sum(black) < LEAST_INNER + 2 * SOFT:
        return 0, 0
    sides = zip((lines, lines[:, :, ::-1]), black, strict=True)
    ends = [
        _up_to_straight_edge(side, width, between) if width and _is_steady(side, width) else None
        for side, width in sides
    ]
    return (ends[0] or 0, ends[1] or 0) if ends[black.index(max(black))] else (0, 0)


def _ends(lines: np.ndarray, black: tuple[int, int], between: float) -> tuple[int | None, int | None] | None:
    """Return where two bars of so many black lines end, each as of `_up_to_straight_edge`; None if they are no bars."""
    count = lines.shape[2]
    if min(black) < _margin(count) or count - sum(black) < LEAST_INNER + 2 * SOFT:
        return None
    before, after = lines, lines[:, :, ::-1]
    if not (_is_steady(before, black[0]) and _is_steady(after, black[1])):
        return None
    return _up_to_straight_edge(before, black[0], between), _up_to_straight_edge(after, black[1], between)


def _up_to_straight_edge(lines: np.ndarray, width: int, between: float) -> int | None:
    """Return the width of a bar with the lines into which it is mixed; None if no straight edge stands behind it.

    Args:
        lines: [n, 4, lines] of n pictures.
        width: number of black lines before the picture.
        between: as in `_bar_pair`.
    """
    light = lines[:, (1, 3)].mean(0)  # luma and colour, [2, lines]
    light = light - np.median(light[:, :width], 1, keepdims=True)
    soft = 0
    while soft < SOFT and (light[:, width + soft] < AS_LIGHT * light[:, width + soft + 1]).any():
        soft += 1
    lit = lines[:, 0, width + soft] >= LIT_EDGE * between
    return width + soft if lit.sum() >= max(2, LIT_OFTEN * len(lit)) else None


def _is_steady(lines: np.ndarray, width: int) -> bool:
    """Return True if a bar looks the same in all its lines and pictures, as far as no letters stand there."""
    clean = lines[:, 0, :width] <= NOISE
    if clean.mean() < LEAST_CLEAN:
        return False
    mean, square = (lines[:, layer, :width][clean].mean() for layer in (1, 2))
    return bool(square - mean**2 <= STEADY**2)
