import threading
from multiprocessing import get_context

import numpy as np
import pytest

from live.camera.shared_frames import SLOTS, SharedFrames, State

SIZE = (6, 8)


@pytest.fixture
def both():
    """Both ends: who puts, who takes."""
    memory = SharedFrames.memory(get_context("spawn"), SIZE)
    return SharedFrames(memory, SIZE), SharedFrames(memory, SIZE)


def picture(value: int) -> np.ndarray:
    return np.full((*SIZE, 3), value, np.uint8)


def test_the_newest_is_taken_once(both) -> None:
    putting, taking = both
    assert taking.take() is None
    for value in range(1, 8):
        putting.put(picture(value), value / 2)
    pixels, captured_at = taking.take()
    np.testing.assert_array_equal(pixels, picture(7))
    assert captured_at == 3.5
    assert taking.take() is None
    putting.put(picture(9), 5.0)
    np.testing.assert_array_equal(pixels, picture(7)), "it is the taker's to keep"
    assert taking.take()[1] == 5.0
    assert taking.newest == putting.newest == 8


def test_a_picture_that_is_not_whole_is_not_taken(both) -> None:
    putting, taking = both
    putting.put(picture(1), 1.0)
    # As if the writer had been killed, or were a whole round ahead.
    putting._slots[1 % SLOTS]["pixels"][3, 3] = 77
    assert taking.take() is None
    putting.put(picture(2), 2.0)
    assert taking.take()[1] == 2.0


def test_no_picture_is_ever_torn(both) -> None:
    putting, taking = both
    putting_ended = threading.Event()

    def put() -> None:
        for number in range(5000):
            putting.put(picture(number % 251), float(number % 251))
        putting_ended.set()

    threading.Thread(target=put, daemon=True).start()
    taken = 0
    while not putting_ended.is_set():
        if (new := taking.take()) is not None:
            assert (new[0] == new[1]).all()
            taken += 1
    assert taken > 0


def test_what_is_said_at_one_end_is_heard_at_the_other(both) -> None:
    putting, taking = both
    assert taking.state == State.OPENING
    putting.state = State.BLACK
    putting.alive_at = 12.25
    taking.mirror = True
    assert (taking.state, taking.alive_at, putting.mirror) == (State.BLACK, 12.25, True)
