"""Plan of a show, in a window and without one, and the parts of both that make the frames."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from live.audio.audio_input import AudioInput
from live.bundle.bundle import Bundle
from live.camera.camera_input import CameraFollower
from live.console import report, say
from live.effects.lookup_table import LookupTable
from live.errors import ProviderError
from live.inference.model_slot import BackgroundLoad, ModelSlot, StepGaps
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.inference.trial.trial import Trial
from live.modulation.audio_figure import AudioFigure
from live.modulation.binding import Bindings
from live.monitoring.monitor import Readings
from live.playback.models import Models
from live.playback.opening_hours import OpeningHours
from live.playback.playback import Playback, prepare_playback
from live.playback.played_model import PlayedModel, ShowForm
from live.settings import DEFAULT_MODEL, Settings
from live.stats import ShowFacts, ShowStats
from live.supervision.link import SupervisorLink
from live.supervision.show_state import ShowState
from live.timings import Timings

HEADLESS_SECONDS = 90.0


@dataclass(frozen=True)
class Plan:
    """Everything of which a show is made, in a window and without."""

    settings: Settings
    bundles: Sequence[Bundle]
    """Models of the show. All pictures have the form of the first one's."""
    begins_with: int
    """Number of the model that plays first, from 1."""
    trial: Trial | None
    """Trial of the networks of the model that plays first; None for those that are known."""
    camera: CameraFollower
    audio: AudioInput | None
    """Sound that the show listens to; None for none."""
    facts: ShowFacts
    values: Mapping[str, float]
    """Parameters that do not begin at their default."""
    modulation: Bindings
    """Bindings of parameters with which the show begins."""
    table: LookupTable | None
    """Look-up table of --lut."""
    stats: ShowStats
    readings: Readings
    supervisor: SupervisorLink | None
    """None if the show is not supervised."""
    state: ShowState | None
    """State that the process before left; None if there was none."""
    hours: OpeningHours | None
    """None for a show that plays day and night."""

    @property
    def form(self) -> ShowForm:
        """Size and frame rate of the show."""
        return ShowForm(self.facts.size, self.bundles[0].frame_rate, self.settings.window.fit)

    @property
    def film_has_sound(self) -> bool:
        """True if frames of a film's tail have a sound."""
        return self.settings.timeline.tail > 0 and any(bundle.film.sound for bundle in self.bundles)

    @property
    def begins_closed(self) -> bool:
        """True if the show begins outside of its opening hours."""
        return self.hours is not None and not self.hours.is_open


def prepare(plan: Plan) -> Playback:
    """Open the network, connect the parts that make the frames, and print what is shown."""
    proven = plan.state.network if plan.state else ""
    first = _open(plan, plan.begins_with, proven=proven)
    # CUDA graphs are captured while nothing else uses the device: the others are opened before the show then.
    plays_meanwhile, gaps = first.model.device == "cpu", StepGaps()
    in_gap = gaps.wait if plays_meanwhile else lambda: None
    names = [bundle.name for bundle in plan.bundles]
    loads = {
        number: BackgroundLoad(partial(_open, plan, number, in_gap=in_gap), name=f"model {number} {name}")
        for number, name in enumerate(names, 1)
        # Nothing changes the model of a show that is rendered.
        if number != plan.begins_with and not plan.settings.headless
    }
    if not plays_meanwhile:
        for load in loads.values():
            load.wait()
    models = Models(first, names, loads, gaps)
    plan.stats.counters.append(lambda: _count_model(plan.stats, models.leading.model))
    playback = prepare_playback(
        models,
        plan.form.frame_rate,
        values=plan.values,
        modulation=plan.modulation,
        audio=plan.audio,
        table=plan.table,
        timings=plan.stats.timings,
    )
    plan.readings.frame_rate = lambda: playback.clock.rate
    plan.readings.camera, plan.readings.camera_trouble = lambda: playback.camera.status, lambda: playback.camera.trouble
    _announce(plan, playback)
    return playback


def _open(plan: Plan, number: int, *, proven: str = "", in_gap: Callable[[], None] = lambda: None) -> PlayedModel:
    """Open a model of the show.

    Args:
        plan: The show.
        number: Number of the model, from 1.
        proven: Label under which the process before played it; empty if it did not.
        in_gap: Called before everything that must not disturb a step of the show.
    """
    settings, options, bundle = plan.settings, plan.settings.timeline, plan.bundles[number - 1]
    if number == plan.begins_with:
        if plan.trial:
            plan.trial.wait()
    elif bundle.folder.resolve() != DEFAULT_MODEL.resolve():
        in_gap()
        with closing(Trial(bundle, settings.inference, background=True)) as trial:
            trial.wait()
    if settings.headless and options.seconds is None:
        options = replace(options, seconds=HEADLESS_SECONDS)
    # The speed of a model is compared with its own steps alone.
    timings = plan.stats.timings if number == plan.begins_with else Timings()

    def open_with(wanted: InferenceOptions) -> ModelSlot:
        # Without a window nothing waits for a frame: then one provider makes all of them.
        return open_model(bundle, wanted, timings, wait=settings.headless, proven=proven, in_gap=in_gap)

    try:
        model = open_with(settings.inference)
    except ProviderError as error:
        if not (plan.supervisor and plan.supervisor.restarts):
            raise
        # It played before. A driver may have been replaced meanwhile, or a GPU unplugged.
        report(error)
        model = open_with(InferenceOptions())
    camera = plan.camera
    if number > 1:
        graph = bundle.graph
        camera = camera.beside(size=(graph.height, graph.width), frame_rate=bundle.frame_rate, inputs=graph.inputs)
    return PlayedModel(
        number, bundle, model, camera, options, form=plan.form, seed=plan.facts.seed, timings=plan.stats.timings
    )


def _count_model(stats: ShowStats, model: ModelSlot) -> None:
    stats.provider, stats.passed_over = model.label, model.passed_over


def _announce(plan: Plan, playback: Playback) -> None:
    bundle, facts = plan.bundles[plan.begins_with - 1], plan.facts
    height, width = facts.size
    say(f"{facts.title} · {width}×{height} · {facts.frame_rate:.4g} frames/s · {playback.model} · seed {facts.seed}")
    if len(plan.bundles) > 1:
        say(f"models: {', '.join(f'{number} {each.name}' for number, each in enumerate(plan.bundles, 1))}")
    # Without a camera or another model, what is of them has no effect, which is no news.
    no_news = {"model_fade", *(() if plan.camera.status else ("camera_mix",))}
    unused = [name for name in playback.parameters.unused if name not in no_news]
    if unused:
        say(f"this model ignores {', '.join(name.replace('_', ' ') for name in unused)}")
    if plan.settings.headless and plan.values.get("speed", 1) != 1:
        say("without a window, the speed of the preset has no effect")
    if plan.audio is None and any(isinstance(each.source, AudioFigure) for each in plan.modulation.values()):
        say("the preset follows a sound, and the show hears none; add --audio")
    stored = len(bundle.film.frames) / bundle.frame_rate
    if bundle.film.complete and plan.settings.timeline.tail > stored:
        say(f"the model holds the film's last {float(stored):.1f} s: the tail begins there")
