import errno
import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from live.errors import RecordingError
from live.frame import Frame
from live.outputs.options import RecordingOptions
from live.outputs.recordings import Recordings
from live.process.file_worker import FileWorker
from tests.live.bundles import HEIGHT, WIDTH, make_film, read_film


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


FILES = FileWorker()


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
    for index, pixels in enumerate(make_film(count)):
        recordings.offer(Frame(pixels, index, 0.0))


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


def test_a_disk_that_hangs_at_the_start_delays_the_show_briefly_and_the_recording_follows(tmp_path: Path) -> None:
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
    assert len(read_film(tmp_path / "show.mkv")) == 3


def offer_until(recordings: Recordings, condition: Callable[[], object]) -> None:
    """Offer frames, and let the file worker hand on its results, until the condition holds."""
    end = time.monotonic() + 100
    for index, pixels in enumerate(itertools.cycle(make_film(8))):
        if condition():
            return
        assert time.monotonic() < end
        recordings.offer(Frame(pixels, index, 0.0, 0.0))
        FILES.run_finished()
        time.sleep(0.005)


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
