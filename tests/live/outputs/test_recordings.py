import contextlib
import errno
import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from live.errors import RecordingError
from live.frame import Frame, Pixels
from live.outputs import encodings
from live.outputs.options import RecordingOptions
from live.outputs.recordings import Recordings
from live.outputs.video_file import VideoFile
from live.process.file_worker import FileWorker
from tests.live.bundles import HEIGHT, WIDTH, make_film, read_film


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


FILES = FileWorker()
INDICES = itertools.count()
"""Numbers of frames, which only rise."""


def make(record: Path | None = None, *, number: bool = False, pause: float = 0.0) -> Recordings:
    return Recordings(
        RecordingOptions(record=record),
        stem="hats",
        size=(HEIGHT, WIDTH),
        frame_rate=Fraction(12),
        files=FILES,
        number=number,
        first_pause_seconds=pause,
    )


def settle() -> None:
    """Let the file worker finish, as the main loop does."""
    assert FILES.wait(20)
    FILES.run_finished()


def offer(recordings: Recordings, count: int) -> None:
    for pixels in make_film(count):
        recordings.offer(Frame(pixels, next(INDICES), 0.0))


def test_without_a_recording_nothing_is_written(tmp_path: Path) -> None:
    recordings = make()
    offer(recordings, 3)
    recordings.close()
    assert recordings.path is None
    assert list(tmp_path.iterdir()) == []


def test_the_first_recording_has_the_name_of_the_option_and_further_ones_get_new_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    recordings = make(tmp_path / "out" / "show.gif")
    paths = []
    for count in (3, 5, 7):
        assert recordings.path is not None
        paths.append(recordings.path)
        offer(recordings, count)
        recordings.toggle()
        assert recordings.path is None
        offer(recordings, 2)
        recordings.toggle()
        settle()
    recordings.close()
    assert paths[0] == tmp_path / "out" / "show.gif"
    assert [len(read_film(path)) for path in paths] == [3, 5, 7]
    assert sorted((tmp_path / "out").iterdir()) == sorted(paths), "the last one had no picture and left no file"
    assert all(path.name.startswith("hats-") and path.suffix == ".gif" for path in paths[1:])
    printed = capsys.readouterr()
    assert printed.err == ""
    assert f"recorded {paths[1]}" in printed.out


def test_a_first_recording_that_exists_is_refused_before_the_show(tmp_path: Path) -> None:
    (tmp_path / "show.mkv").write_text("precious")
    with pytest.raises(RecordingError, match="--overwrite"):
        make(tmp_path / "show.mkv")


def test_a_later_recording_that_cannot_start_is_one_line_and_the_show_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    recordings = make(tmp_path / "gone" / "show.mkv")
    recordings.toggle()
    recordings.close()
    (tmp_path / "gone").rmdir()
    recordings.toggle()
    settle()
    offer(recordings, 2)
    recordings.close()
    assert recordings.path is None
    assert capsys.readouterr().err.startswith("ninety-seconds-after: error: cannot write to ")


def test_a_recording_without_a_frame_is_said_and_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recordings = make()
    recordings.toggle()
    settle()
    recordings.toggle()
    recordings.close()
    assert capsys.readouterr().out.splitlines()[-1] == "nothing was recorded: no frame came"
    assert list(tmp_path.iterdir()) == []


def test_while_the_file_of_a_recording_is_created_the_key_does_nothing(tmp_path: Path) -> None:
    recordings, disk = make(), threading.Event()
    FILES.submit("a disk that hangs", disk.wait)
    for _ in range(3):
        recordings.toggle()
    assert recordings.path is None
    disk.set()
    settle()
    assert recordings.path is not None
    offer(recordings, 2)
    recordings.close()
    assert len(list(tmp_path.iterdir())) == 1


def test_under_a_name_that_exists_a_numbered_recording_takes_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "show.mkv").write_text("precious")
    recordings = make(tmp_path / "show.mkv", number=True)
    offer(recordings, 3)
    recordings.close()
    assert (tmp_path / "show.mkv").read_text() == "precious"
    assert len(read_film(tmp_path / "show-2.mkv")) == 3


