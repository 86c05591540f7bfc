"""Hats: six cuts, a dozen colourings, and ribbons that flutter.

A hat's origin is the middle of its brim; its crown stands upwards (negative y), about one unit wide.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

import numpy as np

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.motion import TURN, Point, Points, lerp
from train.sample_film.drawing.palette import CORAL, CREAM, MUSTARD, PETAL, PLUM, SKY_BLUE, TEAL, Colour, mix
from train.sample_film.drawing.shapes import arc, ellipse, soft


class Cut(Enum):
    """Shape of a hat."""

    BOWLER = auto()
    TOPPER = auto()
    BOATER = auto()
    CONE = auto()
    SUN = auto()
    KNIT = auto()


@dataclass(frozen=True)
class Hat:
    """One hat: its cut, the colours of its cloth and band, and whether it has ribbons."""

    cut: Cut
    cloth: Colour
    band: Colour
    ribbon: bool = False


OWN_HAT = Hat(Cut.TOPPER, TEAL, MUSTARD)
"""The hatmaker's own hat."""

HATS = (
    Hat(Cut.BOWLER, CORAL, CREAM),
    Hat(Cut.BOATER, MUSTARD, PLUM, ribbon=True),
    Hat(Cut.TOPPER, PLUM, CORAL),
    Hat(Cut.SUN, CREAM, TEAL, ribbon=True),
    Hat(Cut.CONE, SKY_BLUE, MUSTARD),
    Hat(Cut.KNIT, CORAL, CREAM),
    Hat(Cut.BOWLER, SKY_BLUE, PLUM, ribbon=True),
    Hat(Cut.SUN, MUSTARD, CORAL, ribbon=True),
    Hat(Cut.TOPPER, CREAM, PLUM),
    Hat(Cut.BOATER, CREAM, CORAL, ribbon=True),
    Hat(Cut.CONE, PLUM, PETAL),
    Hat(Cut.KNIT, TEAL, MUSTARD),
)

_CROWNS: dict[Cut, tuple[Point, ...]] = {
    Cut.BOWLER: (
        (-0.52, 0.0),
        (-0.53, -0.34),
        (-0.36, -0.66),
        (0.0, -0.78),
        (0.36, -0.66),
        (0.53, -0.34),
        (0.52, 0.0),
    ),
    Cut.TOPPER: ((-0.46, 0.0), (-0.46, -0.45), (-0.56, -1.0), (0.56, -1.0), (0.46, -0.45), (0.46, 0.0)),
    Cut.BOATER: ((-0.52, 0.0), (-0.5, -0.2), (-0.48, -0.44), (0.48, -0.44), (0.5, -0.2), (0.52, 0.0)),
    Cut.CONE: (
        (-0.5, 0.0),
        (-0.36, -0.42),
        (-0.12, -0.95),
        (0.12, -1.24),
        (0.2, -0.9),
        (0.38, -0.42),
        (0.5, 0.0),
    ),
    Cut.SUN: (
        (-0.5, 0.0),
        (-0.46, -0.3),
        (-0.26, -0.5),
        (0.0, -0.55),
        (0.26, -0.5),
        (0.46, -0.3),
        (0.5, 0.0),
    ),
    Cut.KNIT: (
        (-0.56, 0.1),
        (-0.54, -0.34),
        (-0.34, -0.68),
        (0.0, -0.8),
        (0.34, -0.68),
        (0.54, -0.34),
        (0.56, 0.1),
    ),
}
_BRIMS: dict[Cut, Point] = {
    Cut.BOWLER: (0.86, 0.2),
    Cut.TOPPER: (0.84, 0.19),
    Cut.BOATER: (1.0, 0.22),
    Cut.CONE: (0.78, 0.19),
    Cut.SUN: (1.2, 0.28),
}
_FLAT_TOPS = {Cut.TOPPER: (-1.0, 0.56), Cut.BOATER: (-0.44, 0.48)}


def draw_hat(canvas: Canvas, hat: Hat, time: float = 0.0, gust: float = 0.3) -> None:
    """Draw a hat at the origin; `time` (seconds) and `gust` (0 calm to 1) move its ribbons."""
    if hat.ribbon:
        for offset, length in ((0.0, 1.2), (0.45, 0.9)):
            ribbon(canvas, (-0.48, -0.06), (-1.0, 0.25 + offset), length, time + offset, gust, hat.band, 0.15)
    if hat.cut in _BRIMS:
        canvas.fill(ellipse(0.0, 0.0, *_BRIMS[hat.cut]), hat.cloth)
    sides = _CROWNS[hat.cut]
    hem = arc(0.0, sides[0][1], sides[-1][0], 0.13, 0.0, 0.5)
    canvas.fill(np.concatenate([_crown_line(hat.cut), hem]), hat.cloth)
    canvas.fill(_shade(hat.cut), mix(hat.cloth, PLUM, 0.28), outline=False)
    canvas.fill(_band(hat.cut), hat.band)
    if hat.cut in _FLAT_TOPS:
        y, across = _FLAT_TOPS[hat.cut]
        canvas.fill(ellipse(0.0, y, across, 0.13), mix(hat.cloth, CREAM, 0.3))
    if hat.cut is Cut.KNIT:
        canvas.disc(0.0, -0.88, 0.22, hat.band)
    if hat.cut is Cut.CONE:
        canvas.disc(0.14, -1.28, 0.17, hat.band)


def ribbon(
    canvas: Canvas,
    start: Point,
    heading: Point,
    length: float,
    time: float,
    gust: float,
    colour: Colour,
    width: float,
) -> None:
    """Draw a ribbon from `start`: it hangs when `gust` is 0 and streams towards `heading` when it is 1.

    Waves run along it from the fixed end to the loose end.
    """
    share = np.linspace(0.0, 1.0, 25)
    direction = np.array([lerp(0.0, heading[0], gust), lerp(1.0, heading[1], gust)])
    direction /= max(float(np.hypot(*direction)), 1e-6)
    aside = np.array([-direction[1], direction[0]])
    wave = (0.09 + 0.06 * gust) * length * share * np.sin(TURN * (1.1 * share - time))
    points = np.array(start) + np.outer(share * length, direction) + np.outer(wave, aside)
    canvas.tube(points, colour, width)


@cache
def _crown_line(cut: Cut) -> Points:
    """Return the line over the crown, from its left foot to its right foot."""
    sides = _CROWNS[cut]
    if cut in _FLAT_TOPS:  # the corners of a flat top stay sharp
        half = len(sides) // 2
        return np.concatenate([soft(sides[:half], closed=False), soft(sides[half:], closed=False)])
    return soft(sides, closed=False)


@cache
def _shade(cut: Cut) -> Points:
    """Return the outline of the shaded right-hand side of the crown."""
    line = _crown_line(cut)
    right = line[len(line) // 2 :] if cut in _FLAT_TOPS else line[len(line) * 5 // 8 :]
    inner = right[::-1] * np.array([0.62, 0.94])
    return np.concatenate([right * np.array([0.95, 0.97]), inner])


@cache
def _band(cut: Cut) -> Points:
    """Return the outline of the band around the foot of the crown; the knitted cap has a cuff."""
    across = _CROWNS[cut][-1][0]
    if cut is Cut.KNIT:
        upper, lower, across = -0.16, 0.16, across + 0.06
    else:
        upper, lower = -0.22, 0.0
    return np.concatenate([arc(0.0, lower, across, 0.13, 0.0, 0.5), arc(0.0, upper, across * 0.98, 0.13, 0.5, 0.0)])
