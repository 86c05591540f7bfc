"""Grading of the shown picture: hue, saturation, tint, gain, gamma and a look-up table, in this order."""

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live.controls.table import DEFAULTS
from live.effects.lookup_table import LookupTable
from live.effects.transform import LUMA, hue_matrix
from live.frame import Pixels


@dataclass
class Grading:
    """Change of a picture's colours. At its defaults it costs nothing."""

    table: LookupTable | None = None
    """Look-up table of --lut."""
    gain: float = DEFAULTS["gain"]
    """Factor of the brightness."""
    gamma: float = DEFAULTS["gamma"]
    """Above 1 the middle tones are brighter."""
    saturation: float = DEFAULTS["saturation"]
    """Factor of the distance from grey."""
    hue: float = DEFAULTS["hue"]
    """Degrees of the colour circle, red to green to blue."""
    tint: float = DEFAULTS["tint"]
    """Share of the picture in one colour, 0…1."""
    tint_hue: float = DEFAULTS["tint_hue"]
    """That colour, in degrees of the colour circle."""
    lut_mix: float = DEFAULTS["lut_mix"]
    """Share of the look-up table, 0…1."""

    def apply(self, pixels: Pixels) -> Pixels:
        """Return the graded picture, uint8 [height, width, 3]: the very one that is given if nothing changes."""
        if self.hue or self.saturation != 1 or self.tint:
            pixels = self._recoloured(pixels)
        if self.gain != 1 or self.gamma != 1:
            pixels = self._brightened(pixels)
        if self.table and self.lut_mix:
            pixels = self.table.apply(pixels, self.lut_mix)
        return pixels

    def _recoloured(self, pixels: Pixels) -> Pixels:
        # Imported here because OpenCV takes a while to load, and not every show has effects.
        import cv2

        return np.asarray(cv2.transform(pixels, self._colour_matrix()), np.uint8)

    def _colour_matrix(self) -> NDArray[np.float64]:
        """Return the change of (red, green, blue) by hue, saturation and tint: float64 [3, 3]."""
        grey = np.tile(LUMA, (3, 1))
        saturated = grey + self.saturation * (np.eye(3) - grey)
        colour = np.array(colorsys.hsv_to_rgb(self.tint_hue / 360, 1, 1))
        tinted = (1 - self.tint) * np.eye(3) + self.tint * np.outer(colour, LUMA)
        matrix: NDArray[np.float64] = tinted @ saturated @ hue_matrix(self.hue)
        return matrix

    def _brightened(self, pixels: Pixels) -> Pixels:
        import cv2

        levels = np.clip(self.gain * np.arange(256) / 255, 0, 1) ** (1 / self.gamma)
        return np.asarray(cv2.LUT(pixels, (255 * levels).round().astype(np.uint8)), np.uint8)