def test_a_disk_that_hangs_at_the_start_delays_the_show_briefly_and_no_frame_is_lost(tmp_path: Path) -> None:
    disk = threading.Event()
    FILES.submit("a disk that hangs", disk.wait)
    began = time.monotonic()
    recordings = make(tmp_path / "show.mkv")
    assert time.monotonic() - began < 20
    offer(recordings, 2)
    assert recordings.path is None
    disk.set()
    settle()
    offer(recordings, 3)
    recordings.close()
    assert len(read_film(tmp_path / "show.mkv")) == 5


def offer_until(recordings: Recordings, condition: Callable[[], object]) -> int:
    """Offer frames, and let the file worker hand on its results, until the condition holds. Return their number."""
    end = time.monotonic() + 100
    for count, pixels in enumerate(itertools.cycle(make_film(8))):
        if condition():
            return count
        assert time.monotonic() < end
        recordings.offer(Frame(pixels, next(INDICES), 0.0))
        FILES.run_finished()
        recordings.report_finished()
        time.sleep(0.005)
    raise AssertionError("a cycle does not end")


def test_a_recording_whose_folder_was_removed_goes_on_when_there_is_one_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    recordings = make(folder / "show.mkv")
    offer_until(recordings, lambda: (folder / "show.mkv").stat().st_size)
    folder.rename(tmp_path / "pulled")
    offer_until(recordings, lambda: recordings.path is None)
    folder.mkdir()
    offer_until(recordings, lambda: recordings.path)
    second = recordings.path
    assert second is not None
    offer(recordings, 5)
    recordings.close()
    assert len(read_film(tmp_path / "pulled" / "show.mkv")) > 1
    assert second.parent == folder
    assert len(read_film(second)) >= 5
    (line,) = capsys.readouterr().err.splitlines()
    assert "show.mkv ended, because it is not there any more" in line


def test_a_full_disk_costs_no_frame_if_it_has_room_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, full = VideoFile.write, [False]

    def write_or_fail(file: VideoFile, pixels: Pixels, index: int) -> None:
        if full[0]:
            raise RecordingError("the disk is full")
        write(file, pixels, index)

    monkeypatch.setattr(VideoFile, "write", write_or_fail)
    recordings = make(tmp_path / "show.mkv")
    offered = offer_until(recordings, lambda: (tmp_path / "show.mkv").stat().st_size)
    full[0] = True
    offered += offer_until(recordings, lambda: recordings.path is None)
    full[0] = False
    offered += offer_until(recordings, lambda: recordings.path)
    offer(recordings, 5)
    recordings.close()
    recorded = sum(len(read_film(path)) for path in tmp_path.iterdir())
    # The end of the first file may be the beginning of the second one.
    assert offered + 5 <= recorded <= offered + 5 + 6
    assert recordings.dropped == 0


