import threading
from fractions import Fraction
from pathlib import Path

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


def make(record: Path | None = None) -> Recordings:
    return Recordings(
        RecordingOptions(record=record), stem="hats", size=(HEIGHT, WIDTH), frame_rate=Fraction(12), files=FILES
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
