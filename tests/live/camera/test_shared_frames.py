import threading
from ctypes import Array, c_ubyte
from multiprocessing import get_context

import numpy as np
import pytest

from live.camera.shared_frames import SharedFrames, State
from live.frame import Pixels

SIZE = (6, 8)


@pytest.fixture
def memory() -> "Array[c_ubyte]":
    return SharedFrames.allocate(get_context("spawn"), SIZE)


@pytest.fixture
def writer(memory: "Array[c_ubyte]") -> SharedFrames:
    return SharedFrames(memory, SIZE)


@pytest.fixture
def reader(memory: "Array[c_ubyte]") -> SharedFrames:
    return SharedFrames(memory, SIZE)


def picture(value: int) -> Pixels:
    return np.full((*SIZE, 3), value, np.uint8)


def take(reader: SharedFrames) -> tuple[Pixels, float]:
    taken = reader.take()
    assert taken is not None
    return taken


def test_the_newest_frame_is_taken_once(writer: SharedFrames, reader: SharedFrames) -> None:
    assert reader.take() is None
    for value in range(1, 8):
        writer.put(picture(value), value / 2)
    pixels, captured_at = take(reader)
    np.testing.assert_array_equal(pixels, picture(7))
    assert captured_at == 3.5
    assert reader.take() is None
    writer.put(picture(9), 5.0)
    np.testing.assert_array_equal(pixels, picture(7), err_msg="the copy is the reader's to keep")
    assert take(reader)[1] == 5.0
    assert reader.newest == writer.newest == 8


def test_an_incomplete_frame_is_not_taken(memory: "Array[c_ubyte]", writer: SharedFrames, reader: SharedFrames) -> None:
    writer.put(picture(1), 1.0)
    # As if the writer had been killed, or were a whole round ahead.
    raw = np.frombuffer(memoryview(memory), np.uint8)
    raw[raw.tobytes().index(picture(1).tobytes()) + 50] = 77
    assert reader.take() is None
    writer.put(picture(2), 2.0)
    assert take(reader)[1] == 2.0


def test_no_frame_is_ever_torn(writer: SharedFrames, reader: SharedFrames) -> None:
    writer_ended = threading.Event()

    def put() -> None:
        for number in range(5000):
            writer.put(picture(number % 251), float(number % 251))
        writer_ended.set()

    threading.Thread(target=put, daemon=True).start()
    taken = 0
    while not writer_ended.is_set():
        if (new := reader.take()) is not None:
            assert (new[0] == new[1]).all()
            taken += 1
    assert taken > 0


def test_both_sides_share_state_signs_of_life_and_mirror(writer: SharedFrames, reader: SharedFrames) -> None:
    assert reader.state == State.OPENING
    writer.state = State.BLACK
    writer.alive_at = 12.25
    reader.mirror = True
    assert (reader.state, reader.alive_at, writer.mirror) == (State.BLACK, 12.25, True)
