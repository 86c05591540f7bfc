"""Requests from OSC and MIDI: the newest of each kind, from any thread."""

import threading

from live.controls.pending import PendingControls


def test_the_newest_of_each_is_taken_once() -> None:
    pending = PendingControls()
    for name, value in [("zoom", 0.1), ("recall", 2), ("recall", 3), ("zoom", 0.3), ("recall", 2)]:
        pending.put(name, value)
    assert pending.take() == [("recall", 3), ("zoom", 0.3), ("recall", 2)], "in the order of the newest"
    assert pending.take() == []
    assert pending.coalesced == 2


def test_the_count_is_right_with_many_threads() -> None:
    pending = PendingControls()
    taken = 0

    def put() -> None:
        for number in range(2000):
            pending.put("zoom", float(number))

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        taken += len(pending.take())
    taken += len(pending.take())
    assert taken + pending.coalesced == 8000
