"""The show in a window: keys → newest frame → present → sinks, until somebody or the episode ends it."""

import threading
import time
from dataclasses import dataclass

from live.clock import FrameClock
from live.controls import HELP, Controls
from live.episode import Episode
from live.errors import OutputError, report
from live.frames import Frame
from live.generator import Generator
from live.hud import Readings, hud_rows
from live.live_input import LiveInput
from live.mailbox import Mailbox
from live.player import Player
from live.settings import WindowSettings
from live.snapshot import save_snapshot
from live.stats import Tally
from live.takes import Takes
from live.virtual_camera import VirtualCamera
from live.window import Rows, StageWindow

# How long the loop waits for a frame before it looks at the keys again.
KEYS_SECONDS = 1 / 100
# Figures that change faster cannot be read.
HUD_SECONDS = 1 / 4
# The frame rate shown is that of so many frames.
FPS_FRAMES = 24

HOTTEST = 2.0
TEMPERATURE_STEP = 0.1
SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)


@dataclass(frozen=True)
class Labels:
    """What the show calls itself."""

    stem: str
    """Begins the names of its files."""
    provider: str
    seed: int


class Show:
    """Everything that a performer sees and does. It plays when `run` is called, once."""

    def __init__(
        self,
        *,
        settings: WindowSettings,
        labels: Labels,
        window: StageWindow,
        episode: Episode,
        generator: Generator,
        live: LiveInput,
        clock: FrameClock,
        takes: Takes,
        virtual_camera: VirtualCamera | None,
        tally: Tally,
    ) -> None:
        self._settings = settings
        self._labels = labels
        self._window = window
        self._generator = generator
        self._live = live
        self._clock = clock
        self._takes = takes
        self._virtual_camera = virtual_camera
        self._tally = tally
        self._mailbox: Mailbox[Frame] = Mailbox()
        self._player = player = Player(episode, clock, self._mailbox)
        self._frame: Frame | None = None
        self._hud: Rows = ()
        self._hud_until = 0.0
        self._shown_at = 0.0
        self._shows_hud = settings.hud
        self._shows_help = False
        self._quitting = False
        self._controls = Controls(
            {
                "reseed_from_end": lambda: player.do(episode.reseed_from_end),
                "reseed_from_tail": lambda: player.do(episode.reseed_from_tail),
                "pause": lambda: player.do(player.toggle_pause),
                "single_step": lambda: player.do(player.single_step),
                "temperature_up": lambda: player.do(lambda: self._heat(+TEMPERATURE_STEP)),
                "temperature_down": lambda: player.do(lambda: self._heat(-TEMPERATURE_STEP)),
                "faster": lambda: player.do(lambda: self._hurry(+1)),
                "slower": lambda: player.do(lambda: self._hurry(-1)),
                "snapshot": self._take_snapshot,
                "record": takes.toggle,
                "hud": self._toggle_hud,
                "help": self._toggle_help,
                "fullscreen": window.toggle_fullscreen,
                "quit": self._quit,
            }
        )

    def run(self, stopping: threading.Event) -> None:
        """Play until the episode is over, the user quits or `stopping` is set."""
        self._player.start()
        try:
            while not (self._quitting or self._window.closed or stopping.is_set() or self._mailbox.finished):
                for key in self._window.poll():
                    self._controls.press(key)
                frame = self._mailbox.take(timeout=KEYS_SECONDS)
                self._present(frame)
                if frame:
                    with self._tally.timings.section("sinks"):
                        self._takes.offer(frame)
                        if self._virtual_camera:
                            self._virtual_camera.offer(frame)
        finally:
            self._player.stop()
        self._tally.late_frames = self._clock.late
        self._tally.dropped_frames = self._mailbox.dropped

    def _present(self, new: Frame | None) -> None:
        """Draw the newest frame, if it is new or the window needs it."""
        if new:
            self._tally.count(new)
            self._time_interval(new)
            self._frame = new
        self._refresh_hud()
        if self._frame and (new or self._window.damaged):
            with self._tally.timings.section("present"):
                self._window.present(self._frame.pixels, self._hud, HELP if self._shows_help else ())
            if new and new.captured_at is not None:
                self._tally.show_live(new.captured_at)

    def _time_interval(self, new: Frame) -> None:
        """Keep the time since the last frame was shown; a pause is no interval."""
        now = time.perf_counter()
        if self._frame and not self._player.paused and new.index == self._frame.index + 1:
            self._tally.timings["interval"].add(now - self._shown_at)
        self._shown_at = now

    def _refresh_hud(self) -> None:
        now = time.perf_counter()
        if not self._shows_hud or self._frame is None or now < self._hud_until:
            return
        self._hud_until = now + HUD_SECONDS
        step, latency = self._tally.timings["step"], self._tally.timings["latency"]
        intervals = self._tally.timings["interval"].newest(FPS_FRAMES)
        rows = hud_rows(
            Readings(
                fps=len(intervals) / intervals.sum() if len(intervals) else 0.0,
                wanted_fps=self._clock.rate,
                generator_p50=step.percentile(50),
                generator_p99=step.percentile(99),
                late=self._clock.late,
                dropped=self._mailbox.dropped,
                seconds_after_end=self._frame.seconds_after_end,
                temperature=self._generator.temperature,
                speed=self._clock.speed,
                paused=self._player.paused,
                provider=self._labels.provider,
                seed=self._labels.seed,
                recording=self._takes.path.name if self._takes.path else "",
                dropped_from_recording=self._takes.dropped,
                virtual_camera=self._virtual_camera.state if self._virtual_camera else "",
                dropped_from_virtual_camera=self._virtual_camera.dropped if self._virtual_camera else 0,
                camera=self._live.status,
                latency_p50=latency.percentile(50),
                latency_p99=latency.percentile(99),
                late_live=self._tally.late_live_frames,
            )
        )
        self._window.damaged |= rows != self._hud
        self._hud = rows

    def _toggle_hud(self) -> None:
        self._shows_hud = not self._shows_hud
        self._hud, self._hud_until = (), 0.0
        self._window.damaged = True

    def _toggle_help(self) -> None:
        self._shows_help = not self._shows_help
        self._window.damaged = True

    def _quit(self) -> None:
        self._quitting = True

    def _heat(self, step: float) -> None:
        self._generator.temperature = min(max(round(self._generator.temperature + step, 3), 0.0), HOTTEST)

    def _hurry(self, steps: int) -> None:
        place = min(max(SPEEDS.index(self._clock.speed) + steps, 0), len(SPEEDS) - 1)
        self._clock.speed = SPEEDS[place]

    def _take_snapshot(self) -> None:
        if self._frame is None:
            return
        try:
            path = save_snapshot(self._frame.pixels, self._settings.snapshots, self._labels.stem)
        except OutputError as error:
            report(error)
        else:
            print(f"snapshot {path}", flush=True)
