import threading
import time

from live.latest_slot import LatestSlot


def test_the_newest_wins_and_the_rest_is_counted() -> None:
    mailbox: LatestSlot[int] = LatestSlot()
    for number in range(5):
        mailbox.put(number)
    assert mailbox.take(timeout=0) == 4
    assert mailbox.take(timeout=0) is None
    assert mailbox.dropped == 4


def test_a_waiting_taker_gets_what_is_put_at_once() -> None:
    mailbox: LatestSlot[str] = LatestSlot()
    threading.Timer(0.05, mailbox.put, ["here"]).start()
    began = time.perf_counter()
    assert mailbox.take(timeout=30) == "here"
    assert time.perf_counter() - began < 10


def test_closing_wakes_the_taker_and_leaves_the_last_item() -> None:
    mailbox: LatestSlot[str] = LatestSlot()
    threading.Timer(0.05, mailbox.close).start()
    began = time.perf_counter()
    assert mailbox.take(timeout=30) is None
    assert time.perf_counter() - began < 10
    assert mailbox.finished

    mailbox = LatestSlot()
    mailbox.put("last")
    mailbox.close()
    assert not mailbox.finished
    assert mailbox.take(timeout=0) == "last"
    assert mailbox.finished
