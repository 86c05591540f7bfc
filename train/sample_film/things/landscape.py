"""Sky, sea and land: the background of every shot, always in slight motion."""

import math
from collections.abc import Callable

import numpy as np

from train.sample_film.drawing.canvas import STAGE_WIDTH, Canvas
from train.sample_film.drawing.motion import TURN, swing, table, wind
from train.sample_film.drawing.palette import CREAM, INK, MUSTARD, Colour
from train.sample_film.drawing.shapes import box, ellipse, soft

Slope = Callable[[float], float]
"""Function from x to the height of the ground (y, downwards)."""

_CLOUDS = ((0.0, 1.9, 1.1), (5.2, 1.7, 1.0), (10.6, 2.9, 0.75), (15.4, 1.2, 1.25), (20.8, 2.5, 0.9))
"""Starting place, height and size of each cloud."""
_CLOUD_SPAN = 26.0


def sky(canvas: Canvas, horizon: float) -> None:
    """Fill the canvas with the sky of the hour, brightest at the horizon."""
    canvas.wash(canvas.light.sky_top, canvas.light.sky_low, horizon)


def sun(canvas: Canvas, x: float, y: float, radius: float, time: float) -> None:
    """Draw the sun with two pulsing rings of light."""
    for ring, (size, opacity) in enumerate(((2.3, 0.2), (1.6, 0.3))):
        wide = radius * (size + 0.06 * swing(time, 4.0, ring * 0.3))
        canvas.fill(ellipse(x, y, wide, wide), canvas.light.sun, opacity=opacity)
    canvas.disc(x, y, radius, canvas.light.sun, outline=False)


def clouds(canvas: Canvas, time: float, speed: float) -> None:
    """Draw clouds that drift to the right at `speed` (units per second) and come in again at the left."""
    for index, (start, y, scale) in enumerate(_CLOUDS):
        x = (start + speed * time * (0.7 + 0.3 * scale)) % _CLOUD_SPAN - 5.0
        cloud = canvas.at(x, y, scale=scale)
        breath = 0.05 * swing(time, 5.0, index * 0.3)
        cloud.puffs(
            [(-1.1, 0.1, 0.42), (-0.45, -0.2, 0.62 + breath), (0.4, -0.1, 0.55 - breath), (1.05, 0.14, 0.38)],
            canvas.light.cloud, outline=False,
        )  # fmt: skip
        cloud.fill(soft([(-1.6, 0.5), (-0.9, 0.2), (0.8, 0.2), (1.5, 0.5)]), canvas.light.cloud, outline=False)


def stars(canvas: Canvas, time: float) -> None:
    """Draw a few big stars in the upper sky, each growing and shrinking softly."""
    for index, (shift, height) in enumerate(table(23, 14, 2)):
        x, y = 16 * (index + shift) / 14, 0.4 + 4.6 * height
        canvas.disc(x, y, 0.1 + 0.035 * swing(time, 2.4, 0.37 * index), CREAM, outline=False)


def sea(canvas: Canvas, horizon: float, time: float, sun_x: float, depth: float = 4.5) -> None:
    """Draw the sea below the horizon: bands of swell, and glitter that is densest under the sun at `sun_x`."""
    light = canvas.light
    left, right = -20.0, STAGE_WIDTH + 20.0
    canvas.fill(box(left, horizon, right, horizon + depth), light.sea, outline=False)
    across = np.linspace(left, right, 150)
    for band in range(4):
        y = horizon + 0.35 + 0.75 * band + 0.16 * band * band
        waves = across / (2.2 + 0.7 * band) - 0.28 * time + 0.37 * band
        crest = y + 0.05 * (band + 1) * np.sin(TURN * waves)
        upper = np.stack([across, crest], 1)
        lower = np.stack([across[::-1], crest[::-1] + 0.14 + 0.05 * band], 1)
        canvas.fill(np.concatenate([upper, lower]), light.sea_deep, outline=False)
    for spread, down, phase, size in table(7, 52, 4):
        level = 0.12 + down * down * (depth - 0.5)
        x = sun_x + (spread * 2 - 1) * (1.0 + 9.0 * abs(spread * 2 - 1)) * (0.6 + 0.25 * level)
        half = (0.2 + 0.45 * size) * (0.5 + 0.25 * level) * max(swing(time, 2.0 + size, phase), 0.0)
        if half > 0.02:
            x += 0.3 * swing(time, 7.0, phase)
            y = horizon + level
            canvas.line([(x - half, y), (x + half, y)], light.glint, 0.07 + 0.025 * level)


