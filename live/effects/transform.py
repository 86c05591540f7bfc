"""Movement and recolouring of a picture, by so much a second, for the feedback of the picture and of the memory."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live.controls.table import DEFAULTS

LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Share of red, green and blue in the brightness (Rec. 709)."""


@dataclass(frozen=True, kw_only=True)
class Transform:
    """Movement and recolouring. Every value is a rate per second, and therefore the same at every frame rate."""

    zoom: float = DEFAULTS["zoom"]
    """Doublings of the picture's size."""
    rotation: float = DEFAULTS["rotation"]
    """Degrees, clockwise."""
    shift_x: float = DEFAULTS["shift_x"]
    """Widths of the picture, to the right."""
    shift_y: float = DEFAULTS["shift_y"]
    """Heights of the picture, downwards."""
    hue_drift: float = DEFAULTS["hue_drift"]
    """Degrees of the colour circle, red to green to blue."""
    contrast_drift: float = DEFAULTS["contrast_drift"]
    """Doublings of the contrast, around mid grey."""

    @property
    def moves(self) -> bool:
        """True if a picture's pixels move."""
        return any((self.zoom, self.rotation, self.shift_x, self.shift_y))

    @property
    def recolours(self) -> bool:
        """True if a picture's colours change."""
        return any((self.hue_drift, self.contrast_drift))

    def motion_matrix(self, frame_rate: float, size: tuple[int, int]) -> NDArray[np.float64]:
        """Return one step's motion of a pixel around the picture's middle.

        Args:
            frame_rate: Steps a second.
            size: (height, width) of the picture.

        Returns:
            float64 [2, 3], for (x, y, 1) with x to the right and y downwards.
        """
        height, width = size
        scale = 2 ** (self.zoom / frame_rate)
        angle = math.radians(self.rotation / frame_rate)
        # With y downwards this rotates clockwise.
        turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        shift = np.array([self.shift_x * width, self.shift_y * height]) / frame_rate
        return np.column_stack([turn, middle + shift - turn @ middle])

    def colour_matrix(self, frame_rate: float) -> NDArray[np.float64]:
        """Return one step's change of (red, green, blue) around mid grey: float64 [3, 3]."""
        return 2 ** (self.contrast_drift / frame_rate) * hue_matrix(self.hue_drift / frame_rate)


REST = Transform()
"""Changes nothing."""


def hue_matrix(degrees: float) -> NDArray[np.float64]:
    """Return the rotation of (red, green, blue) around the axis of the greys, red to green to blue: float64 [3, 3]."""
    angle = math.radians(degrees)
    # Rodrigues' rotation around (1, 1, 1) / √3.
    across = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    matrix: NDArray[np.float64] = math.cos(angle) * np.eye(3) + math.sin(angle) * across + (1 - math.cos(angle)) / 3
    return matrix
