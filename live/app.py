"""The command: builds the parts of a show and runs it, in a window or without."""

import os
import secrets
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from live.bundle.bundle import Bundle, read_bundle
from live.camera.camera_input import CameraFollower
from live.camera.open_source import open_source
from live.console import accept_any_text, note, report, say
from live.controls.presets import Presets, read_preset
from live.controls.reference import list_controls
from live.errors import DisplayLostError, NetworkFailedError, SettingsError, ShowError
from live.files import numbered
from live.frame import Pixels
from live.inference.model_slot import ModelSlot
from live.inference.selection import open_model
from live.monitoring.monitor import Readings, watched
from live.outputs.recorder import Recorder
from live.outputs.recordings import Recordings
from live.outputs.video_file import VideoFile
from live.playback.mode import check_mode
from live.playback.opening_hours import OpeningHours
from live.playback.playback import Playback, prepare_playback
from live.process.ending import Ending, end_on_signals
from live.process.file_worker import FileWorker
from live.process.queued_output import queued_output
from live.render import render
from live.settings import Settings, parse_settings
from live.stats import ShowFacts, ShowStats, write_stats
from live.supervision.link import SupervisorLink
from live.supervision.show_state import ShowState, read_state
from live.waiting import Search

HEADLESS_SECONDS = 90.0
# The backdrop of a supervised show looks like its window.
BACKDROP_OPTIONS = ("display", "fit", "turn", "flip", "corners", "kiosk")
FAILURE_EXIT_CODE = 1
USER_ERROR_EXIT_CODE = 2


def main(arguments: Sequence[str] | None = None, *, local_time: Callable[[], datetime] = datetime.now) -> int:
    """Run a show.

    Args:
        arguments: Command line arguments; None for those of the process.
        local_time: Returns the local time, for the opening hours.

    Returns:
        The exit code. 0: the show is over. 1: the network failed again and again, the display was lost, or --doctor
        found that the show cannot run. 2: the show could not go on as asked; one line on stderr says why and what to
        do. 128 + n: signal n (Ctrl-C, SIGTERM, SIGHUP, SIGQUIT) ended it; recording and statistics are complete all
        the same.
    """
    # Until here the process has done nothing but compute: its CPU time is the time since the command.
    command_began = time.perf_counter() - time.process_time()
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    accept_any_text()
    supervisor = SupervisorLink.connect()
    try:
        settings = parse_settings(arguments)
        if settings is None:
            return 0
        debug = settings.debug
        if settings.camera.list_devices:
            return _list_devices()
        if settings.window.list_displays:
            return _list_displays()
        if settings.remote.list_controls:
            say(list_controls())
            return 0
        if settings.doctor:
            # Its modules take time to load, and a show needs none of them.
            from live.doctor.command import diagnose

            return diagnose(settings)
        if supervisor:
            settings = _under_supervision(settings, supervisor)
        with end_on_signals() as ending, queued_output(), _log(settings):
            try:
                run(settings, ShowStats(command_began), ending, supervisor, local_time)
            except ShowError as error:
                return _refuse(error, debug)
            except Exception:
                note(traceback.format_exc(), trouble=True)
                raise
        return ending.exit_code
    except ShowError as error:
        return _refuse(error, debug)


def _log(settings: Settings) -> AbstractContextManager[None]:
    if settings.monitoring.log is None:
        return nullcontext()
    # Its modules take time to load.
    from live.monitoring.log_file import log_to

    return log_to(settings.monitoring.log)


def _under_supervision(settings: Settings, supervisor: SupervisorLink) -> Settings:
    """Return the settings of a process that may be one of several of the same show.

    Raises:
        SettingsError: The show opens no window.
    """
    if settings.headless:
        raise SettingsError("--supervise keeps a window alive; leave out --headless")
    if settings.monitoring.log:
        supervisor.tell(log=str(settings.monitoring.log.absolute()))
    recording = settings.recording
    if recording.record and (supervisor.restarts or not recording.overwrite):
        # The process before, or the show before a power cut, has recorded too.
        recording = replace(recording, record=numbered(recording.record))
    seed = None if settings.seed is None else settings.seed + supervisor.restarts
    return replace(settings, recording=recording, seed=seed)


def _refuse(error: ShowError, debug: bool) -> int:
    """Print an error and return the exit code that it means."""
    if debug:
        traceback.print_exc()
    report(error)
    return FAILURE_EXIT_CODE if isinstance(error, NetworkFailedError | DisplayLostError) else USER_ERROR_EXIT_CODE


