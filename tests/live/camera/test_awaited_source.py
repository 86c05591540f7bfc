"""A source that comes during the show."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

import live.waiting
from live.camera.awaited_source import AwaitedSource
from live.camera.open_source import open_source
from live.camera.options import CameraOptions
from live.camera.source import CapturedFrame
from live.errors import CameraError
from tests.live.bundles import HEIGHT, RATE, WIDTH, make_film, write_film
from tests.live.waiting import wait_until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.waiting, "RETRY_SECONDS", 0.01)


class StillSource:
    """A source that keeps what it was told."""

    def __init__(self) -> None:
        self.name = "A Camera"
        self.mirror = True
        self.resting = self.closed = False
        self.trouble = ""

    def read(self, index: int) -> CapturedFrame | None:
        return None

    def rest(self, wanted: bool) -> None:
        self.resting = wanted

    def close(self) -> None:
        self.closed = True


def test_it_is_silent_until_it_is_there_and_then_as_it_was_asked_to_be() -> None:
    there: list[StillSource] = []

    def open() -> StillSource:
        if not there:
            raise CameraError("there is no webcam; plug one in", may_pass=True)
        return there[0]

    source = AwaitedSource("the first webcam", open)
    assert (source.name, source.trouble, source.read(0)) == ("the first webcam", "is missing", None)
    source.mirror = False
    source.rest(True)
    assert not source.mirror
    there.append(StillSource())
    wait_until(lambda: source.name == "A Camera")
    assert (there[0].mirror, there[0].resting, source.trouble) == (False, True, "")
    source.rest(False)
    source.mirror = True
    assert (there[0].mirror, there[0].resting) == (True, False)
    source.close()
    assert there[0].closed


def test_a_file_that_comes_late_is_played(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    options = CameraOptions(camera=str(path))
    source = open_source(options, size=(HEIGHT, WIDTH), frame_rate=Fraction(RATE), headless=False, wait=True)
    assert source is not None
    assert source.read(0) is None
    write_film(tmp_path / "new.mkv", make_film()[:10])
    (tmp_path / "new.mkv").rename(path)
    wait_until(lambda: source.read(0) is not None)
    source.close()


def test_what_waiting_does_not_help_is_an_error_all_the_same(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CameraError, match="is a pipe"):
        open_source(
            CameraOptions(camera=str(tmp_path / "pipe")),
            size=(HEIGHT, WIDTH),
            frame_rate=Fraction(RATE),
            headless=False,
            wait=True,
        )
