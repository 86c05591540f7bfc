import threading
import time
from fractions import Fraction

import numpy as np
import pytest

from live.frame import Frame
from live.latest_slot import LatestSlot
from live.playback.frame_clock import FrameClock
from live.playback.player import Player


class CountingEpisode:
    """An episode whose frames are empty but for their index, and which may fail."""

    def __init__(self, length: int, fails_at: int | None = None) -> None:
        self.length = length
        self.fails_at = fails_at
        self.made: list[float] = []
        self.thread: threading.Thread | None = None

    def step(self) -> Frame | None:
        self.thread = threading.current_thread()
        index = len(self.made)
        if index == self.fails_at:
            raise ZeroDivisionError("a mistake in the episode")
        if index == self.length:
            return None
        self.made.append(time.perf_counter())
        return Frame(np.zeros((2, 2, 3), np.uint8), index, 0.0, time.perf_counter())


def make(episode: CountingEpisode, rate: int) -> tuple[Player, FrameClock, LatestSlot[Frame]]:
    clock, mailbox = FrameClock(Fraction(rate)), LatestSlot[Frame]()
    return Player(episode, clock, mailbox), clock, mailbox


def wait_until(condition, seconds: float = 20.0) -> None:
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, "it never happened"
        time.sleep(0.002)


def test_frames_come_at_their_rate_and_then_the_mailbox_is_closed() -> None:
    episode = CountingEpisode(31)
    player, _, mailbox = make(episode, rate=100)
    player.start()
    wait_until(lambda: mailbox.take(timeout=0.1) is None and mailbox.finished)
    player.stop()
    assert len(episode.made) == 31
    # Never too early; a busy machine may make it late.
    assert episode.made[-1] - episode.made[0] >= 0.29
    assert episode.thread is not threading.main_thread()


def test_what_goes_wrong_in_the_thread_is_raised_in_the_callers() -> None:
    player, _, mailbox = make(CountingEpisode(10, fails_at=3), rate=200)
    player.start()
    wait_until(lambda: mailbox.take(timeout=0.1) is None and mailbox.finished)
    with pytest.raises(ZeroDivisionError, match="a mistake in the episode"):
        player.check()
    with pytest.raises(ZeroDivisionError, match="a mistake in the episode"):
        player.stop()


def test_a_wish_is_granted_between_two_frames_at_once_and_not_only_when_the_next_is_due() -> None:
    episode = CountingEpisode(1000)
    player, _, _ = make(episode, rate=1)
    player.start()
    wait_until(lambda: len(episode.made) == 1)
    granted = threading.Event()
    player.do(granted.set)
    assert granted.wait(timeout=0.8)
    assert len(episode.made) == 1
    began = time.perf_counter()
    player.stop()
    assert time.perf_counter() - began < 0.8, "stopping does not wait for the next frame"


def test_pause_makes_no_frames_and_takes_no_time_and_single_steps_make_one_each() -> None:
    episode = CountingEpisode(100_000)
    player, _, _ = make(episode, rate=500)
    player.start()
    wait_until(lambda: len(episode.made) > 3)
    player.do(player.pause)
    wait_until(lambda: player.paused)
    count = len(episode.made)
    busy = time.process_time()
    time.sleep(0.3)
    assert len(episode.made) == count
    assert time.process_time() - busy < 0.15, "a pause does not spin"
    for _ in range(3):
        player.do(player.single_step)
    wait_until(lambda: len(episode.made) == count + 3)
    time.sleep(0.05)
    assert len(episode.made) == count + 3
    assert player.paused
    player.do(player.pause)
    wait_until(lambda: len(episode.made) > count + 6)
    assert not player.paused
    player.stop()


def test_a_pause_is_neither_made_up_for_nor_counted_as_late() -> None:
    episode = CountingEpisode(100_000)
    player, clock, _ = make(episode, rate=2)
    player.start()
    wait_until(lambda: len(episode.made) == 1)
    player.do(player.pause)
    wait_until(lambda: player.paused)
    time.sleep(0.8)
    player.do(player.pause)
    wait_until(lambda: len(episode.made) == 3)
    player.stop()
    assert episode.made[2] - episode.made[1] > 0.4, "no burst"
    assert clock.late == 0


def test_a_single_step_pauses_a_running_show() -> None:
    episode = CountingEpisode(100_000)
    player, _, _ = make(episode, rate=20)
    player.start()
    player.do(player.single_step)
    wait_until(lambda: player.paused)
    time.sleep(0.15)
    count = len(episode.made)
    time.sleep(0.15)
    assert len(episode.made) == count
    player.stop()


def test_something_can_be_done_before_each_frame_in_its_thread() -> None:
    episode = CountingEpisode(20)
    done: list[tuple[int, threading.Thread]] = []
    clock, mailbox = FrameClock(Fraction(500)), LatestSlot[Frame]()
    player = Player(
        episode, clock, mailbox, before_frame=lambda: done.append((len(episode.made), threading.current_thread()))
    )
    player.start()
    wait_until(lambda: mailbox.take(timeout=0.1) is None and mailbox.finished)
    player.stop()
    assert [made for made, _ in done] == list(range(21))
    assert {thread for _, thread in done} == {episode.thread}


def test_a_pause_can_be_asked_for_twice() -> None:
    episode = CountingEpisode(100_000)
    player, _, _ = make(episode, rate=1)
    player.start()
    wait_until(lambda: len(episode.made) == 1)
    player.do(lambda: player.pause(False))
    for wanted in (True, True, False):
        settled = threading.Event()
        player.do(lambda wanted=wanted: player.pause(wanted))
        player.do(settled.set)
        assert settled.wait(timeout=5)
        assert player.paused == wanted
    player.stop()
