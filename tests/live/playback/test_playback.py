"""The parts that make the frames: every parameter reaches the part that uses it."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from live.controls.table import PARAMETERS
from live.effects.transform import REST, Transform
from live.playback.playback import Playback, prepare_playback, unused_parameters
from live.timings import Timings
from tests.live.bundles import RATE
from tests.live.playback.playbacks import make_models


@pytest.fixture
def playback(bundle_folder: Path) -> Playback:
    return prepare_playback(make_models(bundle_folder), Fraction(RATE), values={"zoom": 0.5}, timings=Timings())


# A part reads these where it needs them, and keeps no value.
READ = ("feedback", "model_fade")


def used_values(playback: Playback) -> Iterator[tuple[str, float]]:
    """Yield each parameter's value in the part that uses it, but for those of `READ`."""
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
        elif parameter.name not in READ:
            owner = owners.get(parameter.name) or groups[parameter.group]
            value = getattr(owner, parameter.name)
            yield parameter.name, parameter.read([value]) if parameter.choices else value


def test_every_parameter_reaches_the_part_that_uses_it(playback: Playback) -> None:
    defaults = {parameter.name: parameter.default for parameter in PARAMETERS if parameter.name not in READ}
    assert dict(used_values(playback)) == defaults | {"zoom": 0.5}
    others = {
        parameter.name: parameter.high if parameter.choices else parameter.high / 2
        for parameter in PARAMETERS
        if parameter.name not in READ
    }
    playback.parameters.set(others)
    assert dict(used_values(playback)) == others
    assert playback.clock.rate == 2 * RATE


def test_parameters_reach_every_model_and_those_of_a_show_follow_the_one_that_leads(
    camera_bundle: Path, pairs_bundle: Path
) -> None:
    models = make_models(camera_bundle, pairs_bundle)
    playback = prepare_playback(models, Fraction(RATE), values={"temperature": 0.5}, timings=Timings())
    assert playback.parameters.unused == []
    playback.parameters.set({"model_fade": 1.0})
    playback.step()
    playback.choose_model(2)
    playback.step()
    assert models.share == pytest.approx(1 / (RATE + 1))
    assert [each.generator.temperature for each in models.opened] == [0.5, 0.5]
    assert playback.parameters.unused == ["temperature", "camera_mix", "feedback", "camera_blend"]


def test_feedback_acts_on_the_picture_the_memory_or_both(playback: Playback) -> None:
    moved = Transform(zoom=0.5)
    for place, picture, memory in ((0.0, moved, REST), (1.0, REST, moved), (2.0, moved, moved)):
        playback.parameters.set({"feedback": place})
        assert (playback.effects.feedback.transform, playback.generator.feedback.transform) == (picture, memory)


def test_without_memory_feedback_acts_on_the_picture(pairs_bundle: Path) -> None:
    values = {"zoom": 0.5, "feedback": 1.0}
    playback = prepare_playback(make_models(pairs_bundle), Fraction(RATE), values=values, timings=Timings())
    assert playback.effects.feedback.transform == Transform(zoom=0.5)


def test_parameters_without_effect_are_known() -> None:
    everything = {"context", "noise", "temperature", "camera", "camera_mix"}
    assert unused_parameters(everything, models=2) == []
    assert unused_parameters(everything) == ["model_fade"]
    assert unused_parameters(everything - {"camera_mix", "temperature"}) == ["temperature", "model_fade", "camera_mix"]
    assert unused_parameters({"camera"}) == [
        "temperature",
        "model_fade",
        "camera_mix",
        "feedback",
        "camera_blend",
    ]