def hill(
    canvas: Canvas, slope: Slope, colour: Colour, *, outline: bool = True, left: float = -6, right: float = 40
) -> None:
    """Draw ground below the slope, from `left` to `right`, down past the lower edge of the picture."""
    across = np.linspace(left, right, 120)
    edge = np.array([(x, slope(float(x))) for x in across])
    canvas.fill(np.concatenate([edge, [(right, 30.0), (left, 30.0)]]), colour, outline=False)
    if outline:
        canvas.line(edge)


def tufts(canvas: Canvas, slope: Slope, time: float, *, step: float = 1.3, left: float = 0, right: float = 30) -> None:
    """Draw tufts of grass along a slope, bending with the wind."""
    for index in range(round((right - left) / step)):
        x = left + step * (index + 0.35 * math.sin(index * 2.4))
        bend = 0.18 + 0.16 * wind(time + index * 0.21)
        tuft = canvas.at(x, slope(x) + 0.05)
        for lean, height in ((-0.16, 0.3), (0.02, 0.42), (0.2, 0.28)):
            blade = [(lean * 0.5, 0.0), (lean, -height * 0.6), (lean + bend, -height)]
            tuft.line(soft(blade, closed=False, steps=4), canvas.light.near_shade, 0.1)


def daisies(canvas: Canvas, slope: Slope, time: float, *, step: float, left: float, right: float) -> None:
    """Draw big daisies along a slope, nodding in the wind."""
    for index in range(round((right - left) / step)):
        x = left + step * (index + 0.4 * math.sin(index * 2.9))
        daisy = canvas.at(x, slope(x), 0.2 * wind(time + index * 0.27))
        daisy.line([(0.0, 0.0), (0.0, -0.5)], canvas.light.near_shade, 0.1)
        daisy.fill(ellipse(0.0, -0.62, 0.27, 0.24), CREAM)
        daisy.disc(0.0, -0.62, 0.1, MUSTARD, outline=False)


def lollipops(
    canvas: Canvas, slope: Slope, time: float, *, step: float, left: float, right: float, size: float
) -> None:
    """Draw small round trees along a slope, nodding in the wind."""
    for index in range(round((right - left) / step)):
        x = left + step * (index + 0.3 * math.sin(index * 1.9))
        scale = size * (1.0 + 0.3 * math.sin(index * 3.1))
        tree = canvas.at(x, slope(x), 0.05 * wind(time + index * 0.3), scale)
        tree.line([(0.0, 0.1), (0.0, -0.8)], INK, 0.14)
        tree.fill(ellipse(0.0, -1.25, 0.55, 0.7), canvas.light.near_shade)


def cliff(canvas: Canvas, x: float, horizon: float, time: float) -> None:
    """Draw a distant headland in the sea, with a line of surf at its foot."""
    land = canvas.at(x, horizon)
    ridge = [(-3.2, 0.1), (-2.2, -0.7), (-0.6, -1.3), (1.0, -0.9), (3.4, 0.1)]
    land.fill(soft(ridge), canvas.light.far, outline=False)
    surf = 0.1 * swing(time, 3.0)
    land.line([(surf - 2.9, 0.14), (surf + 2.9, 0.14)], canvas.light.glint, 0.08)
