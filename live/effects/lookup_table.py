"""3D look-up table of colours, applied by OpenCV's `remap`."""

import math

import numpy as np
from numpy.typing import NDArray

from live.effects.cube_file import Cube
from live.frame import Pixels

# `remap` knows 32 places between two pixels, and a table of few nodes would become steps.
LEAST_INTERVALS = 32


class LookupTable:
    """Table of colours: linear between its nodes, and constant outside of its domain.

    `remap` interpolates in two dimensions. Therefore the table lies in one tall picture: red goes to the right, green
    downwards, and each of the 256 levels of blue has a square of its own, one below the other.
    """

    def __init__(self, cube: Cube) -> None:
        nodes = len(cube.values)
        side = (nodes - 1) * math.ceil(LEAST_INTERVALS / (nodes - 1)) + 1
        red, green, blue = (
            ((np.arange(256) / 255 - low) / (high - low)).clip(0, 1)
            for low, high in zip(cube.low, cube.high, strict=True)
        )
        between = np.linspace(0, 1, side)
        values = _at(cube.values, blue, 0)
        values = _at(_at(values, between, 1), between, 2)
        self._picture: Pixels = (255 * values).round().astype(np.uint8).reshape(256 * side, side, 3)
        self._columns = (red * (side - 1)).astype(np.float32)
        self._rows = (green * (side - 1)).astype(np.float32)
        self._squares = (np.arange(256) * side).astype(np.float32)

    def apply(self, pixels: Pixels, share: float = 1.0) -> Pixels:
        """Return the picture with the colours of the table, uint8 [height, width, 3].

        Args:
            pixels: uint8 [height, width, 3].
            share: Share of the table, 0…1; the rest is the picture as it is.
        """
        import cv2

        red, green, blue = cv2.split(pixels)
        columns = cv2.LUT(red, self._columns)
        rows = cv2.add(cv2.LUT(green, self._rows), cv2.LUT(blue, self._squares))
        looked_up = cv2.remap(self._picture, columns, rows, cv2.INTER_LINEAR)
        if share < 1:
            looked_up = cv2.addWeighted(looked_up, share, pixels, 1 - share, 0)
        return np.asarray(looked_up, np.uint8)


def _at(values: NDArray[np.float32], places: NDArray[np.float64], axis: int) -> NDArray[np.float32]:
    """Return the values at some places along an axis, 0 its first node … 1 its last one, linear between the nodes."""
    last = values.shape[axis] - 1
    below = np.minimum((places * last).astype(int), last - 1)
    shape = [1] * values.ndim
    shape[axis] = -1
    share = (places * last - below).astype(np.float32).reshape(shape)
    one, other = values.take(below, axis), values.take(below + 1, axis)
    mixed: NDArray[np.float32] = one + share * (other - one)
    return mixed
