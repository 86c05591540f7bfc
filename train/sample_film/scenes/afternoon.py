"""Noon and afternoon: the hats fly out over the sea, and the hatmaker runs after the last of them.

Each function draws one frame of its shot. Its argument `time` is in seconds from the shot's first frame.
"""

import math

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.motion import Point, ease, lerp, pulse, swing, wind
from train.sample_film.things.gulls import flying_gull
from train.sample_film.things.hats import HATS, OWN_HAT, draw_hat
from train.sample_film.things.landscape import cliff, clouds, daisies, hill, lollipops, sea, sky, sun, tufts
from train.sample_film.things.people import Face, Pose, draw_hatmaker, stride
from train.sample_film.things.village import boat


def away(canvas: Canvas, time: float) -> None:
    """Noon: the wind takes every hat out over the sea; the camera follows them."""
    horizon = 4.7
    camera = lerp(7.4, 17.5, ease(time, 1.0, 8.4))
    zoom = lerp(1.14, 1.0, ease(time, 0.5, 7.0))

    def layer(depth: float) -> Canvas:
        return canvas.seen_from(camera, 4.5, zoom, depth)

    sky(canvas, horizon)
    clouds(layer(0.15), time + 3.0, 0.7)
    sea(layer(0.25), horizon, time, 12.0, depth=6.0)
    cliff(layer(0.3), 13.6, horizon, time)
    boat(layer(0.55).at(11.2 + 0.15 * time, 6.6, scale=1.0), time)
    land = layer(1.0)
    hill(land, _brink, canvas.light.near, left=-8, right=14)
    tufts(land, lambda x: _brink(x) + 0.6, time * 1.5, step=1.2, left=-2, right=6.4)
    hop = abs(math.sin(time * 4.2)) * 0.35 * (1 - ease(time, 4.0, 6.0))
    wave = swing(time, 0.75)
    pose = Pose(
        far_hand=(1.9, -3.1 + 0.45 * wave), near_hand=(-0.75, -3.9 - 0.35 * wave), lift=hop * 0.3,
        far_foot=(0.4, 0.0), near_foot=(-0.35, -0.1 * wave), lean=0.16, nod=-0.16,
        face=Face(look=(0.9, -0.6), mouth=1.0, brows=1.0), scarf=(1.0, -0.25),
    )  # fmt: skip
    draw_hatmaker(land.at(4.6, _brink(4.6) + 0.3 - hop, scale=1.15), pose, time, 0.9)
    for index in range(11):
        flown = time + 0.9 - 0.42 * index
        if flown > 0.0:
            angle, size = (0.9 + 0.12 * (index % 4)) * flown - 0.2, 0.95 + 0.24 * (index % 3)
            hat = OWN_HAT if index == 3 else HATS[index]
            draw_hat(land.at(*_flight(index, flown), angle, size), hat, time, 0.8)
    flying_gull(land.at(12.1 + 1.05 * time, 7.5 + 0.35 * swing(time, 2.5), -0.06, 1.15), time * 1.5)


def _brink(x: float) -> float:
    return 7.0 - 0.25 * math.sin(0.5 * x) + 7.0 * ease(x, 6.0, 9.0)


def _flight(index: int, flown: float) -> Point:
    """Return the place of a hat that has been flying for `flown` seconds."""
    x = 6.2 + (1.7 + 0.1 * ((index * 5) % 7)) * flown + 0.05 * flown * flown
    rise = (0.25 + 0.42 * ((index * 3) % 5)) * (1 - math.exp(-0.8 * flown)) * 2.2
    return x, 4.6 - rise + 0.35 * swing(flown, 2.4, index * 0.3) + 0.06 * flown * flown


def chase(canvas: Canvas, time: float) -> None:
    """Afternoon: he runs downhill after the last three hats; the slope runs from corner to corner."""
    size, period, reach = 1.08, 0.66, 0.86
    pace = 4 * reach * size / period
    camera = 8.0 + pace * time
    sky(canvas, 6.0)
    sun(canvas, 2.6, 1.9, 0.9, time)
    clouds(canvas.seen_from(camera, 4.5, depth=0.06), time, 0.2)
    sea(canvas.seen_from(camera, 4.5, depth=0.03), 5.2, time, 12.0, depth=6.0)
    tilted = canvas.at(8.0, 4.5, 0.17).at(-8.0, -4.5)
    middle = tilted.seen_from(camera, 4.5, depth=0.4)
    hill(middle, _chase_middle, canvas.light.middle, right=45)
    lollipops(middle, _chase_middle, time, step=2.6, left=-2, right=30, size=1.1)
    slope = canvas.at(8.0, 4.5, 0.26).at(-8.0, -4.5)
    near = slope.seen_from(camera, 4.5)
    hill(near, _chase, canvas.light.near, right=70)
    tufts(near, lambda x: _chase(x) + 0.9, time, step=1.6, left=-2, right=56)
    daisies(near, lambda x: _chase(x) + 1.7, time, step=2.7, left=-2, right=56)
    phase = time / period
    far_foot, near_foot = stride(phase, reach, 0.75)
    bob = 0.16 * math.cos(4 * math.pi * phase + 0.6)
    lunge = pulse(time + 0.4, 2.4, 1.2)
    pose = Pose(
        far_hand=(1.95 + 0.2 * lunge, -2.75 - 0.2 * lunge + 0.15 * swing(time, 0.66)),
        near_hand=(1.5 + 0.3 * lunge, -2.1 - 0.3 * swing(time, 0.66)),
        far_foot=far_foot, near_foot=near_foot, lift=bob - 0.06, lean=0.3 + 0.12 * lunge, nod=-0.22,
        face=Face(look=(1.0, 0.1), mouth=0.6 + 0.4 * lunge, brows=0.7),
    )  # fmt: skip
    x = camera - 3.4 + 0.5 * lunge
    draw_hatmaker(near.at(x, _chase(x) + 0.2, -0.1, size), pose, time, 0.95)
    for index, (ahead, beat, high) in enumerate(((1.0, 0.9, 1.5), (3.6, 1.25, 2.4), (6.0, 1.05, 1.9))):
        place = camera + ahead + 0.5 * swing(time, 2.4, 0.3 * index) + 0.25 * lunge
        bounce = high * abs(math.sin(math.pi * (time / beat + 0.3 * index)))
        hat = (OWN_HAT, HATS[7], HATS[0])[index]
        draw_hat(near.at(place, _chase(place) - 0.3 - bounce, 2.6 * time + index, 1.1), hat, time, 0.7)
    flying_gull(canvas.at(10.4 + 0.8 * wind(time), 2.0 + 0.3 * swing(time, 2.2), 0.15, 0.95), time * 1.9)
    front = slope.seen_from(camera, 4.5, depth=1.5)
    tufts(front.at(0.0, 9.6, scale=1.8), lambda _: 0.0, time, step=2.4, left=0, right=45)


def _chase(x: float) -> float:
    return 6.5 + 0.15 * math.sin(x * 0.6)


def _chase_middle(x: float) -> float:
    return 5.0 + 0.4 * math.sin(x * 0.5)
