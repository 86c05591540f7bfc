"""The evening: hats fall like snow, and the last one hangs in the tree.

Each function draws one frame of its shot. Its argument `time` is in seconds from the shot's first frame.
"""

import math

import numpy as np

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.motion import between, clamp, ease, lerp, ring, swing, table, wind
from train.sample_film.drawing.palette import BARK, CREAM, INK, MUSTARD, mix
from train.sample_film.drawing.shapes import soft
from train.sample_film.things.blossom import canopy, cluster, crown, petals, trunk
from train.sample_film.things.hats import HATS, OWN_HAT, draw_hat
from train.sample_film.things.landscape import Slope, clouds, hill, sea, sky, stars, sun, tufts
from train.sample_film.things.people import Face, Pose, blink, draw_hatmaker, stride

_SIZE = 1.15
"""Scale of the hatmaker and his hat on the bough."""


def snow(canvas: Canvas, time: float) -> None:
    """Golden hour, static: hats fall like snow around the blossom tree, and he stands and stares."""
    horizon = 5.9
    sky(canvas, horizon)
    sun(canvas, 3.4, 4.7, 1.25, time)
    clouds(canvas, time + 11.0, 0.25)
    sea(canvas, horizon, time, 3.4)
    hill(canvas, lambda x: 6.9 - 0.5 * math.sin(0.24 * x - 0.6), canvas.light.middle)
    for index in range(8):
        _snow_hat(canvas, index, time, 0.62)
    hill(canvas, _meadow, canvas.light.near)
    tree = canvas.at(11.9, 7.5, scale=0.95)
    trunk(tree)
    crown(tree, time)
    tufts(canvas, lambda x: _meadow(x) + 0.7, time, step=1.5, right=17)
    up = 0.5 + 0.5 * swing(time, 4.0, -0.2)
    reach = ease(time, 1.0, 2.4)
    crowned = 5.0  # the time at which a cap lands on his head
    pose = Pose(
        far_hand=(1.5, lerp(-1.7, -3.0 - 0.5 * up, reach)),
        near_hand=(-1.6, lerp(-1.6, -2.9 + 0.5 * up, reach)),
        lift=0.04 * swing(time, 1.4), lean=-0.06 - 0.04 * up, nod=-0.26 - 0.08 * swing(time, 3.0),
        face=Face(look=(0.9 * swing(time, 3.0), -1.0), lids=blink(time), mouth=0.55 + 0.2 * up, brows=1.0),
        hat=HATS[11], hat_lift=2.0 * max(crowned - time, 0.0) + 0.25 * abs(ring(time - crowned, 0.8, 0.3)),
        hat_tilt=0.4 * swing(time, 2.4) * ease(crowned - time, 0.0, 0.8) - 0.1,
    )  # fmt: skip
    draw_hatmaker(canvas.at(4.7, 8.15, scale=1.05), pose, time, 0.3 + 0.15 * wind(time))
    for index in range(8, 26):
        _snow_hat(canvas, index, time, 1.05)
    petals(canvas, time, 18, drifted=0.5 * time)


def _meadow(x: float) -> float:
    return 7.6 - 0.35 * math.sin(0.2 * x)


def _snow_hat(canvas: Canvas, index: int, time: float, size: float) -> None:
    """Draw one falling hat: it sways down like a leaf, lands, and stays."""
    depth, phase = table(3, 26, 2)[index]
    # Multiples of these two fractions spread the hats evenly over the ground and over time.
    x = -0.2 + 16.4 * (index * 0.7549 % 1.0)
    if size >= 1.0 and 2.6 < x < 6.6:
        x += 4.2  # none falls in front of him
    ground = 6.75 if size < 1.0 else lerp(7.8, 8.6, depth)
    speed = 1.35 * (0.8 + 0.4 * size)
    landing = -0.5 + 11.0 * (index * 0.5698 % 1.0)
    left = max(landing - time, 0.0)
    free = ease(left, 0.0, 0.7)
    angle = free * 0.55 * swing(time, 2.4, phase) + 0.3 * ring(time - landing, 0.7, 0.35)
    place = canvas.at(x + free * 0.7 * swing(time, 2.4, phase + 0.25), ground - speed * left, angle, size)
    draw_hat(place, HATS[index % len(HATS)], time + phase, 0.25 + 0.2 * free)


