"""Things that people made: the house, its sign, a boat, a flag."""

import math

import numpy as np

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.motion import clamp, swing, wind
from train.sample_film.drawing.palette import BARK, CORAL, CREAM, INK, MUSTARD, PLUM
from train.sample_film.drawing.shapes import arc, box, soft
from train.sample_film.things.hats import OWN_HAT, Cut, Hat, draw_hat, ribbon


def house(canvas: Canvas, time: float) -> None:
    """Draw the hatmaker's house, which wears a hat, with its foot at the origin."""
    for index in range(4):  # smoke: each puff rises, grows and disappears
        share = (time / 4.0 + index / 4) % 1.0
        x, y = 1.0 + 1.6 * share + 0.15 * swing(time, 2.0, index * 0.25), -4.3 - 2.0 * share
        canvas.disc(x, y, 0.18 + 0.36 * math.sin(math.pi * share), canvas.light.cloud, outline=False)
    canvas.fill(box(0.75, -4.3, 1.25, -2.6), BARK)
    walls = [(-1.5, 0.1), (-1.42, -1.0), (-1.35, -2.4), (1.35, -2.4), (1.42, -1.0), (1.5, 0.1)]
    canvas.fill(soft(walls, steps=5), CREAM)
    door = np.concatenate([arc(0.55, -1.1, 0.45, 0.5, 0.5, 1.0), [(1.0, 0.05), (0.1, 0.05)]])
    canvas.fill(door, BARK)
    canvas.disc(0.85, -0.62, 0.08, MUSTARD, outline=False)
    canvas.disc(-0.65, -1.25, 0.42, MUSTARD)
    canvas.line([(-1.07, -1.25), (-0.23, -1.25)])
    canvas.line([(-0.65, -1.67), (-0.65, -0.83)])
    draw_hat(canvas.at(0.0, -2.2, 0.0, 2.25), Hat(Cut.BOWLER, CORAL, CREAM))


def signpost(canvas: Canvas, time: float) -> None:
    """Draw the shop sign, a hat that swings from a post, with the foot of the post at the origin."""
    canvas.tube([(0.0, 0.1), (0.0, -3.0)], BARK, 0.16)
    canvas.tube([(-0.2, -2.8), (1.5, -2.8)], BARK, 0.14)
    sign = canvas.at(0.95, -2.7, 0.22 * wind(time * 1.4))
    for x in (-0.4, 0.4):
        sign.line([(x, 0.0), (x, 0.5)])
    sign.fill(soft([(-0.85, 0.5), (0.85, 0.5), (0.9, 1.7), (-0.9, 1.7)], steps=6), CREAM)
    draw_hat(sign.at(0.0, 1.45, scale=0.75), OWN_HAT)


def boat(canvas: Canvas, time: float) -> None:
    """Draw a sailing boat that rocks on the swell, with its waterline at the origin."""
    hull = canvas.at(0.0, 0.06 * swing(time, 2.6), 0.09 * swing(time, 3.4))
    hull.line([(0.0, 0.0), (0.0, -2.0)])
    hull.fill(soft([(0.08, -1.95), (0.75, -1.1), (1.0, -0.35), (0.08, -0.3)], steps=5), CREAM)
    hull.fill(soft([(-0.08, -1.7), (-0.7, -0.35), (-0.08, -0.3)], steps=5), CORAL)
    hull.fill(soft([(-0.95, -0.2), (1.1, -0.2), (0.75, 0.25), (-0.65, 0.25)], steps=5), PLUM)


def flag(canvas: Canvas, time: float) -> None:
    """Draw a pole with a streaming pennant, with its foot at the origin."""
    canvas.line([(0.0, 0.1), (0.0, -2.2)], INK, 0.12)
    ribbon(canvas, (0.05, -2.0), (1.0, -0.05), 1.3, time, 0.8 + 0.2 * clamp(wind(time)), CORAL, 0.28)
