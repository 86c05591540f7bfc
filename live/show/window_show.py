"""Opening of a show in a window: its display, its outputs, its remote controls, and then the show itself."""

import threading
from contextlib import AbstractContextManager, ExitStack, closing
from functools import partial

import numpy as np

from live.controls.presets import Presets
from live.controls.remote import open_remote_controls
from live.display.no_window import NoWindow, ShowWindow
from live.display.operator.operator_window import OperatorWindow
from live.display.screens.displays import open_display
from live.display.window import StageWindow
from live.frame import Pixels
from live.outputs.devices.sharing import open_sharing
from live.outputs.devices.sink import DeviceSink
from live.outputs.recordings import Recordings
from live.outputs.virtual_camera import VirtualCamera
from live.process.file_worker import FileWorker
from live.show.parts import ShowParts
from live.show.plan import Plan, prepare
from live.show.show import Show
from live.waiting import Search

DISPLAY_RETRY_SECONDS = 0.5
# The backdrop of a supervised show looks like its window.
BACKDROP_OPTIONS = ("display", "fit", "turn", "flip", "corners", "kiosk")


def play_in_window(plan: Plan, stopping: threading.Event) -> None:
    """Open the parts of a show in a window, or in real time without one, and play it.

    It ends when it is over or `stopping` is set.

    Args:
        plan: The show.
        stopping: Ends the show between two frames.

    Raises:
        ShowError: The show cannot go on as asked.
    """
    if plan.begins_closed:
        plan.camera.rest(True)
        if plan.audio:
            plan.audio.rest(True)
    restarted = plan.supervisor is not None and plan.supervisor.restarts > 0
    if plan.settings.opens_window and plan.settings.wait and not _display_is_there(plan, stopping):
        return
    settings, facts, stats, rate = plan.settings, plan.facts, plan.stats, plan.form.frame_rate
    supervisor, state, first_picture = plan.supervisor, plan.state, _first_picture(plan)
    if supervisor and settings.window.starts_fullscreen:
        look = {name: getattr(settings.window, name) for name in BACKDROP_OPTIONS}
        pixels = np.ascontiguousarray(first_picture).data
        supervisor.ask_for_backdrop(pixels, facts.size, title=facts.title, window_options=look)
    files = FileWorker()
    with ExitStack() as stack:
        recordings = stack.enter_context(
            closing(
                Recordings(
                    settings.recording,
                    stem=facts.model,
                    size=facts.size,
                    frame_rate=rate,
                    files=files,
                    # The process before, or the show before a power cut, has recorded too.
                    number=supervisor is not None and (restarted or not settings.recording.overwrite),
                    required=not settings.wait,
                    film_has_sound=plan.film_has_sound,
                )
            )
        )
        plan.readings.sinks["recording"] = lambda: str(recordings.path or "")
        virtual_camera = None
        if settings.virtual_camera.virtual_camera:
            virtual_camera = stack.enter_context(
                closing(VirtualCamera(settings.virtual_camera, rate, smooth=settings.window.smooth))
            )
            plan.readings.sinks["virtual_camera"] = lambda: virtual_camera.state if virtual_camera else ""
        shared = open_sharing(settings.sharing, rate, smooth=settings.window.smooth)
        for sink in shared:
            stack.enter_context(closing(sink))
            plan.readings.sinks[sink.name] = partial(_state_of, sink)
        if supervisor and settings.window.starts_fullscreen:
            supervisor.wait_for_backdrop()
        remote = stack.enter_context(
            open_remote_controls(settings.remote, files, wait=settings.wait, map_required=not restarted)
        )
        window = stack.enter_context(_window(plan))
        operator = stack.enter_context(closing(_operator_window(plan))) if settings.window.operator else None
        plan.readings.waiting.append(lambda: remote.missing)
        plan.readings.waiting.append(lambda: window.unplugged and f"display {window.unplugged} was unplugged")
        # The first picture is shown while the network is still being opened.
        window.present(first_picture)
        stats.mark_first_picture()
        playback = prepare(plan)
        # Loaded now, so that the first effect does not delay a frame.
        playback.effects.warm_up()
        recalled = (state.preset, state.other_preset) if state else ()
        presets = Presets(settings.remote.presets, *recalled)
        parts = ShowParts(
            playback,
            window,
            remote,
            presets,
            recordings,
            virtual_camera,
            files,
            operator,
            supervisor,
            plan.hours,
            shared,
        )
        Show(parts, facts, settings.window, stats, state).run(stopping)
        stats.mark_end()


def _display_is_there(plan: Plan, stopping: threading.Event) -> bool:
    """Wait for the display. Return False if `stopping` is set before it comes."""

    def tell() -> None:
        if plan.supervisor:
            plan.supervisor.tell(waiting=search.missing)
            if plan.supervisor.lost:
                stopping.set()

    wanted = plan.settings.window.display
    search = Search(f"display {wanted}", lambda: open_display(wanted))
    plan.readings.waiting.append(lambda: search.missing)
    return search.wait(stopping, tell, retry_seconds=DISPLAY_RETRY_SECONDS) is not None


def _state_of(sink: DeviceSink) -> str:
    return sink.state


def _window(plan: Plan) -> AbstractContextManager[ShowWindow]:
    options = plan.settings.window
    if options.no_window:
        return NoWindow()
    return StageWindow(f"{plan.facts.title} · Ninety Seconds After", plan.facts.size, options)


def _operator_window(plan: Plan) -> OperatorWindow:
    options = plan.settings.window
    wanted = options.operator if isinstance(options.operator, str) else None
    audience = None if options.no_window else options.display
    return OperatorWindow(f"{plan.facts.title} · operator", wanted, audience)


def _first_picture(plan: Plan) -> Pixels:
    bundle, form = plan.bundles[plan.begins_with - 1], plan.form
    film = bundle.film
    if plan.begins_closed or not len(film.frames):
        return np.zeros((*form.size, 3), np.uint8)
    first: Pixels = film.frames[-max(1, film.tail_length(plan.settings.timeline.tail, bundle.frame_rate))]
    return form.fitted(first)
