"""The morning: three shots, from the house that wears a hat to the gust that takes one.

Each function draws one frame of its shot. Its argument `time` is in seconds from the shot's first frame.
"""

import math

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.motion import ease, lerp, ramp_distance, swing, wind
from train.sample_film.things.blossom import petals
from train.sample_film.things.gulls import flying_gull
from train.sample_film.things.hats import HATS, OWN_HAT, draw_hat
from train.sample_film.things.landscape import cliff, clouds, daisies, hill, lollipops, sea, sky, sun, tufts
from train.sample_film.things.people import Face, Pose, blink, draw_hatmaker, stride
from train.sample_film.things.village import boat, flag, house, signpost


def dawn(canvas: Canvas, time: float) -> None:
    """Dawn: the camera pans from the sea to the hill, where the hatmaker stretches before his house."""
    horizon = 5.3
    camera = lerp(3.2, 13.6, ease(time, -0.5, 7.6))
    sky(canvas, horizon)
    sun(canvas.seen_from(camera, 4.5, depth=0.12), 4.4, 4.9 - 0.16 * time, 0.95, time)
    clouds(canvas.seen_from(camera, 4.5, depth=0.2), time, 0.35)
    sea(canvas.seen_from(camera, 4.5, depth=0.3), horizon, time, 4.2)
    cliff(canvas.seen_from(camera, 4.5, depth=0.35), 10.5, horizon, time)
    boat(canvas.seen_from(camera, 4.5, depth=0.5).at(2.6 + 0.25 * time, 6.3, scale=0.9), time)
    middle = canvas.seen_from(camera, 4.5, depth=0.7)
    hill(middle, _dawn_middle, canvas.light.middle)
    lollipops(middle, _dawn_middle, time, step=1.6, left=10.5, right=22, size=0.8)
    near = canvas.seen_from(camera, 4.5)
    hill(near, _dawn_hill, canvas.light.near)
    tufts(near, lambda x: _dawn_hill(x) + 1.1, time, step=1.7, left=-2, right=24)
    daisies(near, lambda x: _dawn_hill(x) + 1.5, time, step=2.3, left=6, right=23)
    house(near.at(15.6, _dawn_hill(15.6) + 0.05, scale=1.05), time)
    signpost(near.at(18.4, _dawn_hill(18.4) + 0.2), time)
    up = ease(time, 2.6, 4.2) - 0.85 * ease(time, 6.0, 7.2)
    pose = Pose(
        far_hand=(lerp(0.8, 0.85, up), lerp(-1.5, -4.2 + 0.1 * swing(time, 1.1), up)),
        near_hand=(lerp(-0.7, -0.95, up), lerp(-1.4, -4.1, up)),
        lift=0.08 * up, lean=-0.1 * up, nod=-0.12 * up,
        face=Face(look=(0.3, -0.5 * up), lids=1 - 0.8 * up, mouth=0.9 * up), hat=OWN_HAT, hat_lift=0.05 * up,
    )  # fmt: skip
    draw_hatmaker(near.at(12.2, _dawn_hill(12.2) + 0.35, scale=0.9), pose, time, 0.35 + 0.15 * wind(time))
    for index, (start, y, scale) in enumerate(((-1.0, 2.2, 0.85), (-3.4, 3.3, 0.65))):
        bird = canvas.at(start + 2.05 * time, y + 0.3 * swing(time, 2.9, index * 0.4), -0.08, scale)
        flying_gull(bird, time * 1.3 + index * 0.4)


def _dawn_hill(x: float) -> float:
    return 8.6 - 1.7 * ease(x, 5.0, 12.5) + 0.12 * math.sin(x * 0.8)


def _dawn_middle(x: float) -> float:
    return 7.6 - 2.3 * ease(x, 6.0, 15.0) + 0.2 * math.sin(x * 0.7)


