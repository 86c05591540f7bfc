"""The blossom tree, seen from far and near, and its petals."""

import math

from train.sample_film.drawing.canvas import STAGE_HEIGHT, STAGE_WIDTH, Canvas
from train.sample_film.drawing.motion import TURN, Point, swing, table, wind
from train.sample_film.drawing.palette import BARK, CREAM, INK, PETAL, PLUM, ROSE, Colour, mix
from train.sample_film.drawing.shapes import soft

Disc = tuple[float, float, float]
"""(x, y, radius) in units of the stage."""

_SHADOW = mix(ROSE, PLUM, 0.45)
_GRAIN = mix(BARK, INK, 0.5)

# fmt: off
_TRUNK: tuple[Point, ...] = (
    (-0.95, 0.35), (-0.5, -0.6), (-0.42, -2.2), (-1.3, -3.6), (-2.6, -4.5), (-2.3, -4.8), (-1.0, -4.1),
    (-0.1, -3.4), (0.5, -4.3), (1.2, -5.2), (1.5, -5.0), (0.9, -3.8), (0.5, -2.4), (0.55, -0.7), (1.05, 0.35),
)
_CROWN: tuple[tuple[Colour, tuple[Disc, ...]], ...] = (
    (_SHADOW, (
        (-3.6, -4.6, 0.95), (-1.8, -4.0, 0.9), (0.0, -4.4, 1.0), (1.8, -4.4, 0.95), (3.1, -5.0, 0.9),
    )),
    (ROSE, (
        (-4.1, -5.3, 1.0), (-2.5, -4.9, 1.1), (-0.8, -5.0, 1.1), (0.9, -5.1, 1.15), (2.5, -5.3, 1.1),
        (3.7, -5.9, 0.85),
    )),
    (PETAL, (
        (-3.3, -6.2, 1.15), (-1.7, -5.9, 1.25), (0.1, -6.2, 1.4), (1.8, -6.2, 1.3), (3.0, -6.7, 1.0),
        (-0.6, -7.2, 1.3), (1.2, -7.3, 1.2), (-2.3, -7.1, 1.0),
    )),
)
# fmt: on


def trunk(canvas: Canvas) -> None:
    """Draw the trunk and boughs of the tree, 5 units high, with its foot at the origin."""
    canvas.fill(soft(_TRUNK), BARK)
    for grain in ([(0.2, -0.3), (0.16, -1.4), (0.24, -2.2)], [(-0.15, -1.0), (-0.18, -1.9), (-0.3, -2.6)]):
        canvas.line(soft(grain, closed=False), _GRAIN, 0.1)


def crown(canvas: Canvas, time: float) -> None:
    """Draw the blossom over the trunk: three layers that move with the wind, up to 8.5 units high."""
    for layer, (colour, discs) in enumerate(_CROWN):
        moved = []
        for index, (x, y, radius) in enumerate(discs):
            push = wind(time - 0.12 * index - 0.4 * layer)
            moved.append((x + 0.18 * push, y + 0.06 * swing(time, 2.9, index * 0.21), radius))
        canvas.puffs(moved, colour)
    for index in range(9):  # a few single blossoms
        x = -3.6 + 0.85 * index + 0.18 * wind(time - 0.1 * index)
        canvas.disc(x, -6.0 + 0.7 * math.sin(index * 2.1), 0.15, CREAM, outline=False)


def canopy(canvas: Canvas, time: float) -> None:
    """Draw the blossom of higher boughs along the upper edge of the picture, thickest at the left."""
    for layer, (colour, y) in enumerate(((_SHADOW, 0.05), (ROSE, -0.4), (PETAL, -0.95))):
        discs = []
        for index in range(9):
            push = 0.14 * wind(time - 0.13 * index - 0.3 * layer)
            drop = 1.1 * math.exp(-0.35 * index) + 0.3 * math.sin(2.3 * index + layer)
            discs.append((-0.8 + 1.35 * index + 0.5 * layer + push, y + drop, 1.05))
        canvas.puffs(discs, colour)


def cluster(canvas: Canvas, time: float) -> None:
    """Draw one bunch of blossom around the origin, about 2 units wide."""
    push = 0.1 * wind(time)
    canvas.puffs([(push - 0.5, 0.3, 0.7), (push + 0.6, 0.25, 0.65)], ROSE)
    canvas.puffs([(push - 0.3, -0.2, 0.7), (push + 0.45, -0.1, 0.6)], PETAL)


def petals(canvas: Canvas, time: float, count: int, *, drifted: float, fall: float = 1.1, size: float = 1.0) -> None:
    """Draw petals that fall through the whole picture at a steady rate, without end.

    Petals that leave the picture come in again at the other side.

    Args:
        canvas: the canvas.
        time: seconds.
        count: number of petals.
        drifted: distance, in units, that the wind has carried them so far.
        fall: speed, in units per second.
        size: scale of a petal.
    """
    wide, high = STAGE_WIDTH + 2.0, STAGE_HEIGHT + 2.0
    for index, (x, y, phase, pace) in enumerate(table(11, count, 4)):
        speed = 0.75 + 0.5 * pace
        at_x = (x * wide + drifted * speed + 0.5 * swing(time, 3.1, phase)) % wide - 1.0
        at_y = (y * high + fall * speed * time + 0.2 * swing(time, 2.2, phase)) % high - 1.0
        turn = TURN * (phase + time * (0.12 + 0.12 * pace) * (1 if index % 2 else -1))
        flip = 0.13 * (0.45 + 0.55 * math.cos(turn * 1.7 + phase) ** 2)
        petal = soft([(-0.2, 0.0), (0.02, -flip), (0.2, -0.05), (0.2, 0.05), (0.02, flip)], steps=4)
        colour = PETAL if index % 3 else mix(PETAL, CREAM, 0.55)
        canvas.at(at_x, at_y, turn, size).fill(petal, colour, outline=False)
