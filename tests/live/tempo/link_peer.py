"""Another program in a session of Ableton Link.

As a program, `python link_peer.py BPM`, it writes a line for each line that it reads: its time by `time.monotonic`, the
beat then, the tempo, and the number of others. A number in the line is the tempo that it gives the session first.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple, TypeVar

from live.tempo.beat import Beat

READINGS = 9

T = TypeVar("T")


class Reading(NamedTuple):
    at: float
    beat: float
    bpm: float
    others: int


class Peer:
    """Another program of the session, in a process of its own."""

    def __init__(self, bpm: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(bpm)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self, bpm: float | None = None) -> Reading:
        """Return what it sees, after it has given the session a tempo if one is given."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n" if bpm is None else f"{bpm}\n")
        self._process.stdin.flush()
        at, beat, tempo, others = self._process.stdout.readline().split()
        return Reading(float(at), float(beat), float(tempo), int(others))

    def close(self) -> None:
        self._process.communicate(timeout=60)


def closest_reading(read: Callable[[], T]) -> tuple[float, float, T]:
    """Return the uncertainty of a moment, the moment by `time.monotonic`, and what is read then.

    Another thread or process may come between a clock and the reading. The best of some counts.
    """
    readings = []
    for _ in range(READINGS):
        before, value, after = time.monotonic(), read(), time.monotonic()
        readings.append((after - before, (before + after) / 2, value))
    return min(readings, key=itemgetter(0))


def seconds_apart(beat: Beat, peer: Peer) -> float:
    """Return by how much the show's beat is ahead of the peer's, within a bar."""
    reading = peer.read()
    _, now, position = closest_reading(lambda: beat.position)
    beats = position - reading.beat - (now - reading.at) * reading.bpm / 60
    return ((beats + 2) % 4 - 2) * 60 / reading.bpm


def main() -> None:
    """Answer until stdin ends."""
    from link import Link

    link = Link(float(sys.argv[1]))
    link.enabled = True
    for line in sys.stdin:
        state = link.captureAppSessionState()
        if line.strip():
            state.setTempo(float(line), link.clock().micros())
            link.commitAppSessionState(state)
        _, at, micros = closest_reading(link.clock().micros)
        print(at, state.beatAtTime(micros, 4), state.tempo(), link.numPeers(), flush=True)


if __name__ == "__main__":
    main()
