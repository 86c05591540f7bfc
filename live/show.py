"""The show in a window: keys → newest frame → window → outputs, until the user or the timeline ends it."""

import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from live.console import report, say, warn
from live.controls.dispatcher import Dispatcher
from live.controls.preset_keys import PresetKeys
from live.controls.presets import Presets
from live.controls.remote import RemoteControls
from live.controls.table import HELP, PARAMETERS
from live.display.hud import (
    LEARNING,
    CameraReadings,
    ControlReadings,
    GeneratorReadings,
    OutputReadings,
    PlaybackReadings,
    Readings,
    hud_rows,
)
from live.display.options import WindowOptions
from live.display.panel import Rows
from live.display.presenter import Presenter
from live.display.window import StageWindow
from live.errors import OutputError
from live.frame import Frame, Pixels
from live.latest_slot import LatestSlot
from live.outputs.recordings import Recordings
from live.outputs.snapshot import save_snapshot
from live.outputs.virtual_camera import VirtualCamera
from live.playback.opening_hours import OpeningHours
from live.playback.playback import Playback
from live.playback.player import Player
from live.process.file_worker import CLOSING_SECONDS, FileWorker
from live.stats import ShowFacts, ShowStats
from live.supervision.link import SupervisorLink
from live.supervision.show_state import ShowState

# The longest wait for a frame before the loop looks at the keys again.
KEYS_SECONDS = 1 / 100
# Of a supervised show, one with each beat.
MOST_FOCUS_REQUESTS = 20
CLOSED_SECONDS = 1 / 4
# The frame rate of the HUD is that of so many frames.
FPS_FRAMES = 24
# Index of a frame that does not belong to the show: none follows it.
NO_INDEX = -2
# Parameters with a row of their own in the HUD.
ALWAYS_SHOWN = ("temperature", "speed", "camera_mix")


@dataclass(frozen=True)
class ShowParts:
    """Parts of a show in a window. `live.app` builds them."""

    playback: Playback
    window: StageWindow
    remote: RemoteControls
    presets: Presets
    recordings: Recordings
    virtual_camera: VirtualCamera | None
    files: FileWorker
    """Reads and writes the files of presets, snapshots, recordings and the MIDI map."""
    supervisor: SupervisorLink | None = None
    hours: OpeningHours | None = None
    """Hours of the day in which the show plays; None for always."""


