"""On the shipped film: each parameter at its ends changes the picture in the way that its name says.

FILM_BUNDLE names another bundle, of a film of 24 frames a second.
"""

import colorsys
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from live.app import main
from live.controls.control import Parameter
from live.controls.table import CONTROLS, PARAMETERS
from live.effects.cube_file import Cube
from live.effects.lookup_table import LookupTable
from live.frame import Frame, Pixels
from live.playback.models import Models
from live.playback.playback import Playback, prepare_playback
from live.settings import DEFAULT_MODEL
from live.timings import Timings
from tests.live.bundles import read_film
from tests.live.playback.playbacks import make_form, make_models

BUNDLE = Path(os.environ.get("FILM_BUNDLE") or DEFAULT_MODEL)
SEED = 3
RATE = 24
FRAMES = 10
# Share of the last picture that stays, as docs/performing.md has it.
KEPT = 0.9
Picture = NDArray[np.float64]


@dataclass
class Replay:
    """Models of frames that were made before. Effects do not reach the network, so each show has the same ones."""

    frames: list[Frame]

    def step(self) -> Frame | None:
        return self.frames.pop(0) if self.frames else None


@pytest.fixture(scope="module")
def hats() -> tuple[Playback, list[Frame]]:
    """A show of the shipped bundle and its first frames after the end."""
    nodes = np.linspace(1, 0, 9, dtype=np.float32)
    negative = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij")[::-1], axis=3)
    playback = prepare_playback(
        make_models(BUNDLE, seed=SEED),
        make_form(BUNDLE).frame_rate,
        values={},
        timings=Timings(),
        table=LookupTable(Cube(negative, (0, 0, 0), (1, 1, 1))),
    )
    frames = [frame for frame in (playback.timeline.step() for _ in range(FRAMES)) if frame]
    return playback, frames


Shown = Callable[..., list[Pixels]]


@pytest.fixture
def shown(hats: tuple[Playback, list[Frame]]) -> Shown:
    """A function that plays the frames with values of parameters. The look-up table is off unless they turn it on."""
    playback, frames = hats

    def play(**values: float | str) -> list[Pixels]:
        given = {name: parameter(name).read([value]) for name, value in values.items()}
        playback.parameters.set({each.name: each.default for each in PARAMETERS} | {"lut_mix": 0.0} | given)
        show = replace(playback, models=cast(Models, Replay([replace(frames[0], cut=True), *frames[1:]])))
        return [frame.pixels for frame in iter(show.step, None)]

    return play


def parameter(name: str) -> Parameter:
    found = CONTROLS[name]
    assert isinstance(found, Parameter)
    return found


def fed_back(shown: Shown, **values: float) -> tuple[Picture, Picture]:
    """Return the first picture as it was shown, and as it was fed back into the second one."""
    dream, pictures = shown(), shown(**values)
    return pictures[0].astype(float), (pictures[1] - (1 - KEPT) * dream[1]) / KEPT


def chroma(pictures: NDArray[np.generic]) -> NDArray[np.complex128]:
    """Return the colourfulness of each pixel and, as its angle, the hue."""
    red, green, blue = (pictures[..., channel].astype(float) for channel in range(3))
    return np.asarray(red - (green + blue) / 2 + 1j * math.sqrt(3) / 2 * (green - blue), np.complex128)


def luma(pixels: NDArray[np.generic]) -> float:
    return float((pixels.astype(float) @ np.array([0.2126, 0.7152, 0.0722])).mean())


def motion(before: Picture, after: Picture) -> tuple[float, float]:
    """Return the shift by phase correlation: pixels to the right and downwards."""
    one, other = (each.mean(2).astype(np.float32) for each in (before, after))
    (x, y), _ = cv2.phaseCorrelate(one, other, cv2.createHanningWindow(one.shape[::-1], cv2.CV_32F))
    return x, y


