"""The beat: its first tempo, one that is given, and taps."""

import pytest

from live.tempo.beat import Beat
from tests.live.tempo.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def beat(clock: Clock) -> Beat:
    return Beat(clock)


def tap(beat: Beat, clock: Clock, *times: float) -> None:
    for time in times:
        clock.now = time
        assert beat.tap()


def test_it_begins_with_the_show_at_120(beat: Beat, clock: Clock) -> None:
    assert (beat.position, str(beat)) == (0, "120 BPM")
    clock.now += 1.25
    assert beat.position == 2.5


def test_another_tempo_goes_on_from_the_same_beat(beat: Beat, clock: Clock) -> None:
    clock.now += 1.25
    assert beat.set_tempo(60.0)
    assert beat.position == 2.5
    clock.now += 1
    assert (beat.position, str(beat)) == (3.5, "60 BPM, given")


def test_the_first_tap_begins_a_bar_and_the_next_ones_set_the_tempo(beat: Beat, clock: Clock) -> None:
    tap(beat, clock, 100.9)
    assert (beat.position, beat.bpm) == (0, 120), "the bar that is nearest"
    clock.now += 10
    tap(beat, clock, 103.1)
    assert beat.position == 4
    tap(beat, clock, 103.5, 103.9, 104.31)
    assert beat.position == 7
    assert beat.bpm == pytest.approx(60 * 3 / 1.21)
    assert str(beat) == "148.8 BPM, tapped"
    clock.now += 60 / beat.bpm
    assert beat.position == pytest.approx(8)


def test_uneven_taps_are_averaged_over_the_newest_eight(beat: Beat, clock: Clock) -> None:
    times = [100 + number * 0.5 + (0.02 if number % 2 else 0) for number in range(5)]
    times += [102.4 + number * 0.4 + (0.02 if number % 2 else 0) for number in range(9)]
    tap(beat, clock, *times)
    assert beat.bpm == pytest.approx(150, rel=0.01)
    assert beat.position == 13


def test_a_pause_begins_another_series(beat: Beat, clock: Clock) -> None:
    tap(beat, clock, 100.0, 100.5, 101.0)
    tap(beat, clock, 104.0)
    assert beat.bpm == pytest.approx(120)
    tap(beat, clock, 104.3)
    assert beat.bpm == pytest.approx(200)


def test_taps_at_the_same_moment_and_far_too_fast_are_no_tempo(beat: Beat, clock: Clock) -> None:
    tap(beat, clock, 100.0, 100.0)
    assert beat.bpm == 120
    tap(beat, clock, 100.01)
    assert beat.bpm == 300


def test_a_midi_clock_leads_until_it_is_gone(beat: Beat, clock: Clock) -> None:
    beat.follow("MIDI clock", 100.0, 7.0, 90.0, runs=True)
    assert not beat.tap()
    assert not beat.set_tempo(100)
    clock.now = 100.5
    assert (beat.position, str(beat)) == (7.75, "90 BPM, MIDI clock")
    beat.stop()
    clock.now = 105.0
    assert (beat.position, beat.runs, str(beat)) == (7.75, False, "90 BPM, MIDI clock, stopped")
    assert beat.set_tempo(60)
    clock.now = 106.0
    assert (beat.position, beat.runs) == (8.75, True)


def test_link_overrules_a_midi_clock_until_it_is_gone(beat: Beat, clock: Clock) -> None:
    beat.follow("MIDI clock", 100.0, 7.0, 90.0, runs=True)
    beat.follow("Ableton Link", 100.0, 2.0, 60.0, runs=True)
    beat.follow("MIDI clock", 100.0, 7.0, 90.0, runs=True)
    beat.stop()
    clock.now = 100.5
    assert (beat.position, beat.leader, str(beat)) == (2.5, "Ableton Link", "60 BPM, Ableton Link")
    assert not beat.tap()
    clock.now = 101.5
    assert beat.leader is None
    beat.follow("MIDI clock", 101.5, 8.0, 90.0, runs=True)
    assert (beat.position, str(beat)) == (8, "90 BPM, MIDI clock")
