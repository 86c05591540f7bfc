"""The hatmaker: his poses, and how he is drawn.

He stands with his feet at the origin, 4 units tall without a hat, and looks to the right.
"""

import math
from dataclasses import dataclass

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.motion import Point, clamp, ease, joint, lerp, swing, turned
from train.sample_film.drawing.palette import BARK, BLUSH, CORAL, CREAM, INK, MUSTARD, PLUM, SKIN, TEAL, mix
from train.sample_film.drawing.shapes import arc, ellipse, soft
from train.sample_film.things.hats import Hat, draw_hat, ribbon

HIP: Point = (0.0, -1.22)
"""Point about which the upper body turns when he leans."""
_SHOULDERS: Point = (0.0, -1.3)
"""Middle between his shoulders, relative to the hip."""
_HEAD: Point = (0.06, -2.1)
"""Middle of his head, relative to the hip."""
_COAT_SHADE = mix(CORAL, PLUM, 0.35)


@dataclass(frozen=True)
class Face:
    """Expression of a face."""

    look: Point = (0.4, 0.0)
    """Direction of the eyes: -1 to 1 to the right, -1 to 1 down."""
    lids: float = 1.0
    """0 is shut, 1 open."""
    mouth: float = 0.0
    """0 is shut, 1 wide open."""
    brows: float = 0.0
    """Height of the eyebrows, 0 to 1."""


@dataclass(frozen=True)
class Pose:
    """Pose of the hatmaker; points in units from his feet, angles in radians."""

    far_hand: Point = (0.75, -1.5)
    near_hand: Point = (-0.5, -1.4)
    far_foot: Point = (0.3, 0.0)
    near_foot: Point = (-0.25, 0.0)
    lift: float = 0.0
    """Height of the body above its standing position."""
    lean: float = 0.0
    nod: float = 0.0
    face: Face = Face()
    hat: Hat | None = None
    hat_lift: float = 0.0
    hat_tilt: float = -0.08
    scarf: Point = (-1.0, -0.05)
    """Direction in which the wind carries his scarf."""


def stride(phase: float, reach: float, height: float) -> tuple[Point, Point]:
    """Return the positions of the far and the near foot; `phase` is in turns, and one turn is two steps.

    A foot on the ground moves back evenly, so that it stands still on ground that slides by at 4 x reach per turn.
    """

    def foot(turns: float) -> Point:
        share = turns % 1.0
        if share < 0.5:
            return lerp(reach, -reach, share * 2), 0.0
        swing_share = share * 2 - 1
        return lerp(-reach, reach, ease(swing_share)), -height * math.sin(math.pi * swing_share)

    return foot(phase), foot(phase + 0.5)


def blink(time: float) -> float:
    """Return how open the lids are, 0 to 1: they shut for a moment every 3.1 seconds."""
    return clamp(abs((time % 3.1) - 1.6) / 0.1)


def draw_hatmaker(canvas: Canvas, pose: Pose, time: float, gust: float = 0.3) -> None:
    """Draw the hatmaker with his feet at the origin; `time` (seconds) and `gust` (0 to 1) move his scarf."""
    hip = (HIP[0], HIP[1] - pose.lift)
    across, down = turned(_SHOULDERS, pose.lean)
    _arm(canvas, (hip[0] + across + 0.2, hip[1] + down), pose.far_hand, shaded=True)
    _leg(canvas, (hip[0] + 0.18, hip[1]), pose.far_foot)
    _leg(canvas, (hip[0] - 0.18, hip[1]), pose.near_foot)
    body = canvas.at(*hip, pose.lean)
    ribbon(body, (-0.3, -1.5), pose.scarf, 1.7, time, gust, CREAM, 0.3)
    _coat(body, swing(time, 1.3) * 0.06 - gust * 0.1)
    skull = body.at(*_HEAD, pose.nod)
    _head(skull, pose.face, time, gust)
    if pose.hat is not None:
        draw_hat(skull.at(-0.03, -0.36 - pose.hat_lift, pose.hat_tilt), pose.hat, time, gust)
    body.tube(arc(0.02, -1.58, 0.5, 0.2, 0.02, 0.48), CREAM, 0.28)
    _arm(canvas, (hip[0] + across - 0.28, hip[1] + down + 0.05), pose.near_hand, shaded=False)


