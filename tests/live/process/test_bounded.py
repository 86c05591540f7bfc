"""Bounded time: what hangs, crashes, prints or fails in a thread or a process."""

import os
import threading
import time

import pytest

from live.errors import CameraError
from live.process.bounded import NoAnswerError, in_process, in_thread

# More than a process takes to start on a busy machine.
ENOUGH = 100.0


class Stubborn(Exception):
    """An exception that cannot be sent to another process."""

    def __init__(self) -> None:
        super().__init__("stubborn")
        self.lock = threading.Lock()


def add(one: int, other: int) -> int:
    return one + other


def refuse() -> None:
    raise CameraError("there is no webcam; plug one in")


def fail_stubbornly() -> None:
    raise Stubborn


def crash() -> None:
    os._exit(3)


def hang() -> None:
    time.sleep(1000)


def chatter() -> str:
    print("to Python's stdout")
    os.write(1, b"to the stdout of C\n")
    os.write(2, b"to the stderr of C\n")
    return "done"


def test_a_thread_hands_on_its_result_or_its_error() -> None:
    assert in_thread(lambda: 3, ENOUGH) == 3
    with pytest.raises(CameraError):
        in_thread(refuse, ENOUGH)


def test_a_thread_that_hangs_is_left_behind() -> None:
    released = threading.Event()
    with pytest.raises(NoAnswerError, match=r"no answer within 0\.1 s"):
        in_thread(released.wait, 0.1)
    released.set()


def test_a_process_hands_on_its_result_or_its_error() -> None:
    assert in_process(add, 2, 3, seconds=ENOUGH) == 5
    with pytest.raises(CameraError, match="plug one in"):
        in_process(refuse, seconds=ENOUGH)
    with pytest.raises(RuntimeError, match="stubborn"):
        in_process(fail_stubbornly, seconds=ENOUGH)


def test_a_process_that_crashes_or_hangs_is_named() -> None:
    with pytest.raises(NoAnswerError, match=r"crashed \(exit code 3\)"):
        in_process(crash, seconds=ENOUGH)
    with pytest.raises(NoAnswerError, match=r"no answer within 0\.5 s"):
        in_process(hang, seconds=0.5)


def test_a_process_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert in_process(chatter, seconds=ENOUGH) == "done"
    assert capfd.readouterr() == ("", "")
