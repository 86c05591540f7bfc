"""The command: builds the parts of a show and runs it, in a window or without."""

import math
import os
import secrets
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from live.audio.open_input import open_audio
from live.bundle.bundle import Bundle, read_bundle
from live.camera.camera_input import CameraFollower
from live.camera.open_source import open_source
from live.console import accept_any_text, note, report, say
from live.controls.presets import Preset, read_preset
from live.controls.reference import list_controls
from live.errors import DisplayLostError, NetworkFailedError, SettingsError, ShowError
from live.inference.trial.trial import Trial
from live.monitoring.monitor import Readings, watched
from live.outputs.recorder import Recorder, create_file, resampling
from live.outputs.seamless_loop import LoopRecorder, SeamlessLoop
from live.playback.mode import check_mode
from live.playback.opening_hours import OpeningHours
from live.process.ending import Ending, end_on_signals
from live.process.queued_output import queued_output
from live.process.thread_failures import noted_thread_failures
from live.render import render
from live.settings import DEFAULT_MODEL, Settings, SettingsFile, parse_settings
from live.show.left_out import LeftOut
from live.show.plan import Plan, prepare
from live.stats import ShowFacts, ShowStats, write_stats
from live.supervision.link import SupervisorLink
from live.supervision.show_state import read_state

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
        restarted = supervisor is not None and supervisor.restarts > 0
        file = SettingsFile(supervisor.settings_before if supervisor else None)
        settings = parse_settings(arguments, restarted=restarted, file=file)
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
            supervisor.settings_text = file.text
        with end_on_signals() as ending, queued_output(), _log(settings), noted_thread_failures():
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

    return log_to(settings.monitoring.log, required=not settings.wait)


def _under_supervision(settings: Settings, supervisor: SupervisorLink) -> Settings:
    """Return the settings of a process that may be one of several of the same show.

    Raises:
        SettingsError: The show opens no window.
    """
    if settings.headless:
        raise SettingsError("--supervise keeps a window alive; leave out --headless")
    if settings.monitoring.log:
        supervisor.tell(log=str(settings.monitoring.log.absolute()))
    if settings.seed is not None:
        settings = replace(settings, seed=settings.seed + supervisor.restarts)
    # What a show had at its first start comes back: it is no reason to refuse the next one.
    return replace(settings, wait=settings.wait or supervisor.restarts > 0)


def _refuse(error: ShowError, debug: bool) -> int:
    """Print an error and return the exit code that it means."""
    if debug:
        traceback.print_exc()
    report(error)
    return FAILURE_EXIT_CODE if isinstance(error, NetworkFailedError | DisplayLostError) else USER_ERROR_EXIT_CODE


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
    left_out = LeftOut(allowed=supervisor is not None and supervisor.restarts > 0)
    if supervisor and supervisor.settings_before is not None:
        left_out.add(
            f"the show did not start with {settings.settings} as it is now; it goes on with the settings it had before"
        )
    bundles = _read_bundles(settings, left_out)
    bundle = bundles[0]
    facts = ShowFacts(
        title=bundle.title,
        model=bundle.name,
        size=(bundle.graph.height, bundle.graph.width),
        frame_rate=float(bundle.frame_rate),
        seed=secrets.randbelow(2**32) if settings.seed is None else settings.seed,
        restarts=supervisor.restarts if supervisor else 0,
    )
    state = read_state(supervisor.state) if supervisor else None
    # The state of the process before says more, and the file may be gone.
    given_preset = settings.remote.preset
    preset = left_out.attempt(lambda: read_preset(given_preset)) if given_preset and not state else None
    preset = preset or Preset({})
    table = left_out.attempt(settings.effects.lookup_table)
    wanted = state.model if state else preset.model or 1
    # A show that was started again may have fewer models than before.
    begins_with = wanted if wanted <= len(bundles) or not left_out.allowed else 1
    if begins_with > len(bundles):
        raise SettingsError(
            f"model {begins_with} is to play, and the show has {len(bundles)}; give --model once more, or fix --preset"
        )
    values = {**preset.values, **settings.parameters.given(), **(state.parameters if state else {})}
    modulation = state.bindings if state else preset.modulation
    readings = Readings()
    # The program's own model is as good as the program, and that of the process before has played.
    known = state is not None or bundles[begins_with - 1].folder.resolve() == DEFAULT_MODEL.resolve()
    given = settings.timeline.opening_hours
    hours = OpeningHours(*given, now=local_time) if given else None
    with (
        nullcontext() if known else closing(Trial(bundles[begins_with - 1], settings.inference)) as trial,
        closing(_open_camera(settings, bundle, left_out)) as camera,
        ExitStack() as stack,
        watched(settings.monitoring, facts, stats, readings, wait=settings.wait),
    ):
        audio = left_out.attempt(lambda: open_audio(settings.audio, headless=settings.headless))
        left_out.tell()
        if audio:
            stack.callback(audio.close)
        readings.camera, readings.camera_trouble = lambda: camera.status, lambda: camera.trouble
        writing = threading.Lock()
        plan = Plan(
            settings,
            bundles,
            begins_with,
            trial,
            camera,
            audio,
            facts,
            values,
            modulation,
            table,
            stats,
            readings,
            supervisor,
            state,
            hours,
        )
        ending.last_words = lambda: _write_stats(plan, writing)
        try:
            (_render if settings.headless else _play_in_window)(plan, ending.stopping)
        except BaseException:
            # What ended the show is the news, not that the statistics cannot be written either.
            with suppress(ShowError):
                _write_stats(plan, writing)
            raise
        _write_stats(plan, writing)


