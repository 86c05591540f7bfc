"""Helper maths of movement: everything is a smooth function of time in seconds, nothing has a memory."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""A place in units of the stage (16 wide, 9 high, y downwards)."""
Points = NDArray[np.float64]
"""Places, one a row: shape [count, 2]."""

TURN = 2 * math.pi


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """Hold a value between two limits."""
    return min(max(value, low), high)


def lerp(start: float, end: float, share: float) -> float:
    """Go the given share of the way from start to end."""
    return start + (end - start) * share


def between(start: Point, end: Point, share: float) -> Point:
    """Go the given share of the straight way between two points."""
    return lerp(start[0], end[0], share), lerp(start[1], end[1], share)


def ease(time: float, start: float = 0.0, end: float = 1.0) -> float:
    """Rise softly from 0 (up to `start`) to 1 (from `end` on)."""
    share = clamp((time - start) / (end - start))
    return share * share * (3 - 2 * share)


def swing(time: float, period: float, phase: float = 0.0) -> float:
    """Swing between -1 and 1 once a period; phase in turns."""
    return math.sin(TURN * (time / period + phase))


def wind(time: float) -> float:
    """Give the breeze at a time, about -1 to 1: three swings that never quite repeat together."""
    return 0.5 * swing(time, 3.7) + 0.3 * swing(time, 2.3, 0.3) + 0.2 * swing(time, 1.45, 0.7)


def pulse(time: float, period: float, width: float) -> float:
    """Give a soft bump from 0 to 1 and back, `width` seconds long, once a period."""
    share = (time % period) / width
    return math.sin(math.pi * share) ** 2 if share < 1 else 0.0


def ring(time: float, period: float, fading: float) -> float:
    """Ring like a struck spring from time 0 on: 0, then up to +-1, dying away."""
    return math.exp(-time / fading) * math.sin(TURN * time / period) if time > 0 else 0.0


def ramp_distance(time: float, start: float, end: float, slow: float, fast: float) -> float:
    """Say how far something has come whose speed grows evenly from slow to fast between two times."""
    middle = clamp(time, start, end) - start
    gained = (fast - slow) * (middle * middle / (2 * (end - start)) + max(time - end, 0.0))
    return slow * time + gained


def joint(start: Point, end: Point, upper: float, lower: float, side: int) -> tuple[Point, Point]:
    """Bend a limb of two bones: give its elbow and its hand.

    The hand is `end`, or as near to it as the bones reach; side (+1 or -1) says which way it bends.
    """
    across, down = end[0] - start[0], end[1] - start[1]
    wanted = math.hypot(across, down) or 1e-6
    reach = clamp(wanted, abs(upper - lower) + 1e-3, (upper + lower) * 0.999)
    along = (upper * upper - lower * lower + reach * reach) / (2 * reach)
    off = side * math.sqrt(max(upper * upper - along * along, 0.0))
    x, y = across / wanted, down / wanted
    elbow = (start[0] + x * along - y * off, start[1] + y * along + x * off)
    return elbow, (start[0] + x * reach, start[1] + y * reach)


def turned(point: Point, angle: float) -> Point:
    """Turn a point about the origin; angle in radians, clockwise on the stage."""
    cosine, sine = math.cos(angle), math.sin(angle)
    return cosine * point[0] - sine * point[1], sine * point[0] + cosine * point[1]


@lru_cache
def table(seed: int, rows: int, columns: int) -> Points:
    """Give fixed numbers from 0 to 1, the same in every run."""
    numbers = np.random.default_rng(seed).uniform(size=(rows, columns))
    numbers.flags.writeable = False  # the cache hands the same array to everybody
    return numbers