def test_the_newest_frames_are_kept_while_no_disk_takes_them(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    recordings = make(folder / "show.mkv", pause=1000.0)
    offer_until(recordings, lambda: (folder / "show.mkv").stat().st_size)
    shutil.rmtree(folder)
    offer_until(recordings, lambda: recordings.path is None)
    offer(recordings, 200)
    assert 80 <= recordings.dropped < 200
    end = next(INDICES)
    assert [frame.index for frame in recordings._kept] == list(range(end - 120, end)), "ten seconds"
    recordings.close()
    assert recordings.dropped >= 200


def test_a_disk_that_hangs_during_a_recording_is_said_once_and_costs_no_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write, writing, disk, clock = VideoFile.write, threading.Event(), threading.Event(), Clock()
    monkeypatch.setattr("live.outputs.recorder.time", clock)

    def write_late(file: VideoFile, pixels: Pixels, index: int) -> None:
        writing.set()
        disk.wait(100)
        write(file, pixels, index)

    monkeypatch.setattr(VideoFile, "write", write_late)
    recordings = make(tmp_path / "show.mkv")
    offer(recordings, 1)
    assert writing.wait(100)
    clock.ahead = 4.0
    offer(recordings, 100)
    recordings.report_finished()
    recordings.report_finished()
    assert capsys.readouterr().out.count("waits for a disk that hangs; 10 s of frames are kept for it") == 1
    disk.set()
    recordings.close()
    assert len(read_film(tmp_path / "show.mkv")) == 101


def test_a_key_ends_the_attempts_of_a_recording_that_failed(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    recordings = make(folder / "show.mkv", pause=1000.0)
    offer_until(recordings, lambda: (folder / "show.mkv").stat().st_size)
    shutil.rmtree(folder)
    offer_until(recordings, lambda: recordings.path is None)
    folder.mkdir()
    recordings.toggle()
    offer(recordings, 5)
    settle()
    assert recordings.path is None
    recordings.toggle()
    settle()
    assert recordings.path is not None
    recordings.close()


def test_a_key_ends_the_attempts_even_while_the_disk_makes_the_new_file(tmp_path: Path) -> None:
    folder, disk = tmp_path / "stick", threading.Event()
    folder.mkdir()
    recordings = make(folder / "show.mkv")
    offer_until(recordings, lambda: (folder / "show.mkv").stat().st_size)
    shutil.rmtree(folder)
    offer_until(recordings, lambda: recordings.path is None)
    assert FILES.wait(20)
    folder.mkdir()
    FILES.submit("a disk that hangs", disk.wait)
    offer_until(recordings, lambda: recordings._creating)
    recordings.toggle()
    disk.set()
    settle()
    assert recordings.path is None
    recordings.close()
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_gone_before_the_first_picture_ends_nothing_but_the_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    recordings = make(folder / "show.mkv")
    shutil.rmtree(folder)
    recordings.toggle()
    recordings.close()
    assert capsys.readouterr().err == ""


def test_a_disk_that_cannot_look_a_file_up_ends_the_recording_and_not_the_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recordings, look = make(tmp_path / "show.mkv", pause=1000.0), os.stat

    def stat(path: object, *given: Any, **named: Any) -> os.stat_result:
        if str(path) == str(tmp_path / "show.mkv"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return look(path, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", stat)
    offer_until(recordings, lambda: recordings.path is None)
    recordings.close()
    (line,) = capsys.readouterr().err.splitlines()
    assert "is not there any more" in line


def test_pauses_grow_with_failures_and_are_short_again_after_a_long_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, folder = Clock(), tmp_path / "stick"
    monkeypatch.setattr("live.outputs.recordings.time", clock)
    folder.mkdir()
    recordings = make(folder / "show.mkv", pause=100.0)
    pauses = []
    for well in (0, 0, 400):
        offer_until(recordings, lambda: recordings.path and recordings.path.stat().st_size)
        clock.ahead += well
        shutil.rmtree(folder)
        offer_until(recordings, lambda: recordings.path is None)
        assert recordings._retry_at is not None
        pauses.append(round((recordings._retry_at - clock.monotonic()) / 100))
        folder.mkdir()
        clock.ahead += 300
    recordings.close()
    assert pauses == [1, 2, 1]


class Clock:
    """A clock that can be put ahead."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.mark.parametrize(("suffix", "most"), [(".mp4", {"most_frames": 20}), (".mkv", {"most_bytes": 2000})])
def test_an_endless_recording_goes_on_in_another_file_before_one_is_too_long_and_loses_no_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, most: dict[str, Any]
) -> None:
    monkeypatch.setitem(encodings.FORMATS, suffix, replace(encodings.FORMATS[suffix], **most))
    recordings = make(tmp_path / f"show{suffix}")
    for _ in range(60):
        offer(recordings, 1)
        settle()
        time.sleep(0.005)
        recordings.report_finished()
    recordings.close()
    lengths = [len(read_film(path)) for path in tmp_path.iterdir()]
    assert len(lengths) > 1
    assert sum(lengths) == 60


def test_a_webp_of_more_than_four_gigabytes_is_no_defect(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    file = VideoFile(path, size=(HEIGHT, WIDTH), frame_rate=Fraction(12), codec="h264", overwrite=False)
    for index, pixels in enumerate(make_film(3)):
        file.write(pixels, index)
    os.truncate(path, 2**32 + 100)  # without a block of its own
    with pytest.raises(RecordingError, match="File too large"):
        file.write(make_film(1)[0], 3)
    with contextlib.suppress(RecordingError):
        file.close()
