"""The whole show in a window and its outputs: snapshots, recordings, blackout, virtual camera, console."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from live.frame import Frame, Pixels
from tests.live.bundles import read_film
from tests.live.scripted_window import Perform, ScriptedWindow


def read_picture(path: Path) -> Pixels:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture[:, :, ::-1].astype(np.uint8)


def test_a_snapshot_is_what_is_shown(perform: Perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(4)
        yield ["space"]
        yield from window.for_seconds(0.1)
        yield ["s", "s"]
        yield from window.for_seconds(0.1)

    (tmp_path / "pictures").mkdir()
    _, window = perform(script, "--snapshots", "pictures")
    paths = sorted((tmp_path / "pictures").iterdir())
    assert len(paths) == 2
    printed = capsys.readouterr().out
    for path in paths:
        np.testing.assert_array_equal(read_picture(path), window.shown[-1])
        assert f"snapshot pictures/{path.name}" in printed


def test_a_snapshot_that_cannot_be_written_is_one_line_and_the_show_goes_on(
    perform: Perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(4)
        (tmp_path / "pictures").rmdir()
        yield ["s"]
        yield from window.for_frames(4)

    (tmp_path / "pictures").mkdir()
    assert perform(script, "--snapshots", "pictures")[0] == 0
    assert capsys.readouterr().err.startswith("ninety-seconds-after: error: cannot write to pictures/")


def test_recording_on_and_off(perform: Perform, tmp_path: Path) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(3)
        yield ["v"]
        yield from window.for_frames(20)
        yield ["v"]
        yield from window.for_frames(10)

    _, window = perform(script, "--record-codec", "ffv1")
    (path,) = tmp_path.glob("fast-*.mkv")
    recorded = [frame.tobytes() for frame in read_film(path)]
    shown = [frame.tobytes() for frame in window.shown]
    assert 15 <= len(recorded) <= 25
    start = shown.index(recorded[0])
    assert shown[start : start + len(recorded)] == recorded


def test_a_full_disk_ends_the_recording_and_not_the_show(
    perform: Perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield ["i"]
        yield from window.for_frames(5)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
        yield from window.until(lambda: window.hud and "recording" not in window.hud)
        yield from window.for_frames(20)

    try:
        code, _ = perform(script, "--record", "a.mkv", "--record-codec", "ffv1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "ninety-seconds-after: error: the recording a.mkv ended (File too large); "
        "what was written until then is playable"
    ]
    assert len(read_film(tmp_path / "a.mkv")) > 2


def test_blackout_is_black_everywhere_while_the_show_goes_on(perform: Perform, tmp_path: Path) -> None:
    marks: list[int] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(5)
        yield ["b"]
        yield from window.until(lambda: not window.shown[-1].any())
        marks.append(len(window.shown))
        yield from window.for_frames(10)
        yield ["s"]
        yield ["b"]
        yield from window.until(lambda: window.shown[-1].any())
        marks.append(len(window.shown) - 1)
        yield from window.for_frames(5)
        yield ["space"]
        yield from window.for_seconds(0.1)
        before = window.shown[-1]
        yield ["b"]
        yield from window.until(lambda: not window.shown[-1].any())
        yield ["b"]
        yield from window.until(lambda: window.shown[-1].any())
        np.testing.assert_array_equal(window.shown[-1], before)

    code, window = perform(script, "--record", "a.mkv", "--record-codec", "ffv1", "--hud")
    assert code == 0
    assert not any(frame.any() for frame in window.shown[marks[0] : marks[1]])
    recorded = [bool(frame.any()) for frame in read_film(tmp_path / "a.mkv")]
    assert 8 < recorded.count(False) < len(recorded)
    (snapshot,) = tmp_path.glob("fast-*.png")
    assert not read_picture(snapshot).any()


def test_a_frozen_picture_turns_black_for_the_virtual_camera_too(
    perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Camera:
        """A virtual camera that keeps the last picture."""

        state, dropped = "obs", 0

        def __init__(self, *_: object, **__: object) -> None:
            cameras.append(self)
            self.repeats: Pixels = np.zeros((1, 1, 3), np.uint8)

        def offer(self, frame: Frame, *_: object) -> None:
            self.repeats = frame.pixels

        def close(self) -> None:
            pass

    cameras: list[Camera] = []
    monkeypatch.setattr("live.show.window_show.VirtualCamera", Camera)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: cameras[0].repeats.any())
        yield ["space"]
        yield from window.until(lambda: window.hud.get("show") == "paused")
        for black in (True, False):
            yield ["b"]
            yield from window.until(partial(lambda black: cameras[0].repeats.any() != black, black), seconds=5)

    assert perform(script, "--virtual-camera", "--hud")[0] == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_log_on_a_full_disk_does_not_end_the_show(
    perform: Perform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(3)
        yield ["1", "s", "shift+2", "l"]
        yield from window.until((tmp_path / "presets" / "2.toml").exists)
        yield from window.for_frames(3)
        reached.append(True)

    reached: list[bool] = []
    with ExitStack() as stack:
        for name in ("stdout", "stderr"):
            # Closing cannot write the rest of the buffer either.
            stack.enter_context(suppress(OSError))
            monkeypatch.setattr(sys, name, stack.enter_context(open("/dev/full", "w")))
        assert perform(script)[0] == 0
    assert reached
