"""The show in a window: keys → newest frame → present → sinks, until somebody or the episode ends it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from live.camera.camera_input import CameraFollower
from live.console import report, say
from live.controls.dispatcher import Dispatcher
from live.controls.parameters import Parameters
from live.controls.preset_keys import PresetKeys
from live.controls.presets import Presets
from live.controls.remote import RemoteControls
from live.controls.table import HELP, PARAMETERS
from live.display.crossfade import Crossfade
from live.display.hud import LEARNING, Readings, hud_rows
from live.display.options import WindowSettings
from live.display.window import Rows, StageWindow
from live.errors import OutputError
from live.frame import Frame
from live.latest_slot import LatestSlot
from live.outputs.recordings import Recordings
from live.outputs.snapshot import save_snapshot
from live.outputs.virtual_camera import VirtualCamera
from live.playback.frame_clock import FrameClock
from live.playback.player import Player
from live.playback.timeline import Timeline
from live.stats import ShowStats

# How long the loop waits for a frame before it looks at the keys again.
KEYS_SECONDS = 1 / 100
# Figures that change faster cannot be read.
HUD_SECONDS = 1 / 4
# The frame rate shown is that of so many frames.
FPS_FRAMES = 24

# These have rows of their own in the HUD.
ALWAYS_SHOWN = ("temperature", "speed", "camera_mix")


@dataclass(frozen=True)
class Labels:
    """What the show calls itself."""

    stem: str
    """Begins the names of its files."""
    provider: Callable[[], str]
    """What runs the network now."""
    seed: int


class Show:
    """Everything that a performer sees and does. It plays when `run` is called, once."""

    def __init__(
        self,
        *,
        settings: WindowSettings,
        labels: Labels,
        window: StageWindow,
        episode: Timeline,
        live: CameraFollower,
        clock: FrameClock,
        parameters: Parameters,
        hands: RemoteControls,
        presets: Presets,
        takes: Recordings,
        virtual_camera: VirtualCamera | None,
        tally: ShowStats,
    ) -> None:
        self._settings = settings
        self._labels = labels
        self._window = window
        self._episode = episode
        self._live = live
        self._clock = clock
        self._parameters = parameters
        self._hands = hands
        self._takes = takes
        self._virtual_camera = virtual_camera
        self._tally = tally
        tally.smooth = settings.smooth
        self._mailbox: LatestSlot[Frame] = LatestSlot()
        self._player = player = Player(episode, clock, self._mailbox, before_frame=self._glide)
        self._frame: Frame | None = None
        self._crossfade = Crossfade(smooth=settings.smooth)
        self._live_since: float | None = None
        self._hud: Rows = ()
        self._hud_until = 0.0
        self._shown_at = 0.0
        self._shows_hud = settings.hud
        self._shows_help = False
        self._blackout = False
        self._preset_keys = PresetKeys(presets, parameters, player)
        self._quitting = False
        self._dispatcher = Dispatcher(
            {
                "reseed_from_end": lambda: player.do(episode.reseed_from_end),
                "reseed_from_tail": lambda: player.do(episode.reseed_from_tail),
                "reseed_from_camera": lambda: player.do(episode.reseed_from_camera),
                "mode": lambda wanted: player.do(lambda: live.follow(wanted)),
                "mirror": lambda wanted: player.do(lambda: live.reflect(wanted)),
                "freeze": lambda wanted: player.do(lambda: player.pause(wanted)),
                "single_step": lambda: player.do(player.single_step),
                "guard": lambda wanted: player.do(lambda: episode.guard(wanted)),
                "blackout": self._toggle_blackout,
                "recall": self._preset_keys.recall,
                "store": self._preset_keys.store,
                "other_preset": self._preset_keys.recall_other,
                "learn": hands.learn,
                "snapshot": self._take_snapshot,
                "record": takes.toggle,
                "hud": self._toggle_hud,
                "help": self._toggle_help,
                "fullscreen": window.toggle_fullscreen,
                "quit": self._quit,
            },
            parameters,
            do=player.do,
            learning=hands.learning,
            touch=hands.touch,
        )

    def run(self, stopping: threading.Event) -> None:
        """Play until the episode is over, the user quits or `stopping` is set."""
        self._player.start()
        try:
            while not (self._quitting or self._window.closed or stopping.is_set() or self._mailbox.finished):
                for key in self._window.poll():
                    self._dispatcher.press(key)
                self._dispatcher.grant(self._hands.wishes)
                self._preset_keys.run_errands()
                frame = self._mailbox.take(timeout=KEYS_SECONDS)
                self._present(frame)
                if frame:
                    with self._tally.timings.section("sinks"):
                        seen = self._seen(frame)
                        self._takes.offer(seen)
                        if self._virtual_camera:
                            self._virtual_camera.offer(seen)
        finally:
            self._player.stop()
            self._preset_keys.run_errands()
        self._tally.deaths = self._episode.deaths
        self._tally.late_frames = self._clock.late
        self._tally.dropped_frames = self._mailbox.dropped

    def _present(self, new: Frame | None) -> None:
        """Draw the newest frame, if it is new, not yet whole, or the window needs it."""
        if new:
            self._tally.count(new)
            self._time_interval(new)
            self._frame = new
            # Now the one before is whole, if it was not yet.
            self._time_live()
            self._live_since = new.captured_at
            self._crossfade.take(new)
        moved = self._crossfade.advance(self._clock.rate) and not self._blackout
        self._refresh_hud()
        if self._frame and (new or moved or self._window.damaged):
            began = time.perf_counter()
            with self._tally.timings.section("present"):
                self._window.present(
                    self._seen(self._frame).pixels,
                    self._hud,
                    HELP if self._shows_help else (),
                    under=None if self._blackout else self._crossfade.under,
                    share=self._crossfade.share,
                )
            self._crossfade.drawn(time.perf_counter() - began)
        if self._crossfade.share == 1:
            self._time_live()

    def _time_live(self) -> None:
        """Keep how long a camera picture took to be answered: until the frame that follows it is shown whole."""
        if self._live_since is not None:
            self._tally.show_live(self._live_since, fade=self._crossfade.seconds(self._clock.rate))
            self._live_since = None

    def _seen(self, frame: Frame) -> Frame:
        """What window and sinks get of it."""
        return replace(frame, pixels=np.zeros_like(frame.pixels)) if self._blackout else frame

    def _time_interval(self, new: Frame) -> None:
        """Keep the time since the last frame was shown, however many were dropped between; a pause is no interval."""
        now = time.perf_counter()
        if self._frame and not self._player.paused:
            self._tally.timings["interval"].add(now - self._shown_at)
        self._shown_at = now

    def _refresh_hud(self) -> None:
        now = time.perf_counter()
        if self._frame is None or now < self._hud_until:
            return
        self._hud_until = now + HUD_SECONDS
        rows: Rows = ()
        if self._shows_hud:
            rows = self._hud_rows(self._frame)
        # While it learns, the keys do not what they say.
        elif self._hands.learning():
            rows = (LEARNING,)
        self._window.damaged |= rows != self._hud
        self._hud = rows

    def _hud_rows(self, frame: Frame) -> Rows:
        step, latency = self._tally.timings["step"], self._tally.timings["latency"]
        osc, midi = self._hands.osc_summary(), self._hands.midi
        intervals = self._tally.timings["interval"].newest(FPS_FRAMES)
        return hud_rows(
            Readings(
                fps=len(intervals) / intervals.sum() if len(intervals) else 0.0,
                wanted_fps=self._clock.rate,
                generator_p50=step.percentile(50),
                generator_p99=step.percentile(99),
                late=self._clock.late,
                dropped=self._mailbox.dropped,
                seconds_after_end=frame.seconds_after_end,
                temperature=None if "temperature" in self._parameters.idle else self._parameters["temperature"],
                speed=self._parameters["speed"],
                feedback={
                    each.name: self._parameters[each.name]
                    for each in PARAMETERS
                    if each.name not in (*ALWAYS_SHOWN, *self._parameters.idle)
                    and self._parameters[each.name] != each.default
                },
                paused=self._player.paused,
                provider=self._labels.provider(),
                seed=self._labels.seed,
                recording=self._takes.path.name if self._takes.path else "",
                dropped_from_recording=self._takes.dropped,
                virtual_camera=self._virtual_camera.state if self._virtual_camera else "",
                dropped_from_virtual_camera=self._virtual_camera.dropped if self._virtual_camera else 0,
                camera=self._live.status,
                latency_p50=latency.percentile(50),
                latency_p95=latency.percentile(95),
                smooth=self._settings.smooth,
                late_live=self._tally.late_live_frames,
                deaths=self._episode.deaths,
                guarded=self._episode.guarded,
                blackout=self._blackout,
                learning=self._hands.learning(),
                osc_messages=osc["messages"] if osc else None,
                osc_refused=osc["refused"] if osc else 0,
                midi=(midi.name or "") if midi else None,
            )
        )

    def _toggle_hud(self, wanted: bool | None) -> None:
        self._shows_hud = not self._shows_hud if wanted is None else wanted
        self._hud, self._hud_until = (), 0.0
        self._window.damaged = True

    def _toggle_help(self, wanted: bool | None) -> None:
        self._shows_help = not self._shows_help if wanted is None else wanted
        self._window.damaged = True

    def _toggle_blackout(self, wanted: bool | None) -> None:
        self._blackout = not self._blackout if wanted is None else wanted
        self._window.damaged = True
        # It repeats what it was offered last: a frozen picture too turns black at once, and comes back.
        if self._virtual_camera and self._frame:
            self._virtual_camera.offer(self._seen(self._frame))

    def _quit(self) -> None:
        self._quitting = True

    def _glide(self) -> None:
        self._parameters.advance(1 / self._clock.rate)

    def _take_snapshot(self) -> None:
        if self._frame is None:
            return
        try:
            path = save_snapshot(self._seen(self._frame).pixels, self._settings.snapshots, self._labels.stem)
        except OutputError as error:
            report(error)
        else:
            say(f"snapshot {path}")
