"""Mirrors over the shown picture: halves, quarters, and a kaleidoscope."""

import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from live.controls.entries.grading import MIRRORS
from live.controls.table import DEFAULTS
from live.frame import Pixels

Places: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass
class Mirrors:
    """Covers parts of a picture by mirror images of others. At its defaults it costs nothing."""

    picture_mirror: str = MIRRORS[int(DEFAULTS["picture_mirror"])]
    """Part that is kept, of `MIRRORS`; the quarter is the one at the top left."""
    kaleidoscope: float = DEFAULTS["kaleidoscope"]
    """Number of mirrors around the middle, rounded."""
    _places: tuple[tuple[int, int, int], Places] | None = field(default=None, init=False)

    def apply(self, pixels: Pixels) -> Pixels:
        """Return the mirrored picture, uint8 [height, width, 3]: the very one that is given if there is no mirror."""
        if self.picture_mirror != "none":
            pixels = _mirrored(pixels, self.picture_mirror)
        count = round(self.kaleidoscope)
        if not count:
            return pixels
        # Imported here because OpenCV takes a while to load, and not every show has effects.
        import cv2

        key = pixels.shape[0], pixels.shape[1], count
        if self._places is None or self._places[0] != key:
            self._places = key, kaleidoscope_places(*key)
        x, y = self._places[1]
        turned = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(turned, np.uint8)


def kaleidoscope_places(height: int, width: int, count: int) -> Places:
    """Return where each pixel of a kaleidoscope comes from: x and y, each float32 [height, width].

    `count` lines through the middle mirror the sector below the line to the right.
    """
    rows, columns = np.mgrid[:height, :width] - np.array([(height - 1) / 2, (width - 1) / 2])[:, None, None]
    sector = math.pi / count
    angle = np.arctan2(rows, columns) % (2 * sector)
    angle = np.minimum(angle, 2 * sector - angle)
    radius = np.hypot(rows, columns)
    x, y = radius * np.cos(angle) + (width - 1) / 2, radius * np.sin(angle) + (height - 1) / 2
    return x.astype(np.float32), y.astype(np.float32)


def _mirrored(pixels: Pixels, part: str) -> Pixels:
    """Return a picture of which one part, "left", "right", "top", "bottom" or "quarter", covers the rest."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    mirrored = pixels.copy()
    if part in ("left", "quarter"):
        mirrored[:, -width:] = mirrored[:, :width][:, ::-1]
    if part == "right":
        mirrored[:, :width] = mirrored[:, -width:][:, ::-1]
    if part in ("top", "quarter"):
        mirrored[-height:] = mirrored[:height][::-1]
    if part == "bottom":
        mirrored[:height] = mirrored[-height:][::-1]
    return mirrored
