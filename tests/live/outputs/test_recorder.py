import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from live.errors import RecordingError
from live.frame import Frame, Pixels
from live.outputs.recorder import QUEUE_FRAMES, Recorder
from live.outputs.video_file import VideoFile
from tests.live.bundles import HEIGHT, WIDTH, make_film, read_film


def frames(count: int) -> list[Frame]:
    film = make_film(count)
    return [Frame(film[index], index, 0.0) for index in range(count)]


class SlowFile(VideoFile):
    """A real video file on a disk that writes only while its gate is open."""

    def __init__(self, path: Path, fails_at: int | None = None, error: Exception | None = None) -> None:
        super().__init__(path, size=(HEIGHT, WIDTH), frame_rate=Fraction(12), codec="ffv1", overwrite=False)
        self.gate = threading.Event()
        self._error = error
        self._fails_at = fails_at

    def write(self, pixels: Pixels, index: int) -> None:
        assert self.gate.wait(timeout=30)
        if index == self._fails_at and self._error:
            raise self._error
        super().write(pixels, index)


def test_headless_every_frame_is_recorded_however_slow_the_disk(tmp_path: Path) -> None:
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


def test_live_nothing_waits_and_frames_without_room_are_counted(tmp_path: Path) -> None:
    file = SlowFile(tmp_path / "a.mkv")
    recorder = Recorder(file, wait=False)
    began = time.perf_counter()
    for frame in frames(3 * QUEUE_FRAMES):
        recorder.offer(frame)
    assert time.perf_counter() - began < 10
    # The encoder may hold one more.
    assert 2 * QUEUE_FRAMES - 1 <= recorder.dropped <= 2 * QUEUE_FRAMES
    file.gate.set()
    recorder.close()
    assert len(read_film(tmp_path / "a.mkv")) == 3 * QUEUE_FRAMES - recorder.dropped


@pytest.mark.parametrize("wait", [True, False])
def test_a_failed_recording_never_blocks_and_says_why(tmp_path: Path, wait: bool) -> None:
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


def test_what_a_failed_file_lacks_is_left_but_not_more_than_a_group_of_what_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = []
    for name in ("told", "never told"):
        file = SlowFile(tmp_path / f"{name}.mkv", fails_at=2 * QUEUE_FRAMES, error=RecordingError("the disk is full"))
        recorder = Recorder(file, wait=False, frames=frames(3 * QUEUE_FRAMES))
        file.gate.set()
        recorder.close()
        lost.append([frame.index for frame in recorder.left])
        monkeypatch.setattr(Recorder, "_look_up_size", lambda recorder: 0)
    assert lost[0][-1] == lost[1][-1] == 3 * QUEUE_FRAMES - 1
    # Twelve frames a second, and half a second in a group.
    assert 2 * QUEUE_FRAMES - 6 <= lost[0][0] <= 2 * QUEUE_FRAMES
    assert lost[1][0] == QUEUE_FRAMES + 1


def test_a_defect_in_the_thread_is_raised(tmp_path: Path) -> None:
    file = SlowFile(tmp_path / "a.mkv", fails_at=0, error=ZeroDivisionError("a defect"))
    file.gate.set()
    recorder = Recorder(file, wait=False)
    recorder.offer(frames(1)[0])
    with pytest.raises(ZeroDivisionError, match="a defect"):
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


def test_a_disk_that_hangs_does_not_keep_a_recording_from_ending(tmp_path: Path) -> None:
    file = SlowFile(tmp_path / "a.mkv")
    recorder = Recorder(file, wait=False, hanging_seconds=0.05)
    recorder.offer(frames(1)[0])
    failure = recorder.close()
    assert "was not completed, because the disk hangs" in str(failure)
    assert not recorder.done
    file.gate.set()
