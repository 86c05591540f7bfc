"""The parts that make the frames of a show, and the way of the parameters into them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from live.bundle.bundle import Bundle
from live.camera.camera_input import CameraFollower
from live.controls.entries.feedback import BLENDS, FEEDBACK_PLACES
from live.controls.entries.grading import MIRRORS
from live.controls.parameters import Parameters
from live.controls.table import PARAMETERS
from live.effects.effects import Effects
from live.effects.lookup_table import LookupTable
from live.effects.transform import REST, Transform
from live.frame import Frame
from live.inference.generator import Generator
from live.inference.model_slot import ModelSlot
from live.modulation.binding import Bindings
from live.modulation.camera_movement import MovementMeter
from live.modulation.source import Moment
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
    effects: Effects
    movement: MovementMeter = field(default_factory=MovementMeter)

    def modulate(self, seconds: float, beats: float) -> None:
        """Move the parameters that are bound to a source to where they are so long after the show's beginning.

        Before a frame.
        """
        if not self.parameters.modulates:
            return
        movement = 0.0
        if self.parameters.watches_camera:
            seen = self.camera.newest
            movement = self.movement.see(seen.pixels if seen else None, seconds)
        self.parameters.modulate(Moment(seconds, beats, movement))

    def step(self) -> Frame | None:
        """Return the next frame as it is shown; None when the show is over."""
        frame = self.timeline.step()
        return self.effects.apply(frame) if frame else None


def prepare_playback(
    bundle: Bundle,
    model: ModelSlot,
    camera: CameraFollower,
    options: TimelineOptions,
    *,
    seed: int,
    values: Mapping[str, float],
    timings: Timings,
    table: LookupTable | None = None,
    modulation: Bindings | None = None,
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
        table: Look-up table that grades the picture; None for none.
        modulation: Bindings of parameters to sources.
    """
    # The first noise is that of a rollout in the studio with the same seed. Everything else that is random has a stream
    # of its own: reseeding must not shift the noise.
    random_seed = np.random.SeedSequence(seed)
    generator = Generator(model, random_seed, timings, float(bundle.frame_rate))
    clock = FrameClock(bundle.frame_rate)
    effects = Effects(float(bundle.frame_rate), timings, table)
    parameters = Parameters(
        lambda values: apply_parameters(values, generator, clock, camera, effects),
        values,
        unused=unused_parameters(bundle.graph.inputs),
        modulation=modulation,
    )
    timeline = Timeline(bundle, generator, camera, options, random_seed.spawn(1)[0])
    return Playback(model, generator, camera, clock, parameters, timeline, effects)


def apply_parameters(
    values: Mapping[str, float], generator: Generator, clock: FrameClock, camera: CameraFollower, effects: Effects
) -> None:
    """Hand every parameter of the table to the part that uses it."""
    generator.temperature = values["temperature"]
    clock.speed = values["speed"]
    camera.camera_mix = values["camera_mix"]
    generator.feedback.camera_blend = values["camera_blend"]
    transform = Transform(**{each.name: values[each.name] for each in fields(Transform)})
    # A network without memory leaves the picture alone to act on.
    place = FEEDBACK_PLACES[int(values["feedback"])] if generator.has_memory else "picture"
    generator.feedback.transform = REST if place == "picture" else transform
    effects.feedback.transform = REST if place == "memory" else transform
    effects.feedback.trail = values["trail"]
    effects.feedback.blend = BLENDS[int(values["feedback_blend"])]
    effects.mirrors.picture_mirror = MIRRORS[int(values["picture_mirror"])]
    effects.mirrors.kaleidoscope = values["kaleidoscope"]
    grading = effects.grading
    grading.gain = values["gain"]
    grading.gamma = values["gamma"]
    grading.saturation = values["saturation"]
    grading.hue = values["hue"]
    grading.tint = values["tint"]
    grading.tint_hue = values["tint_hue"]
    grading.lut_mix = values["lut_mix"]


def unused_parameters(inputs: Collection[str]) -> list[str]:
    """Return the parameters that have no effect with a graph of these inputs, in the table's order."""
    return [parameter.name for parameter in PARAMETERS if parameter.needs is not None and parameter.needs not in inputs]