def _write_stats(plan: Plan, writing: threading.Lock) -> None:
    if plan.settings.stats:
        with writing:
            write_stats(plan.settings.stats, plan.facts, plan.stats)


def _list_devices() -> int:
    from live.camera.devices import device_lines, list_devices

    lines = list(device_lines(list_devices()))
    say("\n".join(lines) if lines else "no webcams")
    return 0


def _list_displays() -> int:
    _hide_greeting()
    from live.display.screens.displays import connect, display_lines, list_displays

    connect()
    say("\n".join(display_lines(list_displays())))
    return 0


def _hide_greeting() -> None:
    """Let pygame print no greeting when it is imported."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")


def _read_bundles(settings: Settings, left_out: LeftOut) -> Sequence[Bundle]:
    """Return the models of the show, at least one."""

    def read(folder: Path) -> Bundle:
        bundle = read_bundle(folder, settings.timeline.tail)
        check_mode(bundle, settings.camera.mode)
        return bundle

    found = [left_out.attempt(partial(read, folder)) for folder in settings.model]
    bundles = [bundle for bundle in found if bundle]
    # Without any there is nothing to play: then the first one's error is the show's.
    return bundles or [read(settings.model[0])]


def _open_camera(settings: Settings, bundle: Bundle, left_out: LeftOut) -> CameraFollower:
    source = left_out.attempt(
        lambda: open_source(
            settings.camera,
            size=(bundle.graph.height, bundle.graph.width),
            frame_rate=bundle.frame_rate,
            headless=settings.headless,
            wait=settings.wait,
        )
    )
    return CameraFollower(
        source,
        mode=settings.camera.mode,
        frame_rate=bundle.frame_rate,
        inputs=bundle.graph.inputs,
    )


def _render(plan: Plan, stopping: threading.Event) -> None:
    recording, rate, began = plan.settings.recording, plan.form.frame_rate, time.perf_counter()
    recorder: Recorder | None = None
    sink: Recorder | LoopRecorder | None = None
    if recording.record:
        file = create_file(
            recording.record,
            recording,
            size=plan.facts.size,
            frame_rate=rate,
            overwrite=recording.overwrite,
            film_has_sound=plan.film_has_sound and not recording.loop,
        )
        recorder = sink = Recorder(file, wait=True, resampling=resampling(recording, rate))
        plan.readings.sinks["recording"] = lambda: str(file.path)
    try:
        playback = prepare(plan)
        if recorder and recording.loop:
            most_bytes = 3 * math.prod(plan.facts.size) * (playback.timeline.length or 0)
            folder, seconds = recorder.path.absolute().parent, playback.timeline.seconds_left
            loop = SeamlessLoop(recording.loop, rate, folder, most_bytes, seconds)
            sink = LoopRecorder(loop, recorder)
        render(playback, sink, plan.stats, stopping)
    finally:
        failure = sink.close() if sink else None
    if failure:
        raise failure
    if sink and sink.kept:
        say(f"recorded {sink.summary}, in {time.perf_counter() - began:.1f} s")


def _play_in_window(plan: Plan, stopping: threading.Event) -> None:
    _hide_greeting()
    # Rendering does not need pygame at all.
    from live.show.window_show import play_in_window

    play_in_window(plan, stopping)
