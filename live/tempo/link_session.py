"""Ableton Link: a tempo and a beat that programs of one network share.

A session's beats have no common number, but all agree where a bar of four begins.
"""

import threading
import time
from typing import TYPE_CHECKING

from live.console import OnceEach, first_line, say
from live.errors import ControlError
from live.tempo.beat import BEATS_PER_BAR, Beat

if TYPE_CHECKING:
    from link import Link, SessionState

TICK_SECONDS = 1 / 20
# After a failure.
RETRY_SECONDS = 2.0
CLOSING_SECONDS = 1.0
SAID_FAILURES = 4
# Alone, what differs by more is told to whoever joins.
MOST_BPM_APART, MOST_BEATS_APART = 0.01, 0.02
# Another thread may come between two clocks. The closest reading of so many counts.
READINGS = 3


class LinkSession:
    """Lets the beat follow a session, in a thread of its own. Alone, it offers the beat of the show to whoever joins.

    The show never changes the tempo of others. A failure is one line, and is tried again.

    Args:
        beat: The beat of the show, by the clock `time.monotonic`.
        retry_seconds: Pause after a failure.

    Raises:
        ControlError: LinkPython-extern is missing.
    """

    def __init__(self, beat: Beat, *, retry_seconds: float = RETRY_SECONDS) -> None:
        try:
            from link import Link
        except ImportError as error:
            raise ControlError('--link needs LinkPython-extern; pip install -e ".[link]" brings it') from error
        self._link = Link
        self._beat = beat
        self._retry_seconds = retry_seconds
        self.others = 0
        """Number of other programs in the session."""
        self._failures = OnceEach(SAID_FAILURES)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the session."""
        self._closing.set()
        self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._take_part()
            # The library's errors have no type of their own.
            except Exception as error:
                self.others = 0
                reason = first_line(error)
                self._failures.warn(reason, f"Ableton Link: {reason}; it is tried again")
                self._closing.wait(self._retry_seconds)

    def _take_part(self) -> None:
        """Be in the session until `close` is called."""
        link = self._link(self._beat.bpm)
        link.enabled = True
        while not self._closing.wait(TICK_SECONDS):
            before, self.others = self.others, link.numPeers()
            state = link.captureAppSessionState()
            if self.others:
                self._follow(link, state)
            elif self._beat.runs:
                self._offer(link, state)
            if self.others != before:
                others = {0: "nobody else", 1: "1 other"}.get(self.others, f"{self.others} others")
                say(f"Ableton Link: {others}, {self._beat.bpm:.4g} BPM")

    def _follow(self, link: "Link", state: "SessionState") -> None:
        """Take tempo and beat of the session. The show's count jumps by half a bar at most."""
        at, micros = _moment(link)
        beat = state.beatAtTime(micros, BEATS_PER_BAR)
        ahead = BEATS_PER_BAR * round((self._beat.position - beat) / BEATS_PER_BAR)
        self._beat.follow("Ableton Link", at, ahead + beat, state.tempo(), runs=True)

    def _offer(self, link: "Link", state: "SessionState") -> None:
        """Give tempo and beat of the show to the session, which nobody else is in."""
        beat, bpm, micros = self._beat.position, self._beat.bpm, link.clock().micros()
        apart = (beat - state.beatAtTime(micros, BEATS_PER_BAR) + BEATS_PER_BAR / 2) % BEATS_PER_BAR - BEATS_PER_BAR / 2
        if abs(state.tempo() - bpm) > MOST_BPM_APART or abs(apart) > MOST_BEATS_APART:
            state.setTempo(bpm, micros)
            state.requestBeatAtTime(beat, micros, BEATS_PER_BAR)
            link.commitAppSessionState(state)


def _moment(link: "Link") -> tuple[float, int]:
    """Return one moment by two clocks: seconds of `time.monotonic`, and microseconds of the session."""
    readings = []
    for _ in range(READINGS):
        before, micros, after = time.monotonic(), link.clock().micros(), time.monotonic()
        readings.append((after - before, (before + after) / 2, micros))
    _, at, micros = min(readings)
    return at, micros
