"""A MIDI clock on a simulated time: its tempo and its beat, with jitter, starts and stops."""

import random
import statistics

import pytest

from live.tempo.beat import Beat
from live.tempo.midi_clock import CONTINUE, PULSE, START, STOP, MidiClock
from tests.live.tempo.clock import Clock

CHANCE = random.Random(1)
# The thread of the device looks every five milliseconds.
LATEST = 0.005


class Sequencer:
    """Sends a clock, each pulse up to five milliseconds late."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.beat = Beat(self.clock)
        self.receiver = MidiClock(self.beat)
        self.at = self.clock.now

    def send(self, status: int) -> None:
        self.clock.now = self.at + CHANCE.uniform(0, LATEST)
        self.receiver.receive(status, self.clock.now)

    def play(self, beats: float, bpm: float) -> list[float]:
        """Send so many beats and return the beat's error at each pulse, in seconds, from the second beat on."""
        errors = []
        for number in range(round(beats * 24)):
            self.send(PULSE)
            if number >= 24:
                self.clock.now = max(self.at, self.clock.now)
                expected = number / 24 + (self.clock.now - self.at) * bpm / 60
                errors.append((self.beat.position - expected) * 60 / bpm)
            self.at += 60 / bpm / 24
        return errors


@pytest.mark.parametrize("bpm", [40.0, 120.0, 174.5, 280.0])
def test_tempo_and_beat_follow_for_minutes(bpm: float) -> None:
    sequencer = Sequencer()
    sequencer.send(START)
    errors = sequencer.play(bpm * 2, bpm)
    assert sequencer.beat.bpm == pytest.approx(bpm, rel=0.03)
    assert max(map(abs, errors)) < 0.01
    assert statistics.stdev(errors) < 0.001, "the pulses' own is 0.0014"


def test_a_start_begins_a_bar_and_a_stop_stands_until_it_continues() -> None:
    sequencer = Sequencer()
    sequencer.play(2.5, 120)
    assert sequencer.beat.position == pytest.approx(2.5, abs=0.1), "a clock whose start was not heard runs, too"
    sequencer.send(STOP)
    stopped_at = sequencer.beat.position
    sequencer.play(3, 100)
    assert sequencer.beat.position == pytest.approx(stopped_at, abs=0.1)
    assert not sequencer.beat.runs
    assert sequencer.beat.bpm == pytest.approx(100, rel=0.03), "its tempo goes on"
    sequencer.send(CONTINUE)
    sequencer.play(1, 100)
    assert sequencer.beat.position == pytest.approx(stopped_at + 1, abs=0.1)
    sequencer.send(START)
    sequencer.play(1, 100)
    assert sequencer.beat.position == pytest.approx(1, abs=0.1)


def test_another_tempo_is_that_of_the_beat_within_a_beat() -> None:
    sequencer = Sequencer()
    sequencer.send(START)
    sequencer.play(8, 100)
    sequencer.play(1.25, 140)
    assert sequencer.beat.bpm == pytest.approx(140, rel=0.03)
    assert sequencer.beat.position == pytest.approx(8 + 29 / 24, abs=0.05)


def test_a_clock_that_is_gone_leaves_its_tempo() -> None:
    sequencer = Sequencer()
    sequencer.send(START)
    sequencer.play(4, 90)
    sequencer.clock.now = sequencer.at + 10
    assert sequencer.beat.runs
    assert sequencer.beat.position == pytest.approx(4 + 15, abs=0.5)
    assert sequencer.beat.leader is None
    sequencer.at = sequencer.clock.now
    sequencer.play(0.5, 180)
    assert sequencer.beat.bpm == pytest.approx(180, rel=0.1), "the pause is no tempo"


def test_pulses_that_were_held_up_and_other_messages_are_no_tempo() -> None:
    sequencer = Sequencer()
    for status in (0xFE, 0xFF, 0xF9):
        sequencer.send(status)
    for _ in range(24):
        sequencer.receiver.receive(PULSE, sequencer.clock.now)
    assert (sequencer.beat.origin, sequencer.beat.bpm) == ("", 120)
