"""Tasks that read or write files: in order, without waiting, whatever the disk does."""

import threading
import time
from collections.abc import Iterator

import pytest

from live.process.file_worker import FileWorker


@pytest.fixture
def disk() -> Iterator[threading.Event]:
    """A disk that hangs until the event is set."""
    disk = threading.Event()
    yield disk
    disk.set()


def run_until(worker: FileWorker, results: list[object], count: int) -> None:
    """Hand on results until there are so many."""
    end = time.monotonic() + 20
    while len(results) < count:
        assert time.monotonic() < end, results
        worker.run_finished()
        time.sleep(0.001)


def test_tasks_run_in_order_and_hand_their_results_to_the_main_thread() -> None:
    worker, results, threads = FileWorker(), list[object](), list[threading.Thread]()

    def task(number: int) -> int:
        threads.append(threading.current_thread())
        return number

    def done(number: int) -> None:
        results.append((number, threading.current_thread() is threading.main_thread()))

    for number in range(5):
        assert worker.submit("a task", lambda number=number: task(number), done)  # type: ignore[misc]
    run_until(worker, results, 5)
    assert results == [(number, True) for number in range(5)]
    assert len(set(threads)) == 1
    assert threads[0] is not threading.main_thread()
    worker.close()
    threads[0].join(20)
    assert not threads[0].is_alive()


def test_without_a_task_there_is_no_thread() -> None:
    before = threading.active_count()
    worker = FileWorker()
    worker.run_finished()
    worker.close()
    assert threading.active_count() == before


def test_a_disk_that_hangs_keeps_nobody_waiting_and_is_said_once(
    disk: threading.Event, capsys: pytest.CaptureFixture[str]
) -> None:
    worker, results = FileWorker(most=2, slow_seconds=0.05), list[object]()
    worker.submit("preset 1", disk.wait, results.append)
    end = time.monotonic() + 20
    said = ""
    while "hangs" not in said:
        assert time.monotonic() < end
        worker.run_finished()
        said += capsys.readouterr().out
    for _ in range(3):
        worker.run_finished()
    taken = [worker.submit("a snapshot", lambda: 1, results.append) for _ in range(5)]
    assert taken == [True, True, False, False, False]
    assert said + capsys.readouterr().out == (
        "preset 1 waits for a disk that hangs; the show goes on without it\n"
        "a snapshot is left out, and what follows, because preset 1 still waits for the disk\n"
    )
    assert results == []
    disk.set()
    run_until(worker, results, 3)
    assert results == [True, 1, 1]
    assert worker.settled
    disk.clear()
    assert [worker.submit("preset 2", disk.wait) for _ in range(9)].count(True) in (2, 3)
    assert "preset 2 is left out" in capsys.readouterr().out, "said anew after there was room"


def test_the_end_waits_for_what_is_written_but_not_for_a_disk_that_hangs(
    disk: threading.Event, capsys: pytest.CaptureFixture[str]
) -> None:
    worker, written = FileWorker(), list[int]()
    for number in range(3):
        worker.submit("a task", lambda number=number: written.append(number))  # type: ignore[misc]
    worker.close()
    assert written == [0, 1, 2]
    assert capsys.readouterr().out == ""
    worker = FileWorker()
    worker.submit("preset 1", disk.wait)
    worker.submit("a snapshot", lambda: written.append(3))
    worker.close(0.05)
    assert capsys.readouterr().out == "the disk hangs; not done: preset 1, a snapshot\n"
    disk.set()
    assert worker.wait(0.2) in (True, False)
    assert written == [0, 1, 2], "what was said to be left is not done later"


def test_a_defect_is_raised_where_results_are_handed_on() -> None:
    worker = FileWorker()
    worker.submit("a task", lambda: 1 / 0)
    assert worker.wait(20)
    with pytest.raises(ZeroDivisionError):
        worker.run_finished()
    worker.run_finished()
