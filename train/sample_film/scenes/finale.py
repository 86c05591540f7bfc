"""The finale: the hatmaker falls into the pile of hats, and the evening goes on; then the end card.

Every motion after the fall repeats with a period of its own, so that the shot could go on for ever.
"""

import math

import numpy as np

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.lettering import write
from train.sample_film.drawing.motion import Point, Points, between, ease, lerp, pulse, ring, swing, table, wind
from train.sample_film.drawing.palette import CREAM, INK, PLUM, mix
from train.sample_film.things.blossom import crown, petals, trunk
from train.sample_film.things.gulls import standing_gull
from train.sample_film.things.hats import HATS, OWN_HAT, draw_hat
from train.sample_film.things.landscape import cliff, clouds, hill, sea, sky, sun, tufts
from train.sample_film.things.people import Face, Pose, blink, draw_hatmaker

IMPACT = 1.7
"""Time at which he hits the pile, in seconds of the shot."""

_MIDDLE: Point = (7.5, 8.6)
"""Middle of the base of the pile."""

HeapHat = tuple[float, float, float, int]
"""A hat in the pile: x and y from the middle of the pile, angle in radians, index in HATS."""

# fmt: off
_BEHIND_HIM: tuple[HeapHat, ...] = (
    (-1.5, -2.45, -0.2, 3), (0.0, -2.6, 0.1, 1), (1.5, -2.1, 0.25, 11),
    (-2.8, -1.75, -0.15, 6), (2.7, -1.35, 0.2, 10), (0.6, -1.5, -0.1, 8),
    (-4.0, -0.75, -0.2, 4), (3.9, -0.55, 0.15, 8), (-2.0, -1.0, 0.1, 9), (2.1, -0.8, 0.0, 3),
)
_BEFORE_HIM: tuple[HeapHat, ...] = (
    (-3.1, -0.5, -0.12, 1), (-1.5, -0.75, 0.15, 11), (0.2, -0.8, -0.08, 3),
    (1.9, -0.6, 0.1, 6), (3.3, -0.3, 0.2, 0),
    (-4.2, 0.1, 0.1, 5), (-2.4, 0.12, -0.1, 2), (-0.7, 0.15, 0.08, 7),
    (1.0, 0.15, -0.12, 10), (2.6, 0.15, 0.05, 9), (4.2, 0.12, 0.15, 11),
)
# fmt: on


def pile(canvas: Canvas, time: float) -> None:
    """Dusk, static: he falls into the pile of hats; then the evening goes on, and on."""
    horizon = 5.5
    sky(canvas, horizon)
    sun(canvas, 2.9, 4.35, 1.15, time)
    clouds(canvas, time + 4.0, 0.4)
    sea(canvas, horizon, time, 2.9)
    cliff(canvas, 15.2, horizon, time)
    hill(canvas, _bank, canvas.light.near)
    tufts(canvas, lambda x: _bank(x) + 0.9, time, step=1.5, right=17)
    tree = canvas.at(13.7, 7.5)
    trunk(tree)
    for index, passing in enumerate((4.0, 9.7)):  # now and then a hat drifts over the sea
        _drifting_hat(canvas, time + passing, 11.4, index)
    since = time - IMPACT
    squash = 0.5 * ring(since, 0.9, 0.5)
    mound = canvas.at(*_MIDDLE)
    mound.fill(_heap_shape(squash), mix(PLUM, INK, 0.55))
    _heap(mound, _BEHIND_HIM, time, squash)
    _splash(canvas, since)
    _fallen_man(canvas, time)
    _heap(mound, _BEFORE_HIM, time, squash)
    crown(tree, time)
    # The gull jumps high at the fall, and a little every now and then.
    hop = 0.9 * pulse(since, 30.0, 0.6) + 0.35 * pulse(time - 4.2, 5.3, 0.5)
    standing_gull(canvas.at(1.5, 8.4 - hop, 0.05 * wind(time), 1.05), time, HATS[7])
    petals(canvas, time, 32, drifted=-0.55 * time, fall=1.0)


def _bank(x: float) -> float:
    return 7.5 - 0.3 * math.sin(0.3 * x + 0.4)


def _heap_shape(squash: float) -> Points:
    turns = np.linspace(math.pi, 2 * math.pi, 40)
    return np.stack([(4.6 + 0.3 * squash) * np.cos(turns), (2.9 - 0.5 * squash) * np.sin(turns)], 1)


def _heap(canvas: Canvas, hats: tuple[HeapHat, ...], time: float, squash: float) -> None:
    """Draw hats of the pile; each rocks with a period of its own, and all are pushed aside when he lands."""
    for index, (x, y, angle, kind) in enumerate(hats):
        phase = (index * 0.382 + 0.13 * kind) % 1.0
        rock = 0.1 * swing(time, 2.6 + 1.2 * phase, phase) + 0.07 * wind(time - 0.15 * x)
        slide = 0.1 * swing(time, 4.2 + 1.7 * phase, phase)
        jolt = 0.3 * squash * math.sin(7 * phase)
        hat = canvas.at(x * (1 + 0.05 * squash) + slide, y * (1 - 0.2 * squash), angle + rock + jolt, 1.3)
        draw_hat(hat, HATS[kind], time + phase * 3, 0.3 + 0.15 * wind(time + phase))


