"""On the shipped film: the parameters that act on the network, on time and on models do at their ends what they say.

Those that act on the picture are in tests/live/effects/test_hats.py. FILM_BUNDLE names another bundle.
"""

from collections.abc import Callable

import numpy as np
import pytest

from live.bundle.bundle import read_bundle
from live.camera.source import CapturedFrame
from live.controls.control import Parameter
from live.controls.table import CONTROLS, PARAMETERS
from live.frame import Pixels
from live.playback.playback import Playback, prepare_playback
from live.timings import Timings
from tests.live.effects import test_hats
from tests.live.effects.test_hats import BUNDLE
from tests.live.playback.playbacks import make_form, make_models

# So long before its end, the film shows something else.
TAIL = 12.0
FRAMES = 3
Dreamt = Callable[..., list[Pixels]]


class FilmCamera:
    """A camera that sees frames of the film, or nothing."""

    name, trouble, mirror = "the film", "", False

    def __init__(self) -> None:
        self.frames = read_bundle(BUNDLE, TAIL).film.frames[: 2 * FRAMES].copy()
        self.begin = 0
        self.sees = False
        self.moves = False

    def read(self, index: int) -> CapturedFrame | None:
        number = min(index - self.begin, len(self.frames) - 1) if self.moves else 0
        return CapturedFrame(self.frames[number], 0.0) if self.sees else None

    def rest(self, wanted: bool) -> None: ...

    def close(self) -> None: ...


@pytest.fixture(scope="module")
def camera() -> FilmCamera:
    return FilmCamera()


@pytest.fixture(scope="module")
def playback(camera: FilmCamera) -> Playback:
    """A show of two models, of which both are the same bundle."""
    models = make_models(BUNDLE, BUNDLE, source=camera)
    return prepare_playback(models, make_form(BUNDLE).frame_rate, values={}, timings=Timings())


@pytest.fixture
def dreamt(playback: Playback, camera: FilmCamera) -> Dreamt:
    """A function that returns the network's first frames after the end, with values of parameters."""

    def dream(*, seed: int = 1, sees: bool = False, moves: bool = False, **values: float | str) -> list[Pixels]:
        given = {name: parameter(name).read([value]) for name, value in values.items()}
        playback.parameters.set({each.name: each.default for each in PARAMETERS} | given)
        timeline = playback.timeline
        camera.begin, camera.sees, camera.moves = timeline.index, sees, moves
        playback.camera.set_mode("camera_mix" in values)
        timeline.renew(seed)
        timeline.reseed_from_end()
        return [frame.pixels for frame in (timeline.step() for _ in range(FRAMES)) if frame]

    return dream


def parameter(name: str) -> Parameter:
    found = CONTROLS[name]
    assert isinstance(found, Parameter)
    return found


def away(one: Pixels, other: Pixels) -> float:
    """Return the mean difference in levels."""
    return float(np.abs(one.astype(int) - other).mean())


def test_every_parameter_is_tried() -> None:
    tests = [name.removeprefix("test_") for name in (*globals(), *vars(test_hats)) if name.startswith("test_")]
    tried = {name for test in tests for name in test.split("_and_")}
    assert {each.name for each in PARAMETERS} - tried == set()


def test_temperature(dreamt: Dreamt) -> None:
    low, high = (np.stack([dreamt(temperature=end, seed=seed) for seed in (1, 2)]) for end in (0, 2))
    np.testing.assert_array_equal(low[0], low[1], "without randomness, the seed does not matter")
    assert away(*high) > 0.1


def test_camera_mix(dreamt: Dreamt) -> None:
    blind = dreamt()
    not_at_all = dreamt(camera_mix=0, sees=True, moves=True)
    closely = dreamt(camera_mix=1, sees=True, moves=True)
    np.testing.assert_array_equal(not_at_all, blind)
    assert away(closely[-1], blind[-1]) > 1


def test_camera_blend(dreamt: Dreamt, camera: FilmCamera) -> None:
    blind, nothing, all_of_it = dreamt(), dreamt(camera_blend=0, sees=True), dreamt(camera_blend=1, sees=True)
    np.testing.assert_array_equal(nothing, blind)
    seen = camera.frames[0]
    assert away(all_of_it[0], seen) < 0.7 * away(blind[0], seen)


def test_feedback(dreamt: Dreamt, playback: Playback) -> None:
    plain = dreamt()
    for place, reaches_network, reaches_picture in (
        ("picture", False, True),
        ("memory", True, False),
        ("both", True, True),
    ):
        moved = dreamt(feedback=place, rotation=360)
        assert (away(moved[-1], plain[-1]) > 1) == reaches_network, place
        assert playback.effects.feedback.transform.moves == reaches_picture, place


def test_speed(playback: Playback) -> None:
    rate = float(make_form(BUNDLE).frame_rate)
    for speed in (parameter("speed").low, parameter("speed").high):
        playback.parameters.set({"speed": speed})
        assert playback.clock.rate == pytest.approx(speed * rate)
    playback.parameters.set({"speed": 1.0})


def test_model_fade(dreamt: Dreamt, playback: Playback) -> None:
    dreamt()
    models = playback.models
    for number, fade, least, most in ((2, 60.0, 0.0, 0.001), (1, 0.0, 1.0, 1.0)):
        models.crossfade(1.0) if models.share < 1 else None
        playback.parameters.set({"model_fade": fade})
        playback.choose_model(number)
        playback.step()
        assert least <= models.share <= most, f"after one frame of a dissolve of {fade} s"