def turn_and_growth(before: Picture, after: Picture) -> tuple[float, float]:
    """Return clockwise degrees and the factor of the size, by phase correlation of the pictures in polar form."""
    height, width = before.shape[:2]
    radius, size = height / 2 - 1, 512
    one, other = (
        cv2.warpPolar(
            each.mean(2).astype(np.float32),
            (size, size),
            ((width - 1) / 2, (height - 1) / 2),
            radius,
            cv2.WARP_POLAR_LOG | cv2.INTER_LINEAR,
        )
        for each in (before, after)
    )
    # The innermost pixels fill half of the polar picture.
    (outwards, clockwise), _ = cv2.phaseCorrelate(one[:, size // 2 :].copy(), other[:, size // 2 :].copy())
    return clockwise * 360 / size, math.exp(outwards * math.log(radius) / size)


def ends(name: str) -> tuple[float, float]:
    return parameter(name).low, parameter(name).high


def test_the_plain_picture_is_the_networks(shown: Shown, hats: tuple[Playback, list[Frame]]) -> None:
    assert all(one is frame.pixels for one, frame in zip(shown(), hats[1], strict=True))


@pytest.mark.parametrize("zoom", ends("zoom"))
def test_zoom(shown: Shown, zoom: float) -> None:
    degrees, growth = turn_and_growth(*fed_back(shown, zoom=zoom))
    assert growth == pytest.approx(2 ** (zoom / RATE), rel=0.01)
    assert degrees == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("rotation", ends("rotation"))
def test_rotation(shown: Shown, rotation: float) -> None:
    degrees, growth = turn_and_growth(*fed_back(shown, rotation=rotation))
    assert degrees == pytest.approx(rotation / RATE, abs=0.5)
    assert growth == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("shift", ends("shift_x"))
def test_shift_x(shown: Shown, shift: float) -> None:
    before, after = fed_back(shown, shift_x=shift)
    assert motion(before, after) == pytest.approx((shift * before.shape[1] / RATE, 0), abs=0.5)


@pytest.mark.parametrize("shift", ends("shift_y"))
def test_shift_y(shown: Shown, shift: float) -> None:
    before, after = fed_back(shown, shift_y=shift)
    assert motion(before, after) == pytest.approx((0, shift * before.shape[0] / RATE), abs=0.5)


@pytest.mark.parametrize("drift", ends("hue_drift"))
def test_hue_drift(shown: Shown, drift: float) -> None:
    before, after = fed_back(shown, hue_drift=drift)
    # Greys have no hue, and at the ends of the levels there is no room.
    inside = ((np.minimum(before, after) > 8) & (np.maximum(before, after) < 247)).all(2)
    inside &= np.abs(chroma(before)) > 20
    turned = np.angle((chroma(after) * chroma(before).conj())[inside].sum(), deg=True)
    assert turned == pytest.approx(drift / RATE, abs=1)


@pytest.mark.parametrize("drift", ends("contrast_drift"))
def test_contrast_drift(shown: Shown, drift: float) -> None:
    before, after = (each - 127.5 for each in fed_back(shown, contrast_drift=drift))
    inside = np.abs(before) < 100
    assert (after * before)[inside].sum() / (before**2)[inside].sum() == pytest.approx(2 ** (drift / RATE), rel=0.01)
    plain, drifted = (float(pictures[-1].std()) for pictures in (shown(), shown(contrast_drift=drift)))
    assert (drifted > 1.1 * plain) if drift > 0 else (drifted < 0.7 * plain)


def test_trail(shown: Shown) -> None:
    plain = shown()
    for one, other in zip(plain, shown(trail=-1, zoom=4, feedback_blend="lighten"), strict=True):
        np.testing.assert_array_equal(one, other)
    for picture in shown(trail=1):
        np.testing.assert_array_equal(picture, plain[0])
    away = [np.abs(shown(trail=trail, zoom=1)[-1].astype(int) - plain[-1]).mean() for trail in (-0.5, 0, 0.5)]
    assert away == sorted(away)


def test_feedback_blend(shown: Shown) -> None:
    plain, over, lighten, difference = (
        np.stack(pictures).astype(float)
        for pictures in (shown(), *(shown(zoom=2, feedback_blend=blend) for blend in ("over", "lighten", "difference")))
    )
    assert (lighten >= plain - 1).all(), "nothing is darker than the dream"
    assert luma(lighten) > luma(over) + 5
    rough = [float(np.abs(np.diff(each[-1], axis=0)).mean()) for each in (over, plain, difference)]
    assert rough[0] < 0.7 * rough[1], "over: blurred along the movement"
    assert rough[2] > 1.2 * rough[1], "difference: outlines"


def test_gain(shown: Shown) -> None:
    low, high = (shown(gain=gain)[-1] for gain in ends("gain"))
    plain = shown()[-1].astype(int)
    assert not low.any()
    np.testing.assert_array_equal(high, np.minimum(4 * plain, 255))


def test_gamma(shown: Shown) -> None:
    darker, brighter = (luma(shown(gamma=gamma)[-1]) for gamma in ends("gamma"))
    plain = luma(shown()[-1])
    assert darker < 0.5 * plain
    assert 255 - brighter < 0.5 * (255 - plain)


def test_saturation(shown: Shown) -> None:
    grey, colourful = (shown(saturation=saturation)[-1] for saturation in ends("saturation"))
    plain = shown()[-1]
    assert (grey == grey[..., :1]).all()
    assert luma(grey) == pytest.approx(luma(plain), abs=1)
    assert np.abs(chroma(colourful)).mean() > 1.5 * np.abs(chroma(plain)).mean()


@pytest.mark.parametrize("hue", ends("hue"))
def test_hue(shown: Shown, hue: float) -> None:
    plain, turned = shown()[-1], shown(hue=hue)[-1]
    assert abs(np.angle((chroma(turned) * chroma(plain).conj()).sum(), deg=True)) == pytest.approx(180, abs=5)


@pytest.mark.parametrize("tint_hue", [*ends("tint_hue"), 210.0])
def test_tint_and_tint_hue(shown: Shown, tint_hue: float) -> None:
    assert shown(tint=0, tint_hue=tint_hue)[-1] is shown()[-1]
    tinted = shown(tint=1, tint_hue=tint_hue)[-1].astype(float)
    colour = np.array(colorsys.hsv_to_rgb(tint_hue / 360, 1, 1))
    np.testing.assert_allclose(tinted, tinted.max(2, keepdims=True) * colour, atol=1.5)


def test_lut_mix(shown: Shown) -> None:
    plain = shown()[-1]
    assert shown(lut_mix=0)[-1] is plain
    np.testing.assert_allclose(shown(lut_mix=1)[-1], 255 - plain.astype(int), atol=1)


def test_picture_mirror(shown: Shown) -> None:
    for part, flip in (("left", (1,)), ("right", (1,)), ("top", (0,)), ("bottom", (0,)), ("quarter", (0, 1))):
        mirrored = shown(picture_mirror=part)[-1]
        np.testing.assert_array_equal(mirrored, np.flip(mirrored, flip))
        assert not np.array_equal(mirrored, shown()[-1])


def test_kaleidoscope(shown: Shown) -> None:
    for count in (1, 6, 12):
        degrees = 360 / count
        picture = shown(kaleidoscope=count)[-1]
        np.testing.assert_allclose(picture, picture[::-1].astype(int), atol=8)
        height, width = picture.shape[:2]
        middle = ((width - 1) / 2, (height - 1) / 2)
        turned = cv2.warpAffine(picture, cv2.getRotationMatrix2D(middle, degrees, 1), (width, height))
        y, x = np.mgrid[:height, :width]
        inside = np.hypot(y - middle[1], x - middle[0]) < min(middle) - 1
        assert np.abs(turned.astype(int) - picture)[inside].mean() < 3


def test_the_command_line_gives_the_same_frames(shown: Shown, tmp_path: Path) -> None:
    path = tmp_path / "moved.mkv"
    options = f"--headless --tail 0 --seconds 0.3 --seed {SEED} --provider cpu --precision fp32 --zoom 4 --hue 90"
    assert main([*options.split(), "--model", str(BUNDLE), "--record", str(path), "--record-codec", "ffv1"]) == 0
    recorded = read_film(path)
    assert len(recorded) == 7
    np.testing.assert_array_equal(recorded, shown(zoom=4, hue=90)[:7])
    assert np.abs(recorded[-1].astype(int) - shown()[6]).mean() > 20