def _fallen_man(canvas: Canvas, time: float) -> None:
    """Draw him falling from above, and then on his back in the hats, kicking a foot now and then."""
    since = time - IMPACT
    rest: Point = (9.5, 7.15)
    if since < 0.0:
        y = rest[1] + 15.0 * since - 2.0 * since * since
    else:
        y = rest[1] + 0.55 * ring(since, 0.9, 0.5) + 0.06 * swing(time, 3.4)
    landed = ease(since, -0.1, 0.5)
    flail = swing(time, 0.5) * (1 - landed)
    kick = pulse(time - 5.2, 3.9, 1.2) * landed
    kick_far = pulse(time - 6.6, 5.3, 1.4) * landed
    wave = pulse(time - 8.4, 7.4, 2.6) * landed
    breath = swing(time, 3.4)
    catching = (1.3 + 0.12 * breath, -2.6 + 0.1 * swing(time, 2.6))
    resting, waving = (0.85 + 0.1 * breath, -1.9), (1.45, -2.3 + 0.5 * swing(time, 0.9))
    pose = Pose(
        far_hand=between((1.0, -3.9 + 0.5 * flail), catching, landed),
        near_hand=between((-1.0, -4.0 - 0.5 * flail), between(resting, waving, wave), landed),
        far_foot=(1.25 + 0.08 * breath, -0.8 - 0.55 * kick_far),
        near_foot=(1.0 - 0.08 * breath, -0.3 - 0.85 * kick),
        lean=0.1 + 0.02 * breath, nod=lerp(0.0, 0.3, landed) + 0.07 * swing(time, 5.3),
        face=Face(look=(0.5 + 0.5 * swing(time, 6.1), -0.2 + 0.6 * swing(time, 4.7)), lids=blink(time),
                  mouth=lerp(1.0, 0.3 + 0.15 * breath, ease(since, 0.6, 1.6)), brows=1 - 0.6 * landed),
        hat=OWN_HAT, hat_lift=0.5 * (1 - landed) + 0.5 * abs(ring(since, 1.0, 0.4)),
        hat_tilt=-0.2 - 0.2 * landed + 0.06 * wind(time), scarf=between((-0.4, -1.0), (-1.0, 0.3), landed),
    )  # fmt: skip
    angle = lerp(-0.75, -1.02, landed) + 0.025 * breath
    draw_hatmaker(canvas.at(rest[0], y, angle, 1.25), pose, time, lerp(0.95, 0.5, landed) + 0.1 * wind(time))


def _splash(canvas: Canvas, since: float) -> None:
    """Draw the hats that fly up when he lands; they fly in arcs, fall back, and stay where they fall."""
    if since <= 0.0:
        return
    start, ground, pull = 8.4, 8.2, 9.2
    for index in range(10):
        aside, push, turn = table(9, 10, 3)[index]
        spread = (index - 4.5) / 4.5
        throw = 8.4 + 2.4 * push
        landing = (throw + math.sqrt(throw * throw + 2 * pull * (ground - start))) / pull
        flown = min(since, landing)
        x = _MIDDLE[0] + spread * (1.7 + (1.1 + 0.4 * aside) * flown)
        y = start - throw * flown + pull / 2 * flown * flown
        rock = 0.08 * swing(since, 3.0, push) * ease(since, landing, landing + 1.0)
        angle = spread * 2.6 * (landing - flown) + 0.5 * (turn - 0.5) + rock
        draw_hat(canvas.at(x, y, angle, 1.15), HATS[index], since, 0.4)


def _drifting_hat(canvas: Canvas, time: float, period: float, lane: int) -> None:
    """Draw a hat that drifts across the sky once per period, a different one each time."""
    share = (time % period) / period
    x, y = lerp(-1.6, 17.6, share), 2.0 + 0.9 * lane + 0.5 * swing(time, 2.7, lane * 0.4)
    hat = HATS[(int(time // period) * 5 + lane * 4 + 1) % len(HATS)]
    draw_hat(canvas.at(x, y, 0.35 * swing(time, 2.7, lane * 0.4 + 0.2), 1.05), hat, time, 0.7)


def end_card(canvas: Canvas, time: float) -> None:
    """Draw three words on black, and a small rocking hat above them."""
    canvas.pixels[:] = 0
    draw_hat(canvas.at(8.0, 4.1, 0.14 * swing(time, 2.0), 1.15), OWN_HAT)
    write(canvas.at(8.0, 5.7), "ninety seconds after ...", CREAM, height=0.6)
