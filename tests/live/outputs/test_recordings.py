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


def make(**settings) -> Recordings:
    return Recordings(RecordingOptions(**settings), stem="hats", size=(HEIGHT, WIDTH), frame_rate=Fraction(12))


def offer(takes: Recordings, count: int) -> None:
    for index, pixels in enumerate(make_film(count)):
        takes.offer(Frame(pixels, index, 0.0, 0.0))


def test_without_a_take_nothing_is_written(tmp_path: Path) -> None:
    takes = make()
    offer(takes, 3)
    takes.close()
    assert takes.path is None
    assert list(tmp_path.iterdir()) == []


def test_the_first_take_is_the_one_that_was_asked_for_and_further_ones_get_their_own_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    takes = make(record=tmp_path / "out" / "show.gif")
    paths = []
    for count in (3, 5, 7):
        assert takes.path is not None
        paths.append(takes.path)
        offer(takes, count)
        takes.toggle()
        assert takes.path is None
        offer(takes, 2)
        takes.toggle()
    takes.close()
    assert paths[0] == tmp_path / "out" / "show.gif"
    assert [len(read_film(path)) for path in paths] == [3, 5, 7]
    assert sorted((tmp_path / "out").iterdir()) == sorted(paths), "the last one had no picture and left no file"
    assert all(path.name.startswith("hats-") and path.suffix == ".gif" for path in paths[1:])
    printed = capsys.readouterr()
    assert printed.err == ""
    assert f"recorded {paths[1]}" in printed.out


def test_a_first_take_that_exists_is_refused_before_the_show(tmp_path: Path) -> None:
    (tmp_path / "show.mkv").write_text("precious")
    with pytest.raises(RecordingError, match="--overwrite"):
        make(record=tmp_path / "show.mkv")


def test_a_later_take_that_cannot_begin_is_one_line_and_the_show_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    takes = make(record=tmp_path / "gone" / "show.mkv")
    takes.toggle()
    takes.close()
    (tmp_path / "gone").rmdir()
    takes.toggle()
    offer(takes, 2)
    takes.close()
    assert takes.path is None
    assert capsys.readouterr().err.startswith("ninety-seconds-after: error: cannot write to ")
