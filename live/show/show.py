"""The show in a window: keys → newest frame → window → outputs, until the user or the timeline ends it."""

import threading
import time

import numpy as np

from live.console import LOGGER, answer, say, warn
from live.controls.preset_keys import PresetKeys
from live.controls.table import HELP
from live.display.options import WindowOptions
from live.display.panels.hud import LEARNING, hud_rows
from live.display.panels.panel import Rows
from live.display.presenter import Presenter
from live.frame import Frame
from live.latest_slot import LatestSlot
from live.playback.player import Player
from live.process.file_worker import CLOSING_SECONDS
from live.show.actions import connect_actions, repeat_on_devices, submit_snapshot
from live.show.control_state import ControlState
from live.show.heartbeat import Heartbeat, take_up
from live.show.hud_readings import read_for_hud
from live.show.notices import Notices
from live.show.operator_readings import OperatorReadings
from live.show.parts import ShowParts
from live.stats import ShowFacts, ShowStats
from live.supervision.show_state import ShowState

# The longest wait for a frame before the loop looks at the keys again.
KEYS_SECONDS = 1 / 100
CLOSED_SECONDS = 1 / 4
# Index of a frame that does not belong to the show: none follows it.
NO_INDEX = -2


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
        self._stats = stats
        self._began = time.monotonic()
        self._quitting = False
        self._camera_trouble = ""
        self._unplugged = ""
        self._frames: LatestSlot[Frame] = LatestSlot()
        playback = parts.playback
        self._player = Player(playback, playback.clock, self._frames, before_frame=self._move_parameters)
        self._preset_keys = PresetKeys(parts.presets, playback.parameters, self._player.do, parts.files, playback)
        self._notices = Notices()
        self._presenter = Presenter(
            parts.window,
            options,
            stats,
            help=HELP,
            hud_rows=self._hud_rows,
            notices=self._notices.lines,
            is_clean=lambda: parts.operator is not None and parts.operator.is_open,
        )
        self._heartbeat = Heartbeat(parts, self._presenter, stats)
        self._dispatcher = connect_actions(
            parts,
            self._player,
            self._presenter,
            self._preset_keys,
            take_snapshot=lambda: submit_snapshot(parts, self._presenter, options.snapshots, facts.model),
            quit=self._quit,
        )
        stats.counters.append(self._count)
        if state:
            take_up(state, parts, self._presenter)

    def run(self, stopping: threading.Event) -> None:
        """Play, once, until the timeline is over, the user quits or `stopping` is set."""
        parts, stats = self._parts, self._stats
        # Before the first frame. Opening time may have come while the network was opened.
        self._keep_hours()
        parts.playback.camera.rest(stats.closed)
        if parts.playback.audio:
            parts.playback.audio.rest(stats.closed)
        LOGGER.addHandler(self._notices)
        self._player.start()
        if parts.operator:
            readings = OperatorReadings(parts, self._facts, stats, self._presenter, self._player, self._notices.lines)
            parts.operator.start(readings.read)
        state = ControlState(parts, self._facts, self._player, self._presenter, self._preset_keys)
        parts.remote.follow(state.read)
        try:
            while not (self._quitting or parts.window.closed or stopping.is_set() or self._frames.finished):
                if parts.supervisor and parts.supervisor.lost:
                    warn("the supervisor has ended, and the show ends with it")
                    break
                self._take_keys()
                self._dispatcher.run_pending(parts.remote.pending)
                self._preset_keys.run_file_tasks()
                parts.files.run_finished()
                parts.recordings.report_finished()
                self._tell_camera_trouble()
                self._tell_unplugged()
                self._keep_hours()
                frame = self._take_frame()
                self._presenter.present(frame, rate=parts.playback.clock.rate, paused=self._player.paused)
                if frame:
                    self._offer(frame)
                elif self._presenter.light_changed:
                    # A frozen picture, too.
                    repeat_on_devices(parts, self._presenter)
                if not frame and (self._player.paused or stats.closed):
                    stats.mark_paused()
                self._heartbeat.beat()
        finally:
            try:
                self._player.stop()
            finally:
                LOGGER.removeHandler(self._notices)
                self._finish_files()

    def _take_keys(self) -> None:
        """Do what was asked for with keys, in both windows."""
        window, operator = self._parts.window, self._parts.operator
        for key in window.poll():
            self._dispatcher.press(key)
        if operator:
            for key in operator.poll():
                self._dispatcher.press(key)
        self._dispatcher.hold(window.held_key or (operator.held_key if operator else None))

    def _take_frame(self) -> Frame | None:
        """Return the next frame; None if none comes soon or the show is closed."""
        if not self._stats.closed:
            return self._frames.take(timeout=KEYS_SECONDS)
        # One that was being made when the show closed.
        self._frames.take(timeout=CLOSED_SECONDS)
        return None

    def _keep_hours(self) -> None:
        """Close or open the show if it is time."""
        parts, player = self._parts, self._player
        if parts.hours is None or self._stats.closed != parts.hours.is_open:
            return
        closes = self._stats.closed = not self._stats.closed
        parts.playback.camera.rest(closes)
        if parts.playback.audio:
            parts.playback.audio.rest(closes)
        if closes:
            say(f"closed (--hours {parts.hours})")
            player.do(lambda: player.rest(True))
            black = np.zeros((*self._facts.size, 3), np.uint8)
            self._presenter.hold(Frame(black, NO_INDEX, 0.0, cut=True))
            repeat_on_devices(parts, self._presenter)
        else:
            say(f"open (--hours {parts.hours})")
            player.do(lambda: parts.playback.timeline.go_on())
            player.do(lambda: player.rest(False))

    def _tell_camera_trouble(self) -> None:
        """Tell the performer once that the source is silent. The monitor notes it in the log."""
        trouble = self._parts.playback.camera.trouble
        if trouble and not self._camera_trouble:
            answer(f"camera: {trouble}")
        self._camera_trouble = trouble

    def _tell_unplugged(self) -> None:
        """Tell once that the window's display is not there, or is there again."""
        before, self._unplugged = self._unplugged, self._parts.window.unplugged
        if self._unplugged and not before:
            warn(f"display {self._unplugged} was unplugged; the show goes on, and returns to it")
        elif before and not self._unplugged:
            say(f"display {before} is there")

    def _finish_files(self) -> None:
        """Finish what keys and messages asked of the disk, unless the disk hangs."""
        end = time.monotonic() + CLOSING_SECONDS
        self._preset_keys.finish(CLOSING_SECONDS)
        self._parts.files.close(end - time.monotonic())
        self._parts.files.run_finished()

    def _count(self) -> None:
        """Bring the counts of the parts up to date in the measurements."""
        parts, stats = self._parts, self._stats
        stats.collapses = parts.playback.models.collapses
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
            for device in self._parts.devices:
                device.offer(visible, self._parts.playback.clock.rate)

    def _move_parameters(self) -> None:
        playback = self._parts.playback
        playback.parameters.advance(1 / playback.clock.rate)
        playback.modulate(time.monotonic() - self._began, self._parts.remote.beat.position)

    def _quit(self) -> None:
        self._quitting = True

    def _hud_rows(self, frame: Frame) -> Rows:
        if self._presenter.hud_size != "off":
            paused, blackout = self._player.paused, self._presenter.is_dark
            readings = read_for_hud(self._parts, self._facts, self._stats, frame, paused=paused, blackout=blackout)
            return hud_rows(readings, machine=self._presenter.hud_size == "large")
        # Keys do not have their usual effect while the map learns, so that is always shown.
        return (LEARNING,) if self._parts.remote.learning() else ()