@dataclass(frozen=True)
class _Plan:
    """Everything of which a show is made, in a window and without."""

    settings: Settings
    bundle: Bundle
    camera: CameraFollower
    facts: ShowFacts
    values: Mapping[str, float]
    """Parameters that do not begin at their default."""
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


def run(
    settings: Settings,
    stats: ShowStats,
    ending: Ending,
    supervisor: SupervisorLink | None = None,
    local_time: Callable[[], datetime] = datetime.now,
) -> None:
    """Run the show that the settings describe, until it is over or a signal ends it.

    The statistics are written however it ends.

    Args:
        settings: The settings.
        stats: Measurements of the show.
        ending: Ends the show early.
        supervisor: Link to the process that supervises this one; None if there is none.
        local_time: Returns the local time, for the opening hours.

    Raises:
        ShowError: The show cannot go on as asked.
    """
    bundle = read_bundle(settings.model, settings.timeline.tail)
    check_mode(bundle, settings.camera.mode)
    facts = ShowFacts(
        title=bundle.title,
        model=bundle.name,
        size=(bundle.graph.height, bundle.graph.width),
        frame_rate=float(bundle.frame_rate),
        seed=secrets.randbelow(2**32) if settings.seed is None else settings.seed,
        restarts=supervisor.restarts if supervisor else 0,
    )
    preset = read_preset(settings.remote.preset).values if settings.remote.preset else {}
    state = read_state(supervisor.state) if supervisor else None
    values = {**preset, **settings.parameters.given(), **(state.parameters if state else {})}
    readings = Readings()
    given = settings.timeline.opening_hours
    hours = OpeningHours(*given, now=local_time) if given else None
    with (
        closing(_open_camera(settings, bundle)) as camera,
        watched(settings.monitoring, facts, stats, readings),
    ):
        readings.camera, readings.camera_trouble = lambda: camera.status, lambda: camera.trouble
        plan = _Plan(settings, bundle, camera, facts, values, stats, readings, supervisor, state, hours)
        ending.last_words = lambda: _write_stats(plan)
        try:
            (_render if settings.headless else _play_in_window)(plan, ending.stopping)
        except BaseException:
            # What ended the show is the news, not that the statistics cannot be written either.
            with suppress(ShowError):
                _write_stats(plan)
            raise
        _write_stats(plan)


def _write_stats(plan: _Plan) -> None:
    if plan.settings.stats:
        write_stats(plan.settings.stats, plan.facts, plan.stats)


def _list_devices() -> int:
    from live.camera.devices import device_lines, list_devices

    lines = list(device_lines(list_devices()))
    say("\n".join(lines) if lines else "no webcams")
    return 0


def _list_displays() -> int:
    _hide_greeting()
    from live.display.displays import connect, display_lines, list_displays

    connect()
    say("\n".join(display_lines(list_displays())))
    return 0