def bough(canvas: Canvas, time: float) -> None:
    """Evening, close, slow zoom: he walks along the bough and reaches his own hat, and the bough snaps back."""
    camera = 8.0 + 0.5 * ease(time, 0.0, 6.0)
    zoom = lerp(1.0, 1.14, ease(time, 0.0, 6.0))
    snapped = max(time - 4.5, 0.0)  # seconds since the bough sprang back without him
    x = lerp(3.6, 7.9, ease(time, 0.2, 3.2))
    load = 0.5 + 0.09 * x + 0.5 * ease(time, 3.2, 4.4) - 1.9 * (1 - math.exp(-9 * snapped))
    shiver = 0.06 * swing(time, 1.3) + 0.5 * ring(snapped, 0.62, 0.55)

    def branch(at: float) -> float:
        return 6.9 - 0.09 * at + (load + shiver) * (max(at + 1.0, 0.0) / 13.0) ** 2

    def layer(depth: float) -> Canvas:
        return canvas.seen_from(camera, 4.5, zoom, depth)

    sky(canvas, 9.0)
    stars(layer(0.05), time)
    layer(0.1).disc(12.6, 2.2, 1.15, mix(CREAM, MUSTARD, 0.25), outline=False)
    clouds(layer(0.3), time + 6.0, 0.3)
    hill(layer(0.3), lambda at: 7.9 + 0.4 * math.sin(0.5 * at), canvas.light.middle, outline=False)
    world = layer(1.0)
    twig = (10.8, branch(10.8) - 1.5)
    world.tube(soft([(10.1, twig[1] + 1.75), (10.7, twig[1] + 0.6), twig], closed=False), BARK, 0.16)
    _draw_branch(world, branch)
    for at, down, size in ((-0.2, 0.5, 1.3), (9.3, 0.9, 0.8), (13.5, -0.2, 1.3)):
        cluster(world.at(at, branch(at) + down, scale=size), time - 0.1 * at)

    carried = ease(time, 3.75, 4.2)  # share of the way of the hat from the twig to his head
    if carried == 0.0:
        draw_hat(world.at(*twig, 0.16 + 0.1 * wind(time * 1.3), _SIZE), OWN_HAT)
    fallen = 8.0 * max(snapped - 0.12, 0.0) ** 2
    man = world.at(x, branch(x) + 0.15 + fallen, 0.35 * clamp(snapped), _SIZE)
    draw_hatmaker(man, _balancing(time, carried, fallen), time, 0.3 + 0.2 * wind(time))
    if 0.0 < carried < 1.0:
        from_twig = ((twig[0] - x) / _SIZE, (twig[1] - branch(x) - 0.15) / _SIZE)
        across, down = between(from_twig, (0.15, -3.6), carried)
        hop = 0.8 * math.sin(math.pi * carried)
        draw_hat(man.at(across, down - hop, lerp(0.16, -0.2, carried)), OWN_HAT)
    canopy(layer(1.15), time)
    petals(canvas, time, 18, drifted=0.6 * time)


def _balancing(time: float, carried: float, fallen: float) -> Pose:
    """Return his pose on the bough: small steps, a long reach, the hat, and then the fright."""
    tip = ease(time, 2.4, 3.7) * (1 - carried)
    scared = ease(time, 4.1, 4.5)
    shake = 0.3 * scared * swing(time, 0.42)
    far_foot, near_foot = stride(2.2 * ease(time, 0.2, 3.2), 0.42, 0.22)
    reach = between((1.2, -2.2), (2.3, -2.0), tip)
    balance = (-1.75, -2.75 + 0.35 * swing(time, 1.2))
    return Pose(
        far_hand=between(reach, (0.95, -4.2 + shake), carried),
        near_hand=between(balance, (-0.95, -4.0 - shake), scared),
        far_foot=far_foot, near_foot=near_foot, lean=0.06 + 0.42 * tip, nod=-0.1 - 0.2 * tip,
        face=Face(
            look=(0.9, 0.2 - 0.2 * tip + 0.9 * scared), mouth=0.15 + 0.85 * scared, brows=0.3 + 0.7 * scared,
        ),
        hat=OWN_HAT if carried == 1.0 else None, hat_lift=0.35 * clamp(fallen), hat_tilt=-0.2,
    )  # fmt: skip


def _draw_branch(canvas: Canvas, branch: Slope) -> None:
    """Draw the long bough below its upper edge, thick at the left and thin at the right."""
    along = np.linspace(-1.5, 13.4, 16)
    thickness = np.linspace(1.25, 0.3, 16)
    top = np.array([(at, branch(float(at))) for at in along])
    low = top + np.stack([np.zeros(16), thickness], 1)
    canvas.fill(np.concatenate([top, low[::-1]]), BARK)
    canvas.line((top + low)[3:9] / 2, mix(BARK, INK, 0.5), 0.1)
