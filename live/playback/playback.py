"""The parts that make the frames of a show, and the way of the parameters into them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from live.bundle.bundle import Bundle
from live.camera.camera_input import CameraFollower
from live.controls.parameters import Parameters
from live.controls.table import PARAMETERS
from live.inference.generator import Generator
from live.inference.model_slot import ModelSlot
from live.playback.frame_clock import FrameClock
from live.playback.options import TimelineOptions
from live.playback.timeline import Timeline
from live.timings import Timings


@dataclass(frozen=True)
class Playback:
    """Parts that make the frames. While a show plays, only the player's thread changes them, between two frames."""

    model: ModelSlot
    generator: Generator
    camera: CameraFollower
    clock: FrameClock
    parameters: Parameters
    timeline: Timeline


def prepare_playback(
    bundle: Bundle,
    model: ModelSlot,
    camera: CameraFollower,
    options: TimelineOptions,
    *,
    seed: int,
    values: Mapping[str, float],
    timings: Timings,
) -> Playback:
    """Connect the parts that make the frames.

    Args:
        bundle: The film, and facts of its network.
        model: The network.
        camera: Camera that the continuation may follow.
        options: Lengths of tail, episodes and continuation.
        seed: Random seed of the show.
        values: Parameters that do not begin at their default.
        timings: Timings of the show.
    """
    # The first noise is that of a rollout in the studio with the same seed. Everything else that is random has a stream
    # of its own: reseeding must not shift the noise.
    random_seed = np.random.SeedSequence(seed)
    generator = Generator(model, random_seed, timings, float(bundle.frame_rate))
    clock = FrameClock(bundle.frame_rate)
    parameters = Parameters(
        lambda values: apply_parameters(values, generator, clock, camera),
        values,
        unused=unused_parameters(bundle.graph.inputs),
    )
    timeline = Timeline(bundle, generator, camera, options, random_seed.spawn(1)[0])
    return Playback(model, generator, camera, clock, parameters, timeline)


def apply_parameters(
    values: Mapping[str, float], generator: Generator, clock: FrameClock, camera: CameraFollower
) -> None:
    """Hand every parameter of the table to the part that uses it."""
    generator.temperature = values["temperature"]
    clock.speed = values["speed"]
    camera.camera_mix = values["camera_mix"]
    feedback = generator.feedback
    feedback.zoom = values["zoom"]
    feedback.rotation = values["rotation"]
    feedback.shift_x = values["shift_x"]
    feedback.shift_y = values["shift_y"]
    feedback.hue_drift = values["hue_drift"]
    feedback.contrast_drift = values["contrast_drift"]
    feedback.camera_blend = values["camera_blend"]


def unused_parameters(inputs: Collection[str]) -> list[str]:
    """Return the parameters that have no effect with a graph of these inputs, in the table's order."""
    return [parameter.name for parameter in PARAMETERS if parameter.needs is not None and parameter.needs not in inputs]
