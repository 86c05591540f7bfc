"""Outlines as arrays of points: ellipses, rectangles, and smooth curves through given points."""

import math
from collections.abc import Sequence

import numpy as np

from train.sample_film.drawing.motion import TURN, Point, Points


def ellipse(x: float, y: float, across: float, down: float, angle: float = 0.0) -> Points:
    """Return a closed ellipse with the radii `across` and `down`, turned by `angle` radians."""
    return arc(x, y, across, down, 0.0, 1.0, angle)[:-1]


def arc(x: float, y: float, across: float, down: float, start: float, end: float, angle: float = 0.0) -> Points:
    """Return part of an ellipse; `start` and `end` are in turns, 0 at the right, clockwise on the stage."""
    count = 33 if max(across, down) < 0.6 else 65  # enough that no corners are visible
    turns = np.linspace(start * TURN, end * TURN, count)
    right, below = across * np.cos(turns), down * np.sin(turns)
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.stack([x + cosine * right - sine * below, y + sine * right + cosine * below], axis=1)


def soft(points: Sequence[Point], *, closed: bool = True, steps: int = 8) -> Points:
    """Return a smooth curve through the given points (Catmull-Rom), with `steps` points per segment."""
    knots = np.array(points, dtype=np.float64)
    if closed:
        before, after, beyond = np.roll(knots, 1, 0), np.roll(knots, -1, 0), np.roll(knots, -2, 0)
    else:
        padded = np.concatenate([knots[:1], knots, knots[-1:]])
        before, knots, after, beyond = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    share = (np.arange(steps) / steps)[None, :, None]
    first, second, third, fourth = (part[:, None, :] for part in (before, knots, after, beyond))
    curve = second + 0.5 * share * (
        third - first
        + share * (2 * first - 5 * second + 4 * third - fourth
                   + share * (3 * (second - third) + fourth - first))
    )  # fmt: skip
    flat = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, after[-1:]])


def box(left: float, top: float, right: float, low: float) -> Points:
    """Return an upright rectangle."""
    return np.array([(left, top), (right, top), (right, low), (left, low)])