def _head(canvas: Canvas, face: Face, time: float, gust: float) -> None:
    """Draw the head, 0.66 units in radius, centred on the origin."""
    flutter = 0.12 * gust * swing(time, 0.7)
    for down, length in ((-0.02, 0.4), (0.22, 0.34)):  # tufts of hair behind the ear
        tip = (-0.5 - length - 0.1 * gust, down + 0.12 - 0.3 * gust + flutter)
        canvas.fill(soft([(-0.4, down - 0.2), tip, (-0.36, down + 0.2)]), BARK)
    canvas.fill(ellipse(0.0, 0.0, 0.66, 0.64), SKIN)
    canvas.fill(ellipse(-0.38, 0.06, 0.14, 0.17), SKIN)
    canvas.disc(-0.02, 0.26, 0.15, mix(SKIN, BLUSH, 0.7), outline=False)
    if face.mouth > 0.05:
        mouth = ellipse(0.38, 0.47 + 0.07 * face.mouth, 0.15, 0.16 * face.mouth + 0.03)
        canvas.fill(mouth, INK, outline=False)
    for x in (0.1, 0.46):
        _eye(canvas.at(x, -0.14), face)
    sweep = 0.05 * swing(time, 1.9) + flutter
    # The moustache: two leaf shapes that hang from under the nose and curl up at their tips.
    for reach in (-0.66, 0.5):
        middle, tip = (0.42 + 0.5 * reach, 0.22), (0.42 + reach, 0.2 - 0.14 * gust - sweep)
        droop, root = (0.42 + 0.62 * reach, 0.46 - 0.04 * gust - 0.4 * sweep), (0.42 + 0.24 * reach, 0.48)
        canvas.fill(soft([(0.42, 0.14), middle, tip, droop, root, (0.42, 0.38)]), BARK)
    canvas.fill(ellipse(0.58, 0.06, 0.21, 0.18), BLUSH)


def _eye(canvas: Canvas, face: Face) -> None:
    """Draw an eye with its eyebrow; the lids close from above and below."""
    across, down = face.look
    if face.lids > 0.25:
        canvas.fill(ellipse(0.0, 0.0, 0.15, 0.19 * face.lids), CREAM)
        canvas.disc(0.06 * across, 0.08 * down * face.lids, 0.085, INK, outline=False)
    else:
        canvas.line(arc(0.0, -0.04, 0.14, 0.07, 0.05, 0.45))
    rise = 0.07 * face.brows
    brow = [(-0.13, -0.27 - rise), (0.0, -0.33 - rise), (0.13, -0.29 - rise)]
    canvas.line(soft(brow, closed=False), BARK, 0.1)


def _coat(canvas: Canvas, sway: float) -> None:
    """Draw the bell-shaped coat with the hip at the origin; `sway` moves its hem sideways."""
    bell = [
        (-0.36, -1.62), (0.0, -1.7), (0.38, -1.6), (0.62, -0.9), (0.82 + sway, 0.24), (0.45 + sway, 0.36),
        (-0.1 + sway, 0.4), (-0.6 + sway, 0.36), (-0.88 + sway, 0.22), (-0.62, -0.9),
    ]  # fmt: skip
    canvas.fill(soft(bell), CORAL)
    shade = [(0.34, -1.5), (0.6, -0.86), (0.78 + sway, 0.22), (0.46 + sway, 0.31), (0.42, -0.5)]
    canvas.fill(soft(shade), _COAT_SHADE, outline=False)
    for y in (-1.02, -0.55, -0.08):
        canvas.disc(0.24 + sway * 0.4, y, 0.1, MUSTARD, outline=False)


def _arm(canvas: Canvas, shoulder: Point, hand: Point, *, shaded: bool) -> None:
    """Draw a sleeve from the shoulder to the hand, with a mitten in teal."""
    elbow, wrist = joint(shoulder, hand, 0.72, 0.72, side=1)
    sleeve = soft([shoulder, elbow, wrist], closed=False)
    canvas.tube(sleeve, _COAT_SHADE if shaded else CORAL, 0.36)
    canvas.disc(*wrist, 0.22, mix(TEAL, PLUM, 0.3) if shaded else TEAL)


def _leg(canvas: Canvas, hip: Point, foot: Point) -> None:
    """Draw a leg from the hip to the ankle, with a boot pointing forward."""
    knee, ankle = joint(hip, (foot[0], foot[1] - 0.16), 0.6, 0.6, side=-1)
    canvas.tube(soft([hip, knee, ankle], closed=False), PLUM, 0.26)
    shin = math.atan2(ankle[0] - knee[0], ankle[1] - knee[1])
    # The toes rise when the shin reaches forward; behind him they hang if the foot is off the ground.
    tilt = -0.75 * shin if shin > 0.0 else -0.8 * shin * clamp(-2.5 * foot[1])
    boot = canvas.at(ankle[0], ankle[1], tilt)
    boot.fill(soft([(-0.22, -0.14), (0.12, -0.14), (0.48, 0.02), (0.48, 0.18), (-0.22, 0.18)]), MUSTARD)
