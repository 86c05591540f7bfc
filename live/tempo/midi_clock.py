"""MIDI clock: 24 pulses a beat, start, continue and stop."""

from collections import deque

from live.tempo.beat import FASTEST_BPM, SLOWEST_BPM, Beat

PULSE, START, CONTINUE, STOP = 0xF8, 0xFA, 0xFB, 0xFC
PULSES_PER_BEAT = 24
# Pulses come with some milliseconds of jitter. A line through those of a beat has little.
FITTED, FEWEST = PULSES_PER_BEAT, PULSES_PER_BEAT // 4
# A longer pause is no tempo.
GAP_SECONDS = 0.5


class MidiClock:
    """Lets the beat follow the pulses of a MIDI device. It belongs to the device's thread.

    Args:
        beat: The beat of the show.
    """

    def __init__(self, beat: Beat) -> None:
        self._beat = beat
        self._times: deque[float] = deque(maxlen=FITTED)
        self._next = 0
        # A clock that was heard only after its start runs.
        self._runs = True

    def receive(self, status: int, at: float) -> None:
        """Take a message of one byte that came at a moment, by the clock of the beat. Other messages do nothing."""
        if status == PULSE:
            self._take_pulse(at)
        elif status == START:
            self._next, self._runs = 0, True
        elif status == CONTINUE:
            self._runs = True
        elif status == STOP:
            self._runs = False
            self._beat.stop()

    def _take_pulse(self, at: float) -> None:
        if self._times and at - self._times[-1] > GAP_SECONDS:
            self._times.clear()
        self._times.append(at)
        number = self._next
        self._next += self._runs
        if len(self._times) < FEWEST:
            return
        period, fitted = _fit(self._times)
        bpm = 60 / (PULSES_PER_BEAT * period) if period > 0 else 0.0
        # Pulses that were held up come all at once, and are no tempo.
        if SLOWEST_BPM <= bpm <= FASTEST_BPM:
            self._beat.follow("MIDI clock", fitted, number / PULSES_PER_BEAT, bpm, runs=self._runs)


def _fit(times: deque[float]) -> tuple[float, float]:
    """Return the slope and the last point of the straight line through times, by least squares."""
    count = len(times)
    middle, mean = (count - 1) / 2, sum(times) / count
    slope = sum((number - middle) * (at - mean) for number, at in enumerate(times)) / (count * (count**2 - 1) / 12)
    return slope, mean + slope * middle
