from fractions import Fraction
from pathlib import Path

import pytest

from live.errors import RecordingError
from live.frame import Frame
from live.outputs.options import RecordingOptions
from live.outputs.recordings import Recordings
from tests.live.bundles import HEIGHT, WIDTH, make_film, read_film


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make(record: Path | None = None) -> Recordings:
    return Recordings(RecordingOptions(record=record), stem="hats", size=(HEIGHT, WIDTH), frame_rate=Fraction(12))


def offer(recordings: Recordings, count: int) -> None:
    for index, pixels in enumerate(make_film(count)):
        recordings.offer(Frame(pixels, index, 0.0, 0.0))


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
    offer(recordings, 2)
    recordings.close()
    assert recordings.path is None
    assert capsys.readouterr().err.startswith("ninety-seconds-after: error: cannot write to ")
