"""The parts that make the frames: every parameter reaches the part that uses it."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from live.bundle.bundle import read_bundle
from live.camera.camera_input import CameraFollower
from live.controls.table import PARAMETERS
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
    """Yield each parameter's value in the part that uses it."""
    owners = {"temperature": playback.generator, "speed": playback.clock, "camera_mix": playback.camera}
    for parameter in PARAMETERS:
        yield parameter.name, getattr(owners.get(parameter.name, playback.generator.feedback), parameter.name)


def test_every_parameter_reaches_the_part_that_uses_it(playback: Playback) -> None:
    defaults = {parameter.name: parameter.default for parameter in PARAMETERS}
    assert dict(used_values(playback)) == defaults | {"zoom": 0.5}
    highest = {parameter.name: parameter.high / 2 for parameter in PARAMETERS}
    playback.parameters.set(highest)
    assert dict(used_values(playback)) == highest
    assert playback.clock.rate == 2 * RATE


def test_parameters_without_effect_are_known() -> None:
    everything = {"context", "noise", "temperature", "camera", "camera_mix"}
    assert unused_parameters(everything) == []
    assert unused_parameters(everything - {"camera_mix", "temperature"}) == ["temperature", "camera_mix"]
    without_memory = unused_parameters({"camera"})
    assert without_memory == [parameter.name for parameter in PARAMETERS if parameter.name != "speed"]