def ridge(canvas: Canvas, time: float) -> None:
    """Morning: he carries a tall wobbling stack of hats along the ridge; the camera walks with him."""
    size, period, reach = 0.98, 1.1, 0.52
    walked = 4 * reach * size / period * time
    camera = 8.0 - walked  # he walks to the left
    horizon = 5.3
    sky(canvas, horizon)
    clouds(canvas.seen_from(camera, 4.5, depth=0.1), time, 0.5)
    sea(canvas.seen_from(camera, 4.5, depth=0.06), horizon, time, 11.0)
    far = canvas.seen_from(camera, 4.5, depth=0.25)
    hill(far, _ridge_far, canvas.light.far, outline=False, left=-14)
    middle = canvas.seen_from(camera, 4.5, depth=0.5)
    hill(middle, _ridge_middle, canvas.light.middle, left=-14, right=26)
    lollipops(middle, _ridge_middle, time, step=2.3, left=-9, right=20, size=1.0)
    near = canvas.seen_from(camera, 4.5)
    hill(near, _ridge, canvas.light.near, left=-18, right=24)
    tufts(near, lambda x: _ridge(x) + 0.75, time, step=1.5, left=-14, right=22)
    daisies(near, lambda x: _ridge(x) + 1.15, time, step=3.1, left=-13, right=22)
    for x in (-9.5, 3.5):
        flag(near.at(x, _ridge(x) + 0.15, scale=1.2), time + x)
    x = camera + 1.6
    phase = time / period
    far_foot, near_foot = stride(phase, reach, 0.3)
    bob = 0.07 * math.cos(4 * math.pi * phase)
    hands = -2.0 - bob
    pose = Pose(
        far_hand=(1.3, hands), near_hand=(1.1, hands + 0.05), far_foot=far_foot, near_foot=near_foot,
        lift=bob, lean=-0.08 + 0.03 * swing(time, 1.1), nod=-0.12,
        face=Face(look=(0.7, -0.7 + 0.3 * swing(time, 2.4)), lids=blink(time), brows=0.5), hat=OWN_HAT,
    )  # fmt: skip
    walker = near.at(x, _ridge(x) + 0.2, scale=size, mirror=True)
    _stack(walker.at(1.62, hands - 0.24), 7, time)
    draw_hatmaker(walker, pose, time, 0.55 + 0.15 * wind(time))
    hover = (12.6 + 0.7 * wind(time * 0.6), 2.6 + 0.4 * swing(time, 3.1))
    flying_gull(canvas.at(*hover, 0.05, 1.05, mirror=True), time * 1.5)
    front = canvas.seen_from(camera, 4.5, depth=1.6)
    tufts(front.at(0.0, 8.9, scale=1.9), lambda x: 0.06 * math.sin(3 * x), time, step=1.9, left=-12, right=14)


def _ridge(x: float) -> float:
    return 7.6 + 0.22 * math.sin(x * 0.45)


def _ridge_middle(x: float) -> float:
    return 6.3 + 0.5 * math.sin(x * 0.4 + 1.0)


def _ridge_far(x: float) -> float:
    return 5.35 + 0.7 * math.sin(x * 0.5) + 0.3 * math.sin(x * 1.1)


def _stack(canvas: Canvas, count: int, time: float) -> None:
    """Draw a stack of hats on the origin; each sways slightly later and further than the one below."""
    x = y = 0.0
    for index in range(count):
        lean = 0.075 * swing(time, 1.7, -0.05 * index) * (0.5 + 0.2 * index)
        draw_hat(canvas.at(x, y, lean), HATS[(index * 5 + 1) % len(HATS)], time, 0.6)
        x += 0.5 * math.sin(lean)
        y -= 0.54


def gust(canvas: Canvas, time: float) -> None:
    """Late morning, close: the wind rises, lifts his scarf, shakes his hat and takes it."""
    sky(canvas, 9.0)
    blown = ramp_distance(time, 1.2, 4.2, 0.9, 7.0)
    clouds(canvas.at(-2.0, 0.4, scale=1.3), blown * 0.45, 1.0)
    hill(canvas, _brow, canvas.light.near)
    tufts(canvas, _brow, 1.6 * time, step=1.1, right=18)
    force = ease(time, 1.0, 4.2)
    gone = max(time - 5.6, 0.0)  # seconds since the wind took the hat
    rattle = ease(time, 3.0, 4.6)
    look = (0.5 - 1.1 * ease(time, 0.6, 1.0) + 1.3 * ease(time, 2.0, 2.3), 0.2 - 1.1 * ease(time, 3.2, 3.6))
    pose = Pose(
        far_hand=(1.1, -1.4), near_hand=(-0.9, -1.2 - 0.2 * force),
        lean=0.05 * force + 0.02 * swing(time, 1.3), nod=-0.05 + 0.1 * force + 0.03 * wind(time * 1.5),
        face=Face(look=look, lids=blink(time + 0.6) * (1 - 0.25 * force), mouth=0.9 * ease(time, 4.8, 5.4),
                  brows=ease(time, 3.0, 3.6)),
        hat=OWN_HAT if gone == 0.0 else None, hat_lift=rattle * (0.12 + 0.1 * swing(time, 0.55)),
        hat_tilt=-0.08 - rattle * (0.16 + 0.14 * swing(time, 0.8)),
    )  # fmt: skip
    # He is mirrored and has his back to the right, the direction of the wind.
    man = canvas.at(7.0 + 0.12 * wind(time), 15.1, scale=3.05, mirror=True)
    draw_hatmaker(man, pose, time, 0.15 + 0.75 * force + 0.1 * wind(time))
    if gone > 0.0:
        x, y = 7.1 + 7.0 * gone + 3.0 * gone * gone, 3.8 - 3.0 * gone + 1.2 * gone * gone
        draw_hat(canvas.at(x, y, 2.1 * gone, 3.05, mirror=True), OWN_HAT)
    petals(canvas, time, 16, drifted=blown, fall=0.9, size=1.5)


def _brow(x: float) -> float:
    return 7.9 - 0.4 * math.sin(0.3 * x + 0.6)
