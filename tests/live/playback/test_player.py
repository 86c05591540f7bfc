"""The player's thread: pace, pause, single steps, and tasks between two frames."""

import threading
import time
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from live.frame import Frame
from live.latest_slot import LatestSlot
from live.playback.frame_clock import FrameClock
from live.playback.player import Player
from tests.live.waiting import SECONDS, wait_until


class CountingSource:
    """Frames that are black but for their index; making one may fail."""

    def __init__(self, length: int, fails_at: int | None = None) -> None:
        self.length = length
        self.fails_at = fails_at
        self.made: list[float] = []
        self.thread: threading.Thread | None = None

    def step(self) -> Frame | None:
        self.thread = threading.current_thread()
        index = len(self.made)
        if index == self.fails_at:
            raise ZeroDivisionError("a mistake in the source")
        if index == self.length:
            return None
        self.made.append(time.perf_counter())
        return Frame(np.zeros((2, 2, 3), np.uint8), index, 0.0)


def make(source: CountingSource, rate: float) -> tuple[Player, FrameClock, LatestSlot[Frame]]:
    clock, slot = FrameClock(Fraction(rate)), LatestSlot[Frame]()
    return Player(source, clock, slot), clock, slot


def test_frames_come_at_their_rate_and_then_the_slot_is_closed() -> None:
    source = CountingSource(31)
    player, _, slot = make(source, rate=100)
    player.start()
    wait_until(lambda: slot.take(timeout=0.1) is None and slot.finished)
    player.stop()
    assert len(source.made) == 31
    # A frame is never too early; on a busy machine it may be late.
    assert source.made[-1] - source.made[0] >= 0.29
    assert source.thread is not threading.main_thread()


def test_what_goes_wrong_in_the_thread_is_raised_in_the_callers() -> None:
    player, _, slot = make(CountingSource(10, fails_at=3), rate=200)
    player.start()
    wait_until(lambda: slot.take(timeout=0.1) is None and slot.finished)
    with pytest.raises(ZeroDivisionError, match="a mistake in the source"):
        player.stop()


def test_a_task_runs_at_once_between_two_frames_and_not_only_when_the_next_is_due() -> None:
    source = CountingSource(1000)
    player, _, _ = make(source, rate=0.5 / SECONDS)
    player.start()
    wait_until(lambda: len(source.made) == 1)
    ran = threading.Event()
    player.do(ran.set)
    assert ran.wait(timeout=SECONDS)
    began = time.perf_counter()
    player.stop()
    assert time.perf_counter() - began < SECONDS, "stopping does not wait for the next frame"
    assert len(source.made) == 1


def test_pause_makes_no_frames_and_takes_no_time_and_single_steps_make_one_each() -> None:
    source = CountingSource(100_000)
    player, _, _ = make(source, rate=500)
    player.start()
    wait_until(lambda: len(source.made) > 3)
    player.do(player.pause)
    wait_until(lambda: player.paused)
    count = len(source.made)
    busy = time.process_time()
    time.sleep(0.3)
    assert len(source.made) == count
    assert time.process_time() - busy < 0.15, "a pause does not spin"
    for _ in range(3):
        player.do(player.single_step)
    wait_until(lambda: len(source.made) == count + 3)
    time.sleep(0.05)
    assert len(source.made) == count + 3
    assert player.paused
    player.do(player.pause)
    wait_until(lambda: len(source.made) > count + 6)
    assert not player.paused
    player.stop()


def test_a_pause_is_neither_made_up_for_nor_counted_as_late() -> None:
    source = CountingSource(100_000)
    player, clock, _ = make(source, rate=2)
    player.start()
    wait_until(lambda: len(source.made) == 1)
    player.do(player.pause)
    wait_until(lambda: player.paused)
    time.sleep(0.8)
    player.do(player.pause)
    wait_until(lambda: len(source.made) == 3)
    player.stop()
    assert source.made[2] - source.made[1] > 0.4, "the missed frames are not made up for"
    assert clock.late == 0


def test_a_single_step_pauses_a_running_show() -> None:
    source = CountingSource(100_000)
    player, _, _ = make(source, rate=20)
    player.start()
    player.do(player.single_step)
    wait_until(lambda: player.paused)
    time.sleep(0.15)
    count = len(source.made)
    time.sleep(0.15)
    assert len(source.made) == count
    player.stop()


def test_a_function_is_called_before_each_frame_in_the_players_thread() -> None:
    source = CountingSource(20)
    done: list[tuple[int, threading.Thread]] = []
    clock, slot = FrameClock(Fraction(500)), LatestSlot[Frame]()
    player = Player(
        source, clock, slot, before_frame=lambda: done.append((len(source.made), threading.current_thread()))
    )
    player.start()
    wait_until(lambda: slot.take(timeout=0.1) is None and slot.finished)
    player.stop()
    assert [made for made, _ in done] == list(range(21))
    assert {thread for _, thread in done} == {source.thread}


def test_a_pause_can_be_asked_for_twice() -> None:
    source = CountingSource(100_000)
    player, _, _ = make(source, rate=1)
    player.start()
    wait_until(lambda: len(source.made) == 1)
    player.do(lambda: player.pause(False))
    for wanted in (True, True, False):
        settled = threading.Event()
        player.do(partial(player.pause, wanted))
        player.do(settled.set)
        assert settled.wait(timeout=SECONDS)
        assert player.paused == wanted
    player.stop()


def test_a_resting_player_makes_no_frame_and_then_goes_on_even_if_it_was_paused() -> None:
    source = CountingSource(1000)
    player, _, _ = make(source, rate=50)
    # Before the start, so that there is not even a first frame.
    player.do(lambda: player.rest(True))
    player.start()
    player.do(player.single_step)
    player.do(lambda: player.pause(False))
    player.do(lambda: player.pause(True))
    ran = threading.Event()
    player.do(ran.set)
    assert ran.wait(timeout=SECONDS), "tasks are done all the same"
    time.sleep(0.1)
    assert source.made == []
    player.do(lambda: player.rest(False))
    wait_until(lambda: len(source.made) > 3)
    player.stop()
