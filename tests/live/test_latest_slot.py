import threading
import time

from live.latest_slot import LatestSlot


def test_the_newest_item_wins_and_the_others_are_counted() -> None:
    slot: LatestSlot[int] = LatestSlot()
    for number in range(5):
        slot.put(number)
    assert slot.take(timeout=0) == 4
    assert slot.take(timeout=0) is None
    assert slot.dropped == 4


def test_a_waiting_thread_gets_an_item_at_once() -> None:
    slot: LatestSlot[str] = LatestSlot()
    threading.Timer(0.05, slot.put, ["here"]).start()
    began = time.perf_counter()
    assert slot.take(timeout=30) == "here"
    assert time.perf_counter() - began < 10


def test_closing_wakes_a_waiting_thread() -> None:
    slot: LatestSlot[str] = LatestSlot()
    threading.Timer(0.05, slot.close).start()
    began = time.perf_counter()
    assert slot.take(timeout=30) is None
    assert time.perf_counter() - began < 10
    assert slot.finished


def test_closing_leaves_the_last_item() -> None:
    slot: LatestSlot[str] = LatestSlot()
    slot.put("last")
    slot.close()
    assert not slot.finished
    assert slot.take(timeout=0) == "last"
    assert slot.finished
