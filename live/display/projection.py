"""Projection of the window's content onto the screen: turned, flipped, and fitted into four corners."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Turn = Literal[0, 90, 180, 270]
"""Degrees clockwise."""
Flip = Literal["none", "horizontal", "vertical"]
"""horizontal: left and right are exchanged; vertical: top and bottom are."""
Points: TypeAlias = NDArray[np.float64]
"""float64 [n, 2]: x to the right and y downwards, as shares of a width and a height."""
Corners: TypeAlias = tuple[tuple[float, float], ...]
"""x and y of four corners: top left, top right, bottom right, bottom left."""

UNIT_CORNERS: Corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
# Smallest sine of a corner's angle, times the lengths of its sides. Below it the corners lie almost on a line.
LEAST_CROSS = 1e-3
# The triangles of so many cells a side follow a usual keystone to half a pixel at 1920×1080.
CELLS = 32
# With one cell, its two triangles would follow each other; see `grid`.
LEAST_CELLS = 2


@dataclass(frozen=True)
class Projection:
    """Place of each point of the content on the screen.

    The content is turned first, then flipped as seen on the screen, then the whole screen is fitted into the corners.
    """

    turn: Turn = 0
    flip: Flip = "none"
    corners: Corners = UNIT_CORNERS
    """Corners of the screen's content, as shares of the screen."""

    @property
    def changes_nothing(self) -> bool:
        """True if the content lies on the screen as it is."""
        return self == Projection()

    def content_size(self, screen: tuple[int, int]) -> tuple[int, int]:
        """Return (width, height) of the content of a screen of (width, height), in pixels."""
        return (screen[1], screen[0]) if self.turn in (90, 270) else screen

    def cells(self) -> int:
        """Return the number of cells a side that a mesh needs."""
        return LEAST_CELLS if self.corners == UNIT_CORNERS else CELLS

    def on_screen(self, points: Points) -> Points:
        """Return where points of the content, [n, 2], lie on the screen, [n, 2]."""
        x, y = points.T
        if self.turn == 90:
            x, y = 1 - y, x
        elif self.turn == 180:
            x, y = 1 - x, 1 - y
        elif self.turn == 270:
            x, y = y, 1 - x
        if self.flip == "horizontal":
            x = 1 - x
        elif self.flip == "vertical":
            y = 1 - y
        mapped = np.stack([x, y, np.ones_like(x)], axis=1) @ homography(self.corners).T
        return mapped[:, :2] / mapped[:, 2:]


def grid(cells: int) -> tuple[Points, NDArray[np.int32]]:
    """Return the points of a grid over the content, and the triangles between them.

    No two triangles that follow each other have a side in common: SDL's software renderer would take the two for a
    rectangle, and copy that without turning it.

    Args:
        cells: Number of cells a side, at least 2.

    Returns:
        The points, [(cells + 1)², 2], row by row; and the indices of the triangles' points, int32 [2 cells², 3].
    """
    steps = np.linspace(0, 1, cells + 1)
    points = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    rows, columns = np.mgrid[:cells, :cells]
    first = (rows * (cells + 1) + columns).reshape(-1, 1)
    below = first + cells + 1
    upper, lower = (first, first + 1, below), (first + 1, below + 1, below)
    triangles = np.concatenate([np.concatenate(upper, axis=1), np.concatenate(lower, axis=1)])
    return points, triangles.astype(np.int32)


def homography(corners: Corners) -> NDArray[np.float64]:
    """Return the projective map, float64 [3, 3], of the unit square onto four corners.

    It maps (x, y, 1) to a multiple of the place's (x, y, 1).
    """
    rows, places = [], []
    for (x, y), (to_x, to_y) in zip(UNIT_CORNERS, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -x * to_x, -y * to_x], [0, 0, 0, x, y, 1, -x * to_y, -y * to_y]]
        places += [to_x, to_y]
    return np.append(np.linalg.solve(np.array(rows, float), np.array(places, float)), 1.0).reshape(3, 3)


def read_corners(texts: Sequence[str]) -> Corners:
    """Return the corners of the texts "x,y", or those of the whole screen if there are none.

    Raises:
        ValueError: They are not four points, a share is not from 0 to 1, or they do not stand around an area in the
            order of `Corners`. The message says which.
    """
    if not texts:
        return UNIT_CORNERS
    if len(texts) != 4:
        raise ValueError("give four corners")
    corners = tuple(_read_point(text) for text in texts)
    around = np.array(corners)
    sides = np.roll(around, -1, axis=0) - around
    following = np.roll(sides, -1, axis=0)
    if (sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]).min() < LEAST_CROSS:
        raise ValueError("give the corners of an area without a dent: top left, top right, bottom right, bottom left")
    return corners


def _read_point(text: str) -> tuple[float, float]:
    x, _, y = text.partition(",")
    try:
        point = float(x), float(y)
    except ValueError:
        raise ValueError(f"{text} is not a corner such as 0.1,0") from None
    if not all(0 <= share <= 1 for share in point):
        raise ValueError(f"{text} is not on the screen; give shares of its width and height, from 0 to 1")
    return point
