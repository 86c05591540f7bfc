import threading

from live.controls.pending import PendingControls


def test_the_newest_of_each_is_taken_once() -> None:
    wishes = PendingControls()
    for name, value in [("zoom", 0.1), ("recall", 2), ("recall", 3), ("zoom", 0.3), ("recall", 2)]:
        wishes.put(name, value)
    assert wishes.take() == [("recall", 3), ("zoom", 0.3), ("recall", 2)], "in the order of the newest"
    assert wishes.take() == []
    assert wishes.coalesced == 2


def test_many_threads_lose_nothing_of_the_count() -> None:
    wishes = PendingControls()
    taken = 0

    def put() -> None:
        for number in range(2000):
            wishes.put("zoom", float(number))

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        taken += len(wishes.take())
    taken += len(wishes.take())
    assert taken + wishes.coalesced == 8000
