"""Grain: how rough is a picture where it is smoothest?"""

from __future__ import annotations

import numpy as np

COLUMNS = 48  # of places across a picture
SMOOTH = 30  # percentile over places: the smoother part of a picture, such as a sky


def grain(frame: np.ndarray) -> float:
    """Return the 30th percentile over places of the deviation of light from an even slope, in levels.

    A place is a square of 1/48 of the picture's width. The light of a pixel is the mean of its three channels. Fitting
    a plane to each place leaves out skies that shade from one colour to another.

    Args:
        frame: uint8 RGB [H, W, 3].
    """
    light = frame.mean(2)
    height, width = light.shape
    side = min(height, max(4, round(width / COLUMNS)))
    rows, columns = height // side, width // side
    places = light[: rows * side, : columns * side].reshape(rows, side, columns, side).swapaxes(1, 2)
    flat = places.reshape(rows * columns, side * side)
    vertical, horizontal = np.mgrid[:side, :side].reshape(2, -1)
    plane, _ = np.linalg.qr(np.stack([np.ones(side * side), vertical, horizontal], 1))
    rest = flat - flat @ plane @ plane.T
    return float(np.percentile(np.sqrt(np.square(rest).mean(1)), SMOOTH))
