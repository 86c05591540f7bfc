"""The newest frame in the window, with cross-fade, blackout, HUD and help, and how long all that takes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from live.console import OnceEach
from live.display.black_fade import BlackFade
from live.display.crossfade import Crossfade
from live.display.no_window import ShowWindow
from live.display.options import WindowOptions
from live.display.panels.help_panel import Sections
from live.display.panels.panel import Rows
from live.frame import Frame
from live.stats import ShowStats

HudSize = Literal["off", "small", "large"]
NEXT_HUD: Mapping[HudSize, HudSize] = {"off": "small", "small": "large", "large": "off"}
# Figures that change faster cannot be read.
HUD_SECONDS = 1 / 4
SAID_FAILURES = 8


class Presenter:
    """Draws the newest frame when it is new, not yet fully visible, or the window must be drawn again.

    Args:
        window: The window.
        options: What the window shows at first, and how.
        stats: Measurements of the show: frames, intervals and latencies are counted there.
        help: Sections of the help.
        hud_rows: Returns the rows of the HUD for a frame, and whether it is on or off.
        notices: Returns the lines that tell the performer something now. A kiosk and a blackout show none.
        is_clean: Returns True while the window shows the picture alone, because another one has HUD, help and notices.
    """

    def __init__(
        self,
        window: ShowWindow,
        options: WindowOptions,
        stats: ShowStats,
        *,
        help: Sections,
        hud_rows: Callable[[Frame], Rows],
        notices: Callable[[], Sequence[str]],
        is_clean: Callable[[], bool] = lambda: False,
    ) -> None:
        self._window = window
        self._stats = stats
        self._help = help
        self._hud_rows = hud_rows
        self._failures = OnceEach(SAID_FAILURES)
        self._crossfade = Crossfade(smooth=options.smooth)
        self._is_clean = is_clean
        self._clean = False
        self.shows_help = False
        """True while the help is on, in this window or in another one."""
        self._read_notices = (lambda: ()) if options.kiosk else notices
        self._notices: Sequence[str] = ()
        self._hud: Rows = ()
        self._hud_until = 0.0
        self._shown_at: float | None = None  # of the newest frame; None if the next interval is none
        self._captured_at: float | None = None  # of the newest frame, until its latency is counted
        self.newest: Frame | None = None
        """The newest frame; None before the first."""
        self.hud_size: HudSize = "small" if options.hud else "off"
        """The small HUD has the parameters, the large one the machine, too."""
        self.fade = BlackFade()
        """Fade of window and outputs to black."""
        self._light = 1.0
        self.light_changed = False
        """True if the last `present` has shown another light than the one before."""
        self.blackout = False
        """True while window and outputs are black."""
        stats.smooth = options.smooth

    def present(self, new: Frame | None, *, rate: float, paused: bool) -> None:
        """Show the newest frame.

        Args:
            new: A frame that has just come; None if none has.
            rate: Frames per second of the show.
            paused: True while the show is frozen.
        """
        if new:
            self._take(new, rate, paused)
        before, self._light = self._light, self.fade.light
        self.light_changed = self._light != before
        moved = (self._crossfade.advance(rate) or self.light_changed) and not self.blackout
        self._refresh_panels()
        if self.newest and (new or moved or self._window.damaged):
            began = time.perf_counter()
            with self._stats.timings.section("present"):
                self._window.present(
                    self.visible(self.newest).pixels,
                    self._hud,
                    self._help if self.shows_help and not self._clean else (),
                    self._notices,
                    under=None if self.blackout or self._light < 1 else self._crossfade.under,
                    share=1.0 if self._light < 1 else self._crossfade.share,
                )
            self._crossfade.note_drawn(time.perf_counter() - began)
        if self._crossfade.share == 1:
            self._count_latency(rate)

    def hold(self, frame: Frame) -> None:
        """Show a frame that does not belong to the show, until the next one. It is not counted."""
        self.newest, self._shown_at, self._captured_at = frame, None, None
        self._crossfade.start(frame)
        self._window.damaged = True

    def visible(self, frame: Frame) -> Frame:
        """Return a frame as window and outputs show it: black during a blackout, and darker in a fade to black."""
        if self.blackout:
            return replace(frame, pixels=np.zeros_like(frame.pixels))
        pixels = self.fade.over(frame.pixels)
        return frame if pixels is frame.pixels else replace(frame, pixels=pixels)

    @property
    def is_dark(self) -> bool:
        """True while window and outputs are black: in a blackout, and after a fade to black."""
        return self.blackout or self.fade.light == 0

    def toggle_hud(self, wanted: bool | None) -> None:
        """Show the small HUD unless one is on, or hide it; None: the next of small, large and off."""
        if wanted is None:
            self.hud_size = NEXT_HUD[self.hud_size]
        elif not wanted:
            self.hud_size = "off"
        elif self.hud_size == "off":
            self.hud_size = "small"
        self._hud, self._hud_until = (), 0.0
        self._window.damaged = True

    def toggle_help(self, wanted: bool | None) -> None:
        """Show the help or hide it; None: the other one of the two."""
        self.shows_help = not self.shows_help if wanted is None else wanted
        self._window.damaged = True

    def toggle_blackout(self, wanted: bool | None) -> None:
        """Turn the picture black, or show it; None: the other one of the two."""
        self.blackout = not self.blackout if wanted is None else wanted
        self._window.damaged = True

    def _take(self, new: Frame, rate: float, paused: bool) -> None:
        self._stats.count_frame(new)
        now = time.perf_counter()
        # The interval is between shown frames, however many were dropped between; a pause is no interval.
        if self._shown_at is not None and not paused:
            self._stats.timings["interval"].add(now - self._shown_at)
        self._shown_at = now
        # The frame before is fully visible at the latest now.
        self._count_latency(rate)
        self.newest, self._captured_at = new, new.captured_at
        self._crossfade.start(new)

    def _count_latency(self, rate: float) -> None:
        """Count the time from the capture of a camera picture until the frame that follows it is fully visible."""
        if self._captured_at is not None:
            self._stats.add_latency(self._captured_at, fade=self._crossfade.seconds(rate))
            self._captured_at = None

    def _refresh_panels(self) -> None:
        clean = self._is_clean()
        if clean != self._clean:
            self._clean, self._hud_until = clean, 0.0
            self._window.damaged = True
        self._refresh_hud()
        notices = () if self.is_dark or clean else self._read_notices()
        self._window.damaged |= notices != self._notices
        self._notices = notices

    def _refresh_hud(self) -> None:
        now = time.perf_counter()
        if self.newest is None or now < self._hud_until:
            return
        self._hud_until = now + HUD_SECONDS
        try:
            rows = () if self._clean else self._hud_rows(self.newest)
        # A part that fails may have no reading. The picture goes on without it.
        except Exception as error:
            self._failures.warn(
                repr(error), f"the head-up display cannot be read ({type(error).__name__}: {error}); it stays as it was"
            )
            return
        self._window.damaged |= rows != self._hud
        self._hud = rows
