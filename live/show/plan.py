"""Plan of a show, in a window and without one, and the parts of both that make the frames."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from live.bundle.bundle import Bundle
from live.camera.camera_input import CameraFollower
from live.console import say
from live.effects.lookup_table import LookupTable
from live.inference.model_slot import ModelSlot
from live.inference.selection import open_model
from live.inference.trial.trial import Trial
from live.modulation.binding import Bindings
from live.monitoring.monitor import Readings
from live.playback.opening_hours import OpeningHours
from live.playback.playback import Playback, prepare_playback
from live.settings import Settings
from live.stats import ShowFacts, ShowStats
from live.supervision.link import SupervisorLink
from live.supervision.show_state import ShowState

HEADLESS_SECONDS = 90.0


@dataclass(frozen=True)
class Plan:
    """Everything of which a show is made, in a window and without."""

    settings: Settings
    bundle: Bundle
    trial: Trial | None
    """Trial of the bundle's networks; None for those that are known."""
    camera: CameraFollower
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
    def begins_closed(self) -> bool:
        """True if the show begins outside of its opening hours."""
        return self.hours is not None and not self.hours.is_open


def prepare(plan: Plan) -> Playback:
    """Open the network, connect the parts that make the frames, and print what is shown."""
    settings, options = plan.settings, plan.settings.timeline
    if settings.headless and options.seconds is None:
        options = replace(options, seconds=HEADLESS_SECONDS)
    if plan.trial:
        plan.trial.wait()
    # Without a window nothing waits for a frame: then one provider makes all of them.
    model = open_model(
        plan.bundle,
        settings.inference,
        plan.stats.timings,
        wait=settings.headless,
        proven=plan.state.network if plan.state else "",
    )
    plan.stats.counters.append(lambda: _count_model(plan.stats, model))
    playback = prepare_playback(
        plan.bundle,
        model,
        plan.camera,
        options,
        seed=plan.facts.seed,
        values=plan.values,
        modulation=plan.modulation,
        table=plan.table,
        timings=plan.stats.timings,
    )
    plan.readings.frame_rate = lambda: playback.clock.rate
    _announce(plan, playback)
    return playback


def _count_model(stats: ShowStats, model: ModelSlot) -> None:
    stats.provider, stats.passed_over = model.label, model.passed_over


def _announce(plan: Plan, playback: Playback) -> None:
    bundle, facts = plan.bundle, plan.facts
    height, width = facts.size
    say(f"{facts.title} · {width}×{height} · {facts.frame_rate:.4g} frames/s · {playback.model} · seed {facts.seed}")
    # Without a camera, a mix without effect is no news.
    unused = [name for name in playback.parameters.unused if plan.camera.status or name != "camera_mix"]
    if unused:
        say(f"this model ignores {', '.join(name.replace('_', ' ') for name in unused)}")
    if plan.settings.headless and plan.values.get("speed", 1) != 1:
        say("without a window, the speed of the preset has no effect")
    stored = len(bundle.film.frames) / bundle.frame_rate
    if bundle.film.complete and plan.settings.timeline.tail > stored:
        say(f"the model holds the film's last {float(stored):.1f} s: the tail begins there")
