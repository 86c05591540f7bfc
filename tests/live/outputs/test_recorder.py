import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from live.errors import RecordingError
from live.frame import Frame
from live.outputs.recorder import QUEUE_FRAMES, Recorder
from live.outputs.video_file import VideoFile
from tests.live.bundles import HEIGHT, WIDTH, make_film, read_film


def frames(count: int) -> list[Frame]:
    film = make_film(count)
    return [Frame(film[index], index, 0.0, 0.0) for index in range(count)]


class SlowFile(VideoFile):
    """A real video file on a disk that answers only when it is let."""

    def __init__(self, path, fails_at: int | None = None, error: Exception | None = None) -> None:
        super().__init__(path, size=(HEIGHT, WIDTH), frame_rate=Fraction(12), codec="ffv1", overwrite=False)
        self.gate = threading.Event()
        self.error = error
        self.fails_at = fails_at

    def write(self, pixels, index) -> None:
        assert self.gate.wait(timeout=30)
        if index == self.fails_at and self.error:
            raise self.error
        super().write(pixels, index)


def test_offline_every_frame_is_recorded_however_slow_the_disk(tmp_path: Path) -> None:
    file = SlowFile(tmp_path / "a.mkv")
    recorder = Recorder(file, wait=True)
    threading.Timer(0.2, file.gate.set).start()
    began = time.perf_counter()
    for frame in frames(3 * QUEUE_FRAMES):
        recorder.offer(frame)
    assert time.perf_counter() - began > 0.1, "it waited"
    assert recorder.close() is None
    assert recorder.dropped == 0
    np.testing.assert_array_equal(read_film(tmp_path / "a.mkv"), make_film(3 * QUEUE_FRAMES))


def test_live_nobody_waits_and_what_finds_no_room_is_counted(tmp_path: Path) -> None:
    file = SlowFile(tmp_path / "a.mkv")
    recorder = Recorder(file, wait=False)
    began = time.perf_counter()
    for frame in frames(3 * QUEUE_FRAMES):
        recorder.offer(frame)
    assert time.perf_counter() - began < 10
    # One more may be in the encoder's hands.
    assert 2 * QUEUE_FRAMES - 1 <= recorder.dropped <= 2 * QUEUE_FRAMES
    file.gate.set()
    recorder.close()
    assert len(read_film(tmp_path / "a.mkv")) == 3 * QUEUE_FRAMES - recorder.dropped


@pytest.mark.parametrize("wait", [True, False])
def test_a_recording_that_fails_blocks_nobody_and_says_why(tmp_path: Path, wait) -> None:
    file = SlowFile(tmp_path / "a.mkv", fails_at=20, error=RecordingError("the disk is full"))
    file.gate.set()
    recorder = Recorder(file, wait=wait)
    for frame in frames(QUEUE_FRAMES):
        recorder.offer(frame)
        time.sleep(0.001)
    for _ in range(5):
        for frame in frames(QUEUE_FRAMES):
            recorder.offer(frame)
    failure = recorder.close()
    assert str(failure) == "the disk is full"
    assert recorder.failure is failure
    assert len(read_film(tmp_path / "a.mkv")) == 20, "the file is closed and playable"


def test_a_mistake_in_the_thread_is_never_lost(tmp_path: Path) -> None:
    file = SlowFile(tmp_path / "a.mkv", fails_at=0, error=ZeroDivisionError("a mistake"))
    file.gate.set()
    recorder = Recorder(file, wait=False)
    recorder.offer(frames(1)[0])
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        recorder.close()


def test_finish_does_not_wait(tmp_path: Path) -> None:
    file = SlowFile(tmp_path / "a.mkv")
    recorder = Recorder(file, wait=False)
    for frame in frames(5):
        recorder.offer(frame)
    recorder.finish()
    assert not recorder.done
    file.gate.set()
    assert recorder.close() is None
    assert recorder.done
    assert len(read_film(tmp_path / "a.mkv")) == 5