class Show:
    """Everything that a performer sees and does.

    Args:
        parts: Parts of the show.
        facts: Names of its files, and the seed for the HUD.
        options: What the window shows at first, and where snapshots go.
        stats: Measurements of the show.
        state: Controls as the process before left them; None to begin with the options. The parameters among them are
            those of the playback already.
    """

    def __init__(
        self,
        parts: ShowParts,
        facts: ShowFacts,
        options: WindowOptions,
        stats: ShowStats,
        state: ShowState | None = None,
    ) -> None:
        self._parts = parts
        self._facts = facts
        self._options = options
        self._stats = stats
        self._quitting = False
        self._focus_requests = MOST_FOCUS_REQUESTS
        self._closed = False
        self._frames: LatestSlot[Frame] = LatestSlot()
        playback = parts.playback
        self._player = Player(playback.timeline, playback.clock, self._frames, before_frame=self._glide)
        self._preset_keys = PresetKeys(parts.presets, playback.parameters, self._player.do, parts.files)
        self._presenter = Presenter(parts.window, options, stats, help_rows=HELP, hud_rows=self._hud_rows)
        self._dispatcher = self._connect_controls()
        stats.counters.append(self._count)
        if state:
            self._take_up(state)

    def run(self, stopping: threading.Event) -> None:
        """Play, once, until the timeline is over, the user quits or `stopping` is set."""
        parts = self._parts
        # Before the first frame. Opening time may have come while the network was opened.
        self._keep_hours()
        parts.playback.camera.rest(self._closed)
        self._player.start()
        try:
            while not (self._quitting or parts.window.closed or stopping.is_set() or self._frames.finished):
                if parts.supervisor and parts.supervisor.lost:
                    warn("the supervisor has ended, and the show ends with it")
                    break
                for key in parts.window.poll():
                    self._dispatcher.press(key)
                self._dispatcher.run_pending(parts.remote.pending)
                self._preset_keys.run_file_tasks()
                parts.files.run_finished()
                self._keep_hours()
                frame = self._take_frame()
                self._presenter.present(frame, rate=parts.playback.clock.rate, paused=self._player.paused)
                if frame:
                    self._offer(frame)
                elif self._player.paused or self._closed:
                    self._stats.mark_paused()
                if frame or self._player.paused or self._closed:
                    self._beat()
        finally:
            try:
                self._player.stop()
            finally:
                self._finish_files()

    def _take_frame(self) -> Frame | None:
        """Return the next frame; None if none comes soon or the show is closed."""
        if not self._closed:
            return self._frames.take(timeout=KEYS_SECONDS)
        # One that was being made when the show closed.
        self._frames.take(timeout=CLOSED_SECONDS)
        return None

    def _keep_hours(self) -> None:
        """Close or open the show if it is time."""
        parts, player = self._parts, self._player
        if parts.hours is None or self._closed != parts.hours.is_open:
            return
        self._closed = self._stats.closed = not self._closed
        parts.playback.camera.rest(self._closed)
        if self._closed:
            say(f"closed (--hours {parts.hours})")
            player.do(lambda: player.rest(True))
            black = np.zeros((*self._facts.size, 3), np.uint8)
            self._presenter.hold(Frame(black, NO_INDEX, 0.0, time.perf_counter(), cut=True))
            if parts.virtual_camera and self._presenter.newest:
                parts.virtual_camera.offer(self._presenter.newest)
        else:
            say(f"open (--hours {parts.hours})")
            player.do(parts.playback.timeline.go_on)
            player.do(lambda: player.rest(False))

    def _finish_files(self) -> None:
        """Finish what keys and messages asked of the disk, unless the disk hangs."""
        end = time.monotonic() + CLOSING_SECONDS
        self._preset_keys.finish(CLOSING_SECONDS)
        self._parts.files.close(end - time.monotonic())
        self._parts.files.run_finished()

    def _count(self) -> None:
        """Bring the counts of the parts up to date in the measurements."""
        parts, stats = self._parts, self._stats
        stats.collapses = parts.playback.timeline.collapses
        stats.late_frames = parts.playback.clock.late
        stats.dropped_frames = self._frames.dropped
        stats.dropped_from_recording = parts.recordings.dropped
        stats.dropped_from_virtual_camera = parts.virtual_camera.dropped if parts.virtual_camera else 0
        stats.osc = parts.remote.osc_summary()

    def _offer(self, frame: Frame) -> None:
        """Offer a frame to the outputs, none of which waits."""
        with self._stats.timings.section("sinks"):
            visible = self._presenter.visible(frame)
            self._parts.recordings.offer(visible)
            if self._parts.virtual_camera:
                self._parts.virtual_camera.offer(visible)

    def _beat(self) -> None:
        """Tell the supervisor that a frame was presented, or that a paused show is alive."""
        supervisor, newest = self._parts.supervisor, self._presenter.newest
        if supervisor is None or newest is None or not supervisor.due:
            return
        pixels = np.ascontiguousarray(self._presenter.visible(newest).pixels)
        window = self._parts.window
        if self._focus_requests and window.fullscreen:
            # A window manager may have left it under the backdrop, which had the keys until now. A single request may
            # come too early; later ones would be in the way of somebody who uses the desktop.
            self._focus_requests = 0 if window.has_focus else self._focus_requests - 1
            if self._focus_requests:
                window.take_focus(above=True)
        supervisor.beat(self._state().as_json(), pixels.data, self._facts.size, fullscreen=window.fullscreen)

    def _state(self) -> ShowState:
        playback = self._parts.playback
        preset, other_preset = self._parts.presets.recalled
        return ShowState(
            parameters=playback.parameters.values(),
            preset=preset,
            other_preset=other_preset,
            follows_camera=playback.camera.mode == "camera",
            mirror=playback.camera.mirror,
            guard=playback.timeline.guarded,
            blackout=self._presenter.blackout,
        )

    def _take_up(self, state: ShowState) -> None:
        """Set the controls as the process before left them. The player does not run yet."""
        playback = self._parts.playback
        playback.camera.set_mode(state.follows_camera)
        playback.camera.set_mirror(state.mirror)
        playback.timeline.guard(state.guard)
        self._presenter.toggle_blackout(state.blackout)

    def _glide(self) -> None:
        self._parts.playback.parameters.advance(1 / self._parts.playback.clock.rate)

    def _connect_controls(self) -> Dispatcher:
        """Connect every action of the table. What changes the frames runs in the player's thread."""
        parts, player, presenter, presets = self._parts, self._player, self._presenter, self._preset_keys
        timeline, camera = parts.playback.timeline, parts.playback.camera
        return Dispatcher(
            {
                "reseed_from_end": lambda: player.do(timeline.reseed_from_end),
                "reseed_from_tail": lambda: player.do(timeline.reseed_from_tail),
                "reseed_from_camera": lambda: player.do(timeline.reseed_from_camera),
                "mode": lambda wanted: player.do(lambda: camera.set_mode(wanted)),
                "mirror": lambda wanted: player.do(lambda: camera.set_mirror(wanted)),
                "freeze": lambda wanted: player.do(lambda: player.pause(wanted)),
                "single_step": lambda: player.do(player.single_step),
                "guard": lambda wanted: player.do(lambda: timeline.guard(wanted)),
                "blackout": self._toggle_blackout,
                "recall": presets.recall,
                "store": presets.store,
                "other_preset": presets.recall_other,
                "learn": parts.remote.learn,
                "snapshot": self._take_snapshot,
                "record": parts.recordings.toggle,
                "hud": presenter.toggle_hud,
                "help": presenter.toggle_help,
                "fullscreen": parts.window.toggle_fullscreen,
                "quit": self._quit,
            },
            parts.playback.parameters,
            do=player.do,
            learning=parts.remote.learning,
            touch=parts.remote.touch,
        )

    def _toggle_blackout(self, wanted: bool | None) -> None:
        self._presenter.toggle_blackout(wanted)
        # The virtual camera repeats its last picture: a frozen one too must turn black at once, and come back.
        if self._parts.virtual_camera and self._presenter.newest:
            self._parts.virtual_camera.offer(self._presenter.visible(self._presenter.newest))

    def _take_snapshot(self) -> None:
        newest = self._presenter.newest
        if newest is None:
            return
        pixels = self._presenter.visible(newest).pixels
        save = partial(_save_snapshot, pixels, self._options.snapshots, self._facts.model)
        self._parts.files.submit("a snapshot", save)

    def _quit(self) -> None:
        self._quitting = True

    def _hud_rows(self, frame: Frame) -> Rows:
        if self._presenter.shows_hud:
            return hud_rows(self._readings(frame))
        # Keys do not have their usual effect while the map learns, so that is always shown.
        return (LEARNING,) if self._parts.remote.learning() else ()

    def _readings(self, frame: Frame) -> Readings:
        parts, stats, playback = self._parts, self._stats, self._parts.playback
        parameters, camera = playback.parameters, parts.virtual_camera
        step, latency = stats.timings["step"], stats.timings["latency"]
        osc, midi = parts.remote.osc_summary(), parts.remote.midi
        intervals = stats.timings["interval"].newest(FPS_FRAMES)
        return Readings(
            PlaybackReadings(
                fps=len(intervals) / intervals.sum() if len(intervals) else 0.0,
                wanted_fps=playback.clock.rate,
                late=playback.clock.late,
                dropped=self._frames.dropped,
                seconds_after_end=frame.seconds_after_end,
                speed=parameters["speed"],
                paused=self._player.paused,
                blackout=self._presenter.blackout,
                closed=self._closed,
            ),
            GeneratorReadings(
                step_p50=step.percentile(50),
                step_p99=step.percentile(99),
                provider=str(playback.model),
                seed=self._facts.seed,
                temperature=None if "temperature" in parameters.unused else parameters["temperature"],
                feedback={
                    each.name: parameters[each.name]
                    for each in PARAMETERS
                    if each.name not in (*ALWAYS_SHOWN, *parameters.unused) and parameters[each.name] != each.default
                },
                collapses=playback.timeline.collapses,
                guarded=playback.timeline.guarded,
            ),
            CameraReadings(
                status=playback.camera.status,
                latency_p50=latency.percentile(50),
                latency_p95=latency.percentile(95),
                late=stats.late_live_frames,
                smooth=self._options.smooth,
            ),
            OutputReadings(
                recording=parts.recordings.path.name if parts.recordings.path else "",
                dropped_from_recording=parts.recordings.dropped,
                virtual_camera=camera.state if camera else "",
                dropped_from_virtual_camera=camera.dropped if camera else 0,
            ),
            ControlReadings(
                osc_messages=osc["messages"] if osc else None,
                osc_refused=osc["refused"] if osc else 0,
                osc_dropped=osc["dropped"] if osc else 0,
                midi=(midi.name or "") if midi else None,
                learning=parts.remote.learning(),
            ),
        )


def _save_snapshot(pixels: Pixels, folder: Path, stem: str) -> None:
    """Save a picture, and say so or report why not."""
    try:
        path = save_snapshot(pixels, folder, stem)
    except OutputError as error:
        report(error)
    else:
        say(f"snapshot {path}")
