"""The gull that follows the hatmaker all day, flying and standing."""

import math

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.motion import TURN, Points, swing
from train.sample_film.drawing.palette import CREAM, INK, MUSTARD, PLUM, SKY_BLUE, mix
from train.sample_film.drawing.shapes import soft
from train.sample_film.things.hats import Hat, draw_hat

_WING = mix(CREAM, SKY_BLUE, 0.45)
_FAR_WING = mix(CREAM, PLUM, 0.3)


def flying_gull(canvas: Canvas, flap: float) -> None:
    """Draw a gull flying to the right, about 2.4 units long; `flap` is its wingbeat in turns."""
    canvas.fill(_wing(flap, 0.3), _FAR_WING)
    canvas.fill(soft([(-0.75, -0.04), (-1.15, -0.2), (-1.2, 0.14), (-0.75, 0.16)], steps=5), INK)
    body = [
        (-0.85, 0.02), (-0.3, -0.24), (0.3, -0.3), (0.62, -0.42), (0.9, -0.26), (0.78, 0.02), (0.3, 0.26),
        (-0.4, 0.24),
    ]  # fmt: skip
    canvas.fill(soft(body), CREAM)
    canvas.fill(soft([(0.86, -0.28), (1.28, -0.1), (0.82, -0.08)], steps=5), MUSTARD)
    canvas.disc(0.66, -0.24, 0.075, INK, outline=False)
    canvas.fill(_wing(flap, 0.0), _WING)


def standing_gull(canvas: Canvas, time: float, hat: Hat) -> None:
    """Draw the gull standing on the origin, 2 units high, wearing a hat and nodding."""
    for x in (-0.12, 0.2):
        canvas.tube([(x, -0.5), (x, -0.04), (x + 0.2, 0.0)], MUSTARD, 0.09)
    canvas.fill(soft([(-0.75, -0.75), (-1.3, -0.62), (-1.25, -0.42), (-0.6, -0.46)], steps=5), INK)
    body = [(-0.85, -0.62), (-0.35, -1.05), (0.3, -1.15), (0.6, -0.85), (0.35, -0.42), (-0.35, -0.38)]
    canvas.fill(soft(body), CREAM)
    ruffle = 0.06 * swing(time, 1.3)
    wing = [(0.2, -1.0), (0.28, -0.7), (-0.3, -0.56), (-1.0, -0.6 + ruffle), (-0.4, -0.92)]
    canvas.fill(soft(wing), _WING)
    head = canvas.at(0.42, -1.35, 0.12 * swing(time, 2.1))
    head.fill(soft([(-0.3, 0.45), (-0.34, -0.1), (0.0, -0.4), (0.34, -0.12), (0.3, 0.4)]), CREAM)
    head.fill(soft([(0.3, -0.16), (0.82, 0.02), (0.3, 0.1)], steps=5), MUSTARD)
    head.disc(0.12, -0.08, 0.08, INK, outline=False)
    draw_hat(head.at(-0.02, -0.28, -0.1, 0.6), hat, time, 0.4)


def _wing(flap: float, aside: float) -> Points:
    """Return the outline of a wing; its tip follows its middle a little later. `aside` shifts the far wing."""
    beat, tip = math.sin(flap * TURN), math.sin((flap - 0.12) * TURN)
    return soft([
        (0.34 + aside, -0.1), (0.24 + aside, -0.64 * beat - 0.16), (-0.25 + aside, -1.25 * tip - 0.06),
        (-0.36 + aside, -0.5 * beat + 0.06), (-0.3 + aside, 0.1),
    ])  # fmt: skip
