"""Due times: no drift, late frames, changes of speed."""

from fractions import Fraction

import pytest

from live.playback.frame_clock import FrameClock


class FakeTime:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def wait_for(self, clock: FrameClock) -> None:
        """Wait as a thread does: until the frame is due, and always a little longer."""
        self.seconds += max(0.0, clock.remaining()) + 0.0007


@pytest.mark.parametrize("rate", [Fraction(12), Fraction(24000, 1001), Fraction(60)])
def test_no_drift_in_an_hour(rate: Fraction) -> None:
    time = FakeTime()
    clock = FrameClock(rate, time)
    frames = round(3600 * rate)
    for _ in range(frames):
        time.wait_for(clock)
        time.seconds += 0.004
        clock.tick()
    assert clock.late == 0
    assert time.seconds == pytest.approx(1000 + (frames - 1) / rate, abs=0.01)


def test_a_late_frame_is_counted_and_made_up_for() -> None:
    time = FakeTime()
    clock = FrameClock(Fraction(10), time)
    time.seconds += 0.15
    clock.tick()
    assert clock.late == 1
    assert clock.remaining() == pytest.approx(-0.05)
    clock.tick()
    assert clock.late == 1
    assert clock.remaining() == pytest.approx(0.05), "the second frame is on the old grid"


def test_missed_time_is_not_played_back_fast() -> None:
    time = FakeTime()
    clock = FrameClock(Fraction(10), time)
    time.seconds += 60
    clock.tick()
    assert clock.late == 1
    assert clock.remaining() == 0
    clock.tick()
    assert clock.remaining() == pytest.approx(0.1)


def test_speed_changes_the_rate_and_keeps_the_place_in_the_frame() -> None:
    time = FakeTime()
    clock = FrameClock(Fraction(10), time)
    clock.tick()
    time.seconds += 0.05
    clock.speed = 2.0
    assert clock.rate == 20
    assert clock.remaining() == pytest.approx(0.025), "half a frame remains, of a frame half as long"
    time.seconds += 0.025
    clock.tick()
    assert clock.remaining() == pytest.approx(0.05)


def test_the_same_speed_again_changes_nothing() -> None:
    times = iter([0.0, 0.0])
    clock = FrameClock(Fraction(10), lambda: next(times))
    clock.speed = 1.0
    assert clock.remaining() == 0, "the clock was not read for it"


def test_restart_makes_the_next_frame_due_now() -> None:
    time = FakeTime()
    clock = FrameClock(Fraction(10), time)
    clock.tick()
    time.seconds += 500
    clock.restart()
    assert clock.remaining() == 0
    assert clock.late == 0
