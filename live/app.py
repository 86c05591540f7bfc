"""Builds the parts of a show and runs it, in a window or without."""

import os
import secrets
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from types import FrameType

import numpy as np

from live.bundle.bundle import Bundle, read_bundle
from live.camera.camera_input import CameraFollower
from live.camera.open_source import open_source
from live.console import report, say
from live.controls.parameters import Parameters
from live.controls.presets import Presets, read_preset
from live.controls.table import PARAMETERS, list_controls
from live.errors import BundleError, ShowError
from live.frame import Pixels
from live.inference.generator import Generator
from live.inference.model_slot import ModelSlot
from live.inference.selection import open_model
from live.outputs.recorder import Recorder
from live.outputs.recordings import Recordings
from live.outputs.video_file import VideoFile
from live.playback.collapse_guard import CollapseGuard
from live.playback.frame_clock import FrameClock
from live.playback.timeline import Timeline
from live.render import render
from live.settings import Settings, parse_settings
from live.stats import ShowStats, write_stats

OFFLINE_SECONDS = 90.0
USER_ERROR_EXIT_CODE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a show with command line `arguments` (default: the process's own) and return the exit code.

    0: the show is over. 2: it could not go on as asked, and one line on stderr says why and what to do.
    128 + n: signal n (Ctrl-C, SIGTERM) ended it; recording and statistics are whole all the same.
    """
    # Until here the process has done nothing but compute: its CPU time is the time since the command.
    command_began = time.perf_counter() - time.process_time()
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    try:
        settings = parse_settings(arguments)
        if settings is None:
            return 0
        debug = settings.debug
        if settings.camera.list_devices:
            return _list_devices()
        if settings.hands.list_controls:
            say(list_controls())
            return 0
        with _ended_by_signals() as ending:
            run(settings, ShowStats(command_began), ending.asked)
        return ending.exit_code
    except ShowError as error:
        if debug:
            traceback.print_exc()
        report(error)
        return USER_ERROR_EXIT_CODE


def run(settings: Settings, tally: ShowStats, stopping: threading.Event) -> None:
    """Run the show that `settings` describe until it is over or `stopping` is set. Raises `ShowError`s."""
    bundle = read_bundle(settings.model, settings.tail)
    _check_mode(settings, bundle)
    seed = secrets.randbelow(2**32) if settings.seed is None else settings.seed
    preset = read_preset(settings.hands.preset).values if settings.hands.preset else {}
    values = {**preset, **settings.parameters.given()}
    with closing(_open_live_input(settings, bundle)) as live:
        plan = _Plan(settings, bundle, live, seed, values, tally)
        play = _render if settings.headless else _play_in_window
        model = play(plan, stopping)
    if settings.stats:
        write_stats(settings.stats, bundle=bundle, model=model, seed=seed, tally=tally)


@dataclass(frozen=True)
class _Plan:
    """What a show is made of."""

    settings: Settings
    bundle: Bundle
    live: CameraFollower
    seed: int
    values: Mapping[str, float]
    """Where parameters begin that do not begin at their default."""
    tally: ShowStats


def _list_devices() -> int:
    from live.camera.devices import device_lines, list_devices

    lines = list(device_lines(list_devices()))
    say("\n".join(lines) if lines else "no webcams")
    return 0


def _check_mode(settings: Settings, bundle: Bundle) -> None:
    """Whether the model can do what is asked of it. Raises `BundleError`."""
    camera = settings.camera
    if "context" not in bundle.graph.inputs and camera.mode == "film":
        raise BundleError(
            f"{settings.model} has no memory (no input `context`), so it cannot continue a film; "
            "play it with --mode camera"
        )
    if "camera" not in bundle.graph.inputs and camera.mode == "camera":
        raise BundleError(f"{settings.model} cannot follow a camera (no input `camera`); play it without --mode camera")


def _open_live_input(settings: Settings, bundle: Bundle) -> CameraFollower:
    source = open_source(
        settings.camera,
        size=(bundle.graph.height, bundle.graph.width),
        frame_rate=bundle.frame_rate,
        headless=settings.headless,
    )
    return CameraFollower(
        source,
        mode=settings.camera.mode,
        frame_rate=bundle.frame_rate,
        inputs=bundle.graph.inputs,
    )


def _render(plan: _Plan, stopping: threading.Event) -> ModelSlot:
    bundle = plan.bundle
    recording = plan.settings.recording
    recorder = None
    if recording.record:
        file = VideoFile(
            recording.record,
            size=(bundle.graph.height, bundle.graph.width),
            frame_rate=bundle.frame_rate,
            codec=recording.record_codec,
            overwrite=recording.overwrite,
        )
        recorder = Recorder(file, wait=True)
    try:
        generator, episode, _, _ = _prepare(plan)
        render(episode, recorder, plan.tally, stopping)
    finally:
        failure = recorder.close() if recorder else None
    if failure:
        raise failure
    return generator.model


def _play_in_window(plan: _Plan, stopping: threading.Event) -> ModelSlot:
    # pygame greets whoever imports it, and a show without a window does without it.
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    from live.controls.remote import open_remote_controls
    from live.display.window import StageWindow
    from live.outputs.virtual_camera import VirtualCamera
    from live.show import Labels, Show

    settings, bundle, tally = plan.settings, plan.bundle, plan.tally
    size = (bundle.graph.height, bundle.graph.width)
    takes = Recordings(settings.recording, stem=bundle.name, size=size, frame_rate=bundle.frame_rate)
    wanted = settings.virtual_camera
    camera = VirtualCamera(wanted, bundle.frame_rate) if wanted.virtual_camera else None
    title = f"{bundle.title} · Ninety Seconds After"
    with (
        closing(takes),
        closing(camera) if camera else nullcontext(),
        open_remote_controls(settings.hands) as hands,
        StageWindow(title, size, settings.window) as window,
    ):
        # The first picture stands on the wall while the network is still being opened.
        window.present(_first_picture(settings, bundle))
        tally.picture()
        generator, episode, clock, parameters = _prepare(plan)
        show = Show(
            settings=settings.window,
            labels=Labels(bundle.name, lambda: str(generator.model), plan.seed),
            window=window,
            episode=episode,
            live=plan.live,
            clock=clock,
            parameters=parameters,
            hands=hands,
            presets=Presets(settings.hands.presets),
            takes=takes,
            virtual_camera=camera,
            tally=tally,
        )
        show.run(stopping)
        tally.ended = time.perf_counter()
    tally.dropped_from_recording = takes.dropped
    tally.dropped_from_virtual_camera = camera.dropped if camera else 0
    tally.osc = hands.osc_summary()
    return generator.model


def _first_picture(settings: Settings, bundle: Bundle) -> Pixels:
    film = bundle.film
    if not len(film.frames):
        return np.zeros(film.frames.shape[1:], np.uint8)
    return film.frames[-max(1, film.tail_length(settings.tail, bundle.frame_rate))]


def _prepare(plan: _Plan) -> tuple[Generator, Timeline, FrameClock, Parameters]:
    """Open the network, make what plays it and turn its parameters; says in one line what is shown."""
    settings, bundle, live, timings = plan.settings, plan.bundle, plan.live, plan.tally.timings
    # Frames that nobody waits for are all made by the same provider.
    model = open_model(bundle, settings.inference, timings, wait=settings.headless)
    # The first noise is that of a rollout in the studio with the same seed. Everything else that is random has a stream
    # of its own: reseeding must not shift the noise.
    seed = np.random.SeedSequence(plan.seed)
    generator = Generator(model, seed, timings, float(bundle.frame_rate))
    if not settings.headless:
        # Not in the middle of the show.
        generator.feedback.warm_up()
    clock = FrameClock(bundle.frame_rate)
    own = {"temperature": generator, "speed": clock, "camera_mix": live}
    parameters = Parameters({each.name: own.get(each.name, generator.feedback) for each in PARAMETERS}, _idle(bundle))
    parameters.turn(plan.values)
    episode = Timeline(
        bundle.film,
        generator,
        live,
        frame_rate=bundle.frame_rate,
        context_frames=bundle.graph.context_frames,
        tail_seconds=settings.tail,
        seconds=OFFLINE_SECONDS if settings.headless and settings.seconds is None else settings.seconds,
        seed=seed.spawn(1)[0],
        episode_seconds=settings.episode,
        vitality=CollapseGuard(bundle.life_signs, bundle.frame_rate) if bundle.life_signs else None,
    )
    episode.guard(settings.guard)
    size = f"{bundle.graph.width}×{bundle.graph.height}"
    say(f"{bundle.title} · {size} · {float(bundle.frame_rate):.4g} frames/s · {model} · seed {plan.seed}")
    # Without a camera, how closely it is followed need not be said.
    useless = [name.replace("_", " ") for name in parameters.idle if live.status or name != "camera_mix"]
    if useless:
        say(f"the model has no use for {', '.join(useless)}")
    stored = len(bundle.film.frames) / bundle.frame_rate
    if bundle.film.complete and settings.tail > stored:
        say(f"the model holds the film's last {float(stored):.1f} s: the tail begins there")
    return generator, episode, clock, parameters


def _idle(bundle: Bundle) -> list[str]:
    """The names of the parameters that change nothing in a show of this bundle, in the table's order."""
    # Feedback is done to the context.
    needs = {"temperature": "temperature", "camera_mix": "camera_mix"}
    names = [each.name for each in PARAMETERS if each.name != "speed"]
    return [name for name in names if needs.get(name, "context") not in bundle.graph.inputs]


class _Ending:
    """Whether a signal has asked the show to end, and what the process says of it."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.exit_code = 0

    def ask(self, number: int, _frame: FrameType | None) -> None:
        """Signal handler. Who presses Ctrl-C a second time does not want to wait for the end."""
        self.exit_code = 128 + number
        self.asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _ended_by_signals() -> Iterator[_Ending]:
    """Ctrl-C and SIGTERM end the show between two frames, as Q does."""
    ending = _Ending()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, ending.ask) for number in numbers]
    try:
        yield ending
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
