"""Arithmetic of motion: smooth functions of time in seconds, without state."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""Point in units of the stage (16 wide, 9 high, y downwards)."""
Points = NDArray[np.float64]
"""Points, one per row: shape [count, 2]."""

TURN = 2 * math.pi


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """Limit a value to the range from `low` to `high`."""
    return min(max(value, low), high)


def lerp(start: float, end: float, share: float) -> float:
    """Return the number at a share of the way from start to end."""
    return start + (end - start) * share


def between(start: Point, end: Point, share: float) -> Point:
    """Return the point at a share of the straight way between two points."""
    return lerp(start[0], end[0], share), lerp(start[1], end[1], share)


def ease(time: float, start: float = 0.0, end: float = 1.0) -> float:
    """Rise smoothly from 0 (up to `start`) to 1 (from `end` on)."""
    share = clamp((time - start) / (end - start))
    return share * share * (3 - 2 * share)


def swing(time: float, period: float, phase: float = 0.0) -> float:
    """Swing between -1 and 1 once per period; `phase` is in turns."""
    return math.sin(TURN * (time / period + phase))


def wind(time: float) -> float:
    """Return the strength of the wind, about -1 to 1: the sum of three swings with different periods."""
    return 0.5 * swing(time, 3.7) + 0.3 * swing(time, 2.3, 0.3) + 0.2 * swing(time, 1.45, 0.7)


def pulse(time: float, period: float, width: float) -> float:
    """Return a smooth bump from 0 to 1 and back, `width` seconds long, once per period."""
    share = (time % period) / width
    return math.sin(math.pi * share) ** 2 if share < 1 else 0.0


def ring(time: float, period: float, fading: float) -> float:
    """Return a damped oscillation that starts at time 0: first 0, then up to +-1, then fading."""
    return math.exp(-time / fading) * math.sin(TURN * time / period) if time > 0 else 0.0


def ramp_distance(time: float, start: float, end: float, slow: float, fast: float) -> float:
    """Return the distance covered at a speed that grows evenly from `slow` to `fast` between two times."""
    middle = clamp(time, start, end) - start
    gained = (fast - slow) * (middle * middle / (2 * (end - start)) + max(time - end, 0.0))
    return slow * time + gained


def joint(start: Point, end: Point, upper: float, lower: float, side: int) -> tuple[Point, Point]:
    """Bend a limb of two bones, and return its elbow and its hand.

    The hand is at `end`, or as near to it as the bones reach. The limb bends to `side` (+1 or -1).
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
    """Turn a point about the origin; `angle` is in radians, clockwise on the stage."""
    cosine, sine = math.cos(angle), math.sin(angle)
    return cosine * point[0] - sine * point[1], sine * point[0] + cosine * point[1]


@lru_cache
def table(seed: int, rows: int, columns: int) -> Points:
    """Return pseudorandom numbers from 0 to 1, the same in every run."""
    numbers = np.random.default_rng(seed).uniform(size=(rows, columns))
    numbers.flags.writeable = False  # every caller gets the same array from the cache
    return numbers
