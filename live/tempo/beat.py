"""The beat of a show."""

import math
import threading
import time
from collections.abc import Callable
from typing import Literal

INITIAL_BPM = 120.0
SLOWEST_BPM, FASTEST_BPM = 20, 300
BEATS_PER_BAR = 4
# A longer pause begins another series of taps.
TAP_SECONDS = 2.0
MOST_TAPS = 8
# A clock that was silent for longer has ended, and the hand may set the tempo.
CLOCK_SECONDS = 1.0

Clock = Literal["MIDI clock", "Ableton Link"]
"""A clock that the beat may follow. The second overrules the first."""


class Beat:
    """Counts beats. It begins with the show, at 120 a minute. Any thread may call all methods.

    Args:
        now: A monotonic clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        # A moment, and the beat then.
        self._at, self._beat = now(), 0.0
        self._taps: list[float] = []
        self._first_tap = 0
        self._clock: Clock | None = None
        self._clocked_at = -math.inf
        self.bpm = INITIAL_BPM
        """Beats a minute."""
        self.runs = True
        """False while the MIDI clock has stopped."""
        self.origin = ""
        """Origin of the tempo, in words; empty if nobody has set it."""

    def __str__(self) -> str:
        return f"{self.bpm:.4g} BPM" + (f", {self.origin}" if self.origin else "") + ("" if self.runs else ", stopped")

    @property
    def position(self) -> float:
        """Number of beats since the first one, as a fraction. Bars begin at multiples of four."""
        with self._lock:
            return self._position(self._now())

    def _position(self, now: float) -> float:
        return self._beat + (now - self._at) * self.bpm / 60 if self.runs else self._beat

    @property
    def leader(self) -> Clock | None:
        """The clock that sets the tempo now; None if the hand may."""
        return self._clock if self._now() - self._clocked_at < CLOCK_SECONDS else None

    def set_tempo(self, bpm: float) -> bool:
        """Go on at another tempo. Return False, and do nothing, if a clock sets it."""
        with self._lock:
            if self.leader:
                return False
            self._taps = []
            self._go_on(self._position(self._now()), bpm, "given")
            return True

    def tap(self) -> bool:
        """Take a beat of the performer's hand. Return False, and do nothing, if a clock sets the tempo.

        The first one begins a bar. Each further one sets the tempo to the mean of the series.
        """
        with self._lock:
            if self.leader:
                return False
            now = self._now()
            if self._taps and now - self._taps[-1] > TAP_SECONDS:
                self._taps = []
            if not self._taps:
                self._first_tap = BEATS_PER_BAR * round(self._position(now) / BEATS_PER_BAR)
            self._taps.append(now)
            if len(self._taps) > MOST_TAPS:
                del self._taps[0]
                self._first_tap += 1
            beats, bpm = len(self._taps) - 1, self.bpm
            if beats and (seconds := now - self._taps[0]) > 0:
                bpm = min(max(60 * beats / seconds, SLOWEST_BPM), FASTEST_BPM)
            self._go_on(float(self._first_tap + beats), bpm, "tapped")
            return True

    def follow(self, clock: Clock, at: float, beat: float, bpm: float, *, runs: bool) -> None:
        """Go as a clock does, unless another one overrules it.

        Args:
            clock: The clock.
            at: A moment, by the clock of `now`.
            beat: The beat then.
            bpm: Beats a minute.
            runs: False if it has stopped: then the beat stands.
        """
        with self._lock:
            if self.leader == "Ableton Link" != clock:
                return
            self._at, self._beat, self.bpm, self.runs = at, beat, bpm, runs
            self._clock, self._clocked_at, self.origin = clock, self._now(), clock

    def stop(self) -> None:
        """Stand, as the MIDI clock does, unless another clock overrules it."""
        with self._lock:
            if self.leader != "Ableton Link":
                self._beat, self.runs = self._position(self._now()), False

    def _go_on(self, beat: float, bpm: float, origin: str) -> None:
        self._at, self._beat, self.bpm, self.runs, self.origin = self._now(), beat, bpm, True, origin
