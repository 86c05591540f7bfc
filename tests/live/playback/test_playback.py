"""The parts that make the frames: every parameter reaches the part that uses it."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from live.bundle.bundle import read_bundle
from live.camera.camera_input import CameraFollower
from live.controls.table import PARAMETERS
from live.effects.transform import REST, Transform
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.playback.options import TimelineOptions
from live.playback.playback import Playback, prepare_playback, unused_parameters
from live.timings import Timings
from tests.live.bundles import RATE


@pytest.fixture
def playback(bundle_folder: Path) -> Playback:
    bundle, timings = read_bundle(bundle_folder, 0), Timings()
    return prepare_playback(
        bundle,
        open_model(bundle, InferenceOptions(provider="cpu"), timings),
        CameraFollower(None, mode="film", frame_rate=Fraction(RATE), inputs=bundle.graph.inputs),
        TimelineOptions(),
        seed=1,
        values={"zoom": 0.5},
        timings=timings,
    )


def used_values(playback: Playback) -> Iterator[tuple[str, float]]:
    """Yield each parameter's value in the part that uses it, but for the place of the feedback."""
    effects = playback.effects
    owners: dict[str, object] = {
        "temperature": playback.generator,
        "speed": playback.clock,
        "camera_mix": playback.camera,
        "camera_blend": playback.generator.feedback,
        "trail": effects.feedback,
        "picture_mirror": effects.mirrors,
        "kaleidoscope": effects.mirrors,
    }
    groups = {"Feedback": effects.feedback.transform, "Grading": effects.grading}
    for parameter in PARAMETERS:
        if parameter.name == "feedback_blend":
            yield parameter.name, parameter.read([effects.feedback.blend])
        elif parameter.name != "feedback":
            owner = owners.get(parameter.name) or groups[parameter.group]
            value = getattr(owner, parameter.name)
            yield parameter.name, parameter.read([value]) if parameter.choices else value


def test_every_parameter_reaches_the_part_that_uses_it(playback: Playback) -> None:
    defaults = {parameter.name: parameter.default for parameter in PARAMETERS if parameter.name != "feedback"}
    assert dict(used_values(playback)) == defaults | {"zoom": 0.5}
    others = {
        parameter.name: parameter.high if parameter.choices else parameter.high / 2
        for parameter in PARAMETERS
        if parameter.name != "feedback"
    }
    playback.parameters.set(others)
    assert dict(used_values(playback)) == others
    assert playback.clock.rate == 2 * RATE


def test_feedback_acts_on_the_picture_the_memory_or_both(playback: Playback) -> None:
    moved = Transform(zoom=0.5)
    for place, picture, memory in ((0.0, moved, REST), (1.0, REST, moved), (2.0, moved, moved)):
        playback.parameters.set({"feedback": place})
        assert (playback.effects.feedback.transform, playback.generator.feedback.transform) == (picture, memory)


def test_without_memory_feedback_acts_on_the_picture(pairs_bundle: Path) -> None:
    bundle, timings = read_bundle(pairs_bundle, 0), Timings()
    playback = prepare_playback(
        bundle,
        open_model(bundle, InferenceOptions(provider="cpu"), timings),
        CameraFollower(None, mode="film", frame_rate=Fraction(RATE), inputs=bundle.graph.inputs),
        TimelineOptions(),
        seed=1,
        values={"zoom": 0.5, "feedback": 1.0},
        timings=timings,
    )
    assert playback.effects.feedback.transform == Transform(zoom=0.5)


def test_parameters_without_effect_are_known() -> None:
    everything = {"context", "noise", "temperature", "camera", "camera_mix"}
    assert unused_parameters(everything) == []
    assert unused_parameters(everything - {"camera_mix", "temperature"}) == ["temperature", "camera_mix"]
    assert unused_parameters({"camera"}) == ["temperature", "camera_mix", "feedback", "camera_blend"]
