"""The parts that make the frames of a show, and the way of the parameters into them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction

from live.audio.audio_input import AudioInput
from live.audio.levels import SILENCE
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
from live.playback.models import Models
from live.playback.timeline import Timeline
from live.timings import Timings


@dataclass(frozen=True)
class Playback:
    """Parts that make the frames. While a show plays, only the player's thread changes them, between two frames."""

    models: Models
    clock: FrameClock
    parameters: Parameters
    effects: Effects
    audio: AudioInput | None = None
    """Sound that the show listens to; None for none."""
    movement: MovementMeter = field(default_factory=MovementMeter)

    @property
    def model(self) -> ModelSlot:
        """Network of the model that leads."""
        return self.models.leading.model

    @property
    def generator(self) -> Generator:
        """Generator of the model that leads."""
        return self.models.leading.generator

    @property
    def camera(self) -> CameraFollower:
        """Camera of the model that leads."""
        return self.models.leading.camera

    @property
    def timeline(self) -> Timeline:
        """Timeline of the model that leads."""
        return self.models.leading.timeline

    @property
    def model_number(self) -> int | None:
        """Number of the model that leads; None in a show of one model."""
        return self.models.leading.number if self.models.count > 1 else None

    def choose_model(self, number: int, seconds: float | None = None) -> None:
        """Dissolve to a model in so many seconds; None: as long as the parameter says."""
        self.models.choose(number, (self.parameters["model_fade"] if seconds is None else seconds) * self.clock.rate)

    def crossfade_models(self, before: int, chosen: int, share: float) -> None:
        """Show the model `chosen` by `share`, 0…1, over the model `before`."""
        self.models.crossfade_between(before, chosen, share)

    def modulate(self, seconds: float, beats: float) -> None:
        """Move the parameters that are bound to a source to where they are so long after the show's beginning.

        Before a frame.
        """
        # Always, so that a file is where it would have been.
        heard = self.audio.read(seconds) if self.audio else SILENCE
        if not self.parameters.modulates:
            return
        movement = 0.0
        if self.parameters.watches_camera:
            seen = self.camera.newest
            movement = self.movement.see(seen.pixels if seen else None, seconds)
        self.parameters.modulate(Moment(seconds, beats, movement, heard))

    def step(self) -> Frame | None:
        """Return the next frame as it is shown; None when the show is over."""
        frame = self.models.step()
        return self.effects.apply(frame) if frame else None


def prepare_playback(
    models: Models,
    frame_rate: Fraction,
    *,
    values: Mapping[str, float],
    timings: Timings,
    table: LookupTable | None = None,
    modulation: Bindings | None = None,
    audio: AudioInput | None = None,
) -> Playback:
    """Connect the parts that make the frames.

    Args:
        models: Models of the show.
        frame_rate: Frames a second of the show at speed 1.
        values: Parameters that do not begin at their default.
        timings: Timings of the show.
        table: Look-up table that grades the picture; None for none.
        modulation: Bindings of parameters to sources.
        audio: Sound that the show listens to; None for none.
    """
    clock = FrameClock(frame_rate)
    effects = Effects(float(frame_rate), timings, table)
    parameters = Parameters(
        lambda values: apply_parameters(values, models, clock, effects),
        values,
        unused=unused_parameters(models.leading.inputs, models.count),
        modulation=modulation,
    )

    def adapt() -> None:
        parameters.unused = unused_parameters(models.leading.inputs, models.count)
        parameters.apply()

    models.changed = adapt
    return Playback(models, clock, parameters, effects, audio)


def apply_parameters(values: Mapping[str, float], models: Models, clock: FrameClock, effects: Effects) -> None:
    """Hand every parameter of the table to the part that uses it, in all models that are open."""
    transform = Transform(**{each.name: values[each.name] for each in fields(Transform)})
    wanted = FEEDBACK_PLACES[int(values["feedback"])]
    for each in models.opened:
        each.generator.temperature = values["temperature"]
        each.generator.feedback.camera_blend = values["camera_blend"]
        each.generator.feedback.transform = REST if wanted == "picture" else transform
    # A network without memory leaves the picture alone to act on.
    place = wanted if models.leading.generator.has_memory else "picture"
    models.leading.camera.camera_mix = values["camera_mix"]
    clock.speed = values["speed"]
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


def unused_parameters(inputs: Collection[str], models: int = 1) -> list[str]:
    """Return the parameters that have no effect with a graph of these inputs, in the table's order.

    Args:
        inputs: Names of the graph's inputs.
        models: Number of models of the show.
    """
    there = {None, *inputs, *(("models",) if models > 1 else ())}
    return [parameter.name for parameter in PARAMETERS if parameter.needs not in there]