def _hide_greeting() -> None:
    """Let pygame print no greeting when it is imported. Rendering does not need it at all."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")


def _open_camera(settings: Settings, bundle: Bundle) -> CameraFollower:
    source = open_source(
        settings.camera,
        size=(bundle.graph.height, bundle.graph.width),
        frame_rate=bundle.frame_rate,
        headless=settings.headless,
        wait=settings.wait,
    )
    return CameraFollower(
        source,
        mode=settings.camera.mode,
        frame_rate=bundle.frame_rate,
        inputs=bundle.graph.inputs,
    )


def _render(plan: _Plan, stopping: threading.Event) -> None:
    recording = plan.settings.recording
    recorder = None
    if recording.record:
        file = VideoFile(
            recording.record,
            size=plan.facts.size,
            frame_rate=plan.bundle.frame_rate,
            codec=recording.record_codec,
            overwrite=recording.overwrite,
        )
        recorder = Recorder(file, wait=True)
        plan.readings.sinks["recording"] = lambda: str(file.path)
    try:
        playback = _prepare(plan)
        render(playback.timeline, recorder, plan.stats, stopping)
    finally:
        failure = recorder.close() if recorder else None
    if failure:
        raise failure


def _play_in_window(plan: _Plan, stopping: threading.Event) -> None:
    _hide_greeting()
    from live.controls.remote import open_remote_controls
    from live.display.window import StageWindow
    from live.outputs.virtual_camera import VirtualCamera
    from live.show.parts import ShowParts
    from live.show.show import Show

    if plan.begins_closed:
        plan.camera.rest(True)
    if plan.settings.wait and not _display_is_there(plan, stopping):
        return
    settings, facts, stats, rate = plan.settings, plan.facts, plan.stats, plan.bundle.frame_rate
    supervisor, state, first_picture = plan.supervisor, plan.state, _first_picture(plan)
    if supervisor and settings.window.starts_fullscreen:
        look = {name: getattr(settings.window, name) for name in BACKDROP_OPTIONS}
        pixels = np.ascontiguousarray(first_picture).data
        supervisor.ask_for_backdrop(pixels, facts.size, title=facts.title, window_options=look)
    files = FileWorker()
    recordings = Recordings(settings.recording, stem=facts.model, size=facts.size, frame_rate=rate, files=files)
    virtual_camera = None
    if settings.virtual_camera.virtual_camera:
        virtual_camera = VirtualCamera(settings.virtual_camera, rate)
        plan.readings.sinks["virtual_camera"] = lambda: virtual_camera.state if virtual_camera else ""
    plan.readings.sinks["recording"] = lambda: str(recordings.path or "")
    if supervisor and settings.window.starts_fullscreen:
        supervisor.wait_for_backdrop()
    with (
        closing(recordings),
        closing(virtual_camera) if virtual_camera else nullcontext(),
        open_remote_controls(settings.remote, files, wait=settings.wait) as remote,
        StageWindow(f"{facts.title} · Ninety Seconds After", facts.size, settings.window) as window,
    ):
        plan.readings.waiting.append(lambda: remote.missing)
        # The first picture is shown while the network is still being opened.
        window.present(first_picture)
        stats.mark_first_picture()
        playback = _prepare(plan)
        # Loaded now, so that the first use of feedback does not delay a frame.
        playback.generator.feedback.warm_up()
        recalled = (state.preset, state.other_preset) if state else ()
        presets = Presets(settings.remote.presets, *recalled)
        parts = ShowParts(playback, window, remote, presets, recordings, virtual_camera, files, supervisor, plan.hours)
        Show(parts, facts, settings.window, stats, state).run(stopping)
        stats.mark_end()


def _display_is_there(plan: _Plan, stopping: threading.Event) -> bool:
    """Wait for the display. Return False if `stopping` is set before it comes."""
    from live.display.displays import open_display

    def tell() -> None:
        if plan.supervisor:
            plan.supervisor.tell(waiting=search.missing)
            if plan.supervisor.lost:
                stopping.set()

    wanted = plan.settings.window.display
    search = Search(f"display {wanted}", lambda: open_display(wanted))
    plan.readings.waiting.append(lambda: search.missing)
    return search.wait(stopping, tell) is not None


def _first_picture(plan: _Plan) -> Pixels:
    film = plan.bundle.film
    if plan.begins_closed or not len(film.frames):
        return np.zeros(film.frames.shape[1:], np.uint8)
    first: Pixels = film.frames[-max(1, film.tail_length(plan.settings.timeline.tail, plan.bundle.frame_rate))]
    return first


def _prepare(plan: _Plan) -> Playback:
    """Open the network, connect the parts that make the frames, and print what is shown."""
    settings, options = plan.settings, plan.settings.timeline
    if settings.headless and options.seconds is None:
        options = replace(options, seconds=HEADLESS_SECONDS)
    # Without a window nothing waits for a frame: then one provider makes all of them.
    model = open_model(plan.bundle, settings.inference, plan.stats.timings, wait=settings.headless)
    plan.stats.counters.append(lambda: _count_model(plan.stats, model))
    playback = prepare_playback(
        plan.bundle,
        model,
        plan.camera,
        options,
        seed=plan.facts.seed,
        values=plan.values,
        timings=plan.stats.timings,
    )
    _announce(plan, playback)
    return playback


def _count_model(stats: ShowStats, model: ModelSlot) -> None:
    stats.provider, stats.passed_over = model.label, model.passed_over


def _announce(plan: _Plan, playback: Playback) -> None:
    bundle, facts = plan.bundle, plan.facts
    height, width = facts.size
    say(f"{facts.title} · {width}×{height} · {facts.frame_rate:.4g} frames/s · {playback.model} · seed {facts.seed}")
    # Without a camera, a mix without effect is no news.
    unused = [name for name in playback.parameters.unused if plan.camera.status or name != "camera_mix"]
    if unused:
        say(f"this model ignores {', '.join(name.replace('_', ' ') for name in unused)}")
    stored = len(bundle.film.frames) / bundle.frame_rate
    if bundle.film.complete and plan.settings.timeline.tail > stored:
        say(f"the model holds the film's last {float(stored):.1f} s: the tail begins there")
