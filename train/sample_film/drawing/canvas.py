"""Canvas of any size in pixels, drawn on in units of the stage, which is 16 wide and 9 high.

Everything is drawn two or three times too large and scaled down at the end, so that edges are smooth.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from train.sample_film.drawing.motion import Point, Points
from train.sample_film.drawing.palette import INK, Colour, Light
from train.sample_film.drawing.shapes import ellipse

STAGE_WIDTH = 16.0
STAGE_HEIGHT = 9.0
OUTLINE = STAGE_WIDTH / 180
"""Width of the dark outline, in units. It is the same for near and far things, as in a picture book."""

Picture = NDArray[np.uint8]
"""RGB pixels [height, width, 3]."""

_SHIFT = 4  # cv2 takes integers: coordinates are passed in sixteenths of a pixel


class Canvas:
    """Pixels to draw on, the light that tints them, and the mapping from the stage to the pixels."""

    def __init__(self, pixels: Picture, light: Light, matrix: NDArray[np.float64]) -> None:
        """Draw on `pixels`; `matrix` [2, 3] maps points of the stage to pixels."""
        self.pixels = pixels
        self.light = light
        self._matrix = matrix
        self._scale = math.sqrt(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]))
        self._pixels_per_unit = pixels.shape[1] / STAGE_WIDTH

    @classmethod
    def blank(cls, size: tuple[int, int], light: Light) -> "Canvas":
        """Return an empty canvas for a picture of this size (width, height)."""
        factor = 2 if size[0] > 400 else 3
        width, height = size[0] * factor, size[1] * factor
        pixels = np.zeros((height, width, 3), dtype=np.uint8)
        matrix = np.array([[width / STAGE_WIDTH, 0.0, 0.0], [0.0, height / STAGE_HEIGHT, 0.0]])
        return cls(pixels, light, matrix)

    def picture(self, size: tuple[int, int]) -> Picture:
        """Return the finished picture at this size (width, height)."""
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    # Places

    def at(self, x: float, y: float, angle: float = 0.0, scale: float = 1.0, *, mirror: bool = False) -> "Canvas":
        """Return the same canvas with its origin moved to (x, y), turned by `angle` (radians), scaled, and mirrored."""
        cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
        flip = -1.0 if mirror else 1.0
        local = np.array([[flip * cosine, -sine, x], [flip * sine, cosine, y], [0.0, 0.0, 1.0]])
        return Canvas(self.pixels, self.light, self._matrix @ local)

    def seen_from(self, x: float, y: float, zoom: float = 1.0, depth: float = 1.0) -> "Canvas":
        """Return the canvas for one layer of the world, seen from a camera with its centre at (x, y).

        A layer of depth 1 moves fully with the camera; one of depth 0 (the sky) zooms but does not move.
        """
        middle_x, middle_y = STAGE_WIDTH / 2, STAGE_HEIGHT / 2
        zoom = 1.0 + (zoom - 1.0) * (0.4 + 0.6 * depth)  # parallax: distant layers grow less
        shift_x, shift_y = (x - middle_x) * depth, (y - middle_y) * depth
        left, top = middle_x - zoom * (middle_x + shift_x), middle_y - zoom * (middle_y + shift_y)
        return self.at(left, top, scale=zoom)

    # Paint

    def wash(self, top: Colour, low: Colour, horizon: float) -> None:
        """Fill the whole canvas with a gradient from the upper edge down to `horizon`."""
        rows = self.pixels.shape[0]
        share = np.clip(np.arange(rows) / (horizon * self._pixels_per_unit), 0.0, 1.0)[:, None]
        colours = np.array(self._lit(top)) * (1 - share) + np.array(self._lit(low)) * share
        self.pixels[:] = np.rint(colours).astype(np.uint8)[:, None, :]

    def fill(self, points: Points, colour: Colour, *, outline: bool = True, opacity: float = 1.0) -> None:
        """Fill a closed shape and draw the dark outline around it; a translucent shape has no outline."""
        places = self._places(points)
        if opacity < 1.0:
            self._blend(places, colour, opacity)
            return
        cv2.fillPoly(self.pixels, [places], self._lit(colour), cv2.LINE_AA, _SHIFT)
        if outline:
            cv2.polylines(self.pixels, [places], True, self._lit(INK), self._outline_pixels(), cv2.LINE_AA, _SHIFT)

    def line(self, points: Points | Sequence[Point], colour: Colour = INK, width: float = 0.0) -> None:
        """Draw a line with round ends; a width of 0 stands for the width of an outline."""
        pixels = self._outline_pixels() if width == 0.0 else max(1, round(width * self._scale))
        places = self._places(np.asarray(points, dtype=np.float64))
        cv2.polylines(self.pixels, [places], False, self._lit(colour), pixels, cv2.LINE_AA, _SHIFT)

    def tube(self, points: Points | Sequence[Point], colour: Colour, width: float) -> None:
        """Draw a thick line with a dark outline: an arm, a leg, a ribbon."""
        edge = 2 * self._outline_pixels() / self._scale
        self.line(points, INK, width + edge)
        self.line(points, colour, width)

    def disc(self, x: float, y: float, radius: float, colour: Colour, *, outline: bool = True) -> None:
        """Fill a circle."""
        self.fill(ellipse(x, y, radius, radius), colour, outline=outline)

    def puffs(self, discs: Sequence[tuple[float, float, float]], colour: Colour, *, outline: bool = True) -> None:
        """Fill several circles (x, y, radius) as one shape: a cloud, a tree top."""
        if outline:
            edge = self._outline_pixels() / self._scale
            for x, y, radius in discs:
                self.disc(x, y, radius + edge, INK, outline=False)
        for x, y, radius in discs:
            self.disc(x, y, radius, colour, outline=False)

    def _places(self, points: Points) -> NDArray[np.int32]:
        pixels = points @ self._matrix[:, :2].T + self._matrix[:, 2]
        # Half a pixel less, because cv2 counts from the centre of the first pixel.
        return np.rint((pixels - 0.5) * (1 << _SHIFT)).astype(np.int32)

    def _outline_pixels(self) -> int:
        size = min(max(self._scale / self._pixels_per_unit, 0.6), 1.3)
        return max(1, int(OUTLINE * size * self._pixels_per_unit + 0.5))

    def _lit(self, colour: Colour) -> tuple[float, float, float]:
        red, green, blue = (float(round(part * tint)) for part, tint in zip(colour, self.light.tint, strict=True))
        return red, green, blue

    def _blend(self, places: NDArray[np.int32], colour: Colour, opacity: float) -> None:
        """Fill a translucent shape; only the pixels of its bounding box are touched."""
        height, width = self.pixels.shape[:2]
        left, top = np.maximum((places.min(0) >> _SHIFT) - 2, 0)
        right, low = np.minimum((places.max(0) >> _SHIFT) + 3, (width, height))
        if left >= right or top >= low:
            return
        below = self.pixels[top:low, left:right]
        above = below.copy()
        corner = np.array([left << _SHIFT, top << _SHIFT], dtype=np.int32)
        cv2.fillPoly(above, [places - corner], self._lit(colour), cv2.LINE_AA, _SHIFT)
        self.pixels[top:low, left:right] = cv2.addWeighted(above, opacity, below, 1.0 - opacity, 0.0)
