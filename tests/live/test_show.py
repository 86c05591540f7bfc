"""The whole show in a window, with hands that follow a script."""

import json
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from live.app import main
from live.controls.table import HELP
from tests.live.bundles import (
    K,
    make_film,
    next_state,
    read_film,
    same_picture,
    to_context,
)
from tests.live.scripted_window import wait_for_the_end


def test_the_window_shows_what_offline_rendering_makes(perform, fast_bundle, tmp_path: Path) -> None:
    common = ("--tail", "0.5", "--seconds", "1.5", "--record-codec", "ffv1")
    code, window = perform(wait_for_the_end, *common, "--record", "window.mkv", "--stats", "stats.json")
    assert code == 0
    offline = ["--model", str(fast_bundle), "--seed", "3", "--headless", "--record", "offline.mkv"]
    assert main([*offline, *common]) == 0
    expected = {frame.tobytes(): index for index, frame in enumerate(read_film(tmp_path / "offline.mkv"))}
    assert len(expected) == 120
    # A busy machine may drop frames, but none is ever another, and they keep their order.
    places = [expected[frame.tobytes()] for frame in window.shown]
    assert places == sorted(places)
    assert len(places) > 60
    recorded = [expected[frame.tobytes()] for frame in read_film(tmp_path / "window.mkv")]
    assert recorded == sorted(set(recorded))
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames"]["tail"] + stats["frames"]["after_end"] + stats["dropped_frames"] == 120
    # To the stage, all that this process has computed until now was its start.
    assert 0 < stats["first_picture_seconds"] < time.process_time() + 30
    assert {"interval", "present", "session", "sinks", "step"} == stats["sections_ms"].keys()
    assert stats["sections_ms"]["interval"]["p50"] > 5


def test_feedback_shows_the_same_frames_in_the_window_as_offline(perform, fast_bundle, tmp_path: Path) -> None:
    common = ("--tail", "0.1", "--seconds", "0.5", "--record-codec", "ffv1", "--rotation", "90", "--hue-drift", "60")
    assert perform(wait_for_the_end, *common, "--record", "window.mkv")[0] == 0
    offline = ["--model", str(fast_bundle), "--seed", "3", "--headless", "--record", "offline.mkv"]
    assert main([*offline, *common]) == 0
    expected = {frame.tobytes() for frame in read_film(tmp_path / "offline.mkv")}
    recorded = {frame.tobytes() for frame in read_film(tmp_path / "window.mkv")}
    assert recorded <= expected
    assert len(recorded) > 5


def test_the_first_picture_is_the_tails_first_frame(perform) -> None:
    _, window = perform(lambda window: iter([["q"]]), "--tail", "0.5")
    np.testing.assert_array_equal(window.shown[0], make_film()[-30])
    _, window = perform(lambda window: iter([["q"]]), "--tail", "0")
    np.testing.assert_array_equal(window.shown[0], make_film()[-1])


@pytest.mark.parametrize("key", ["q", "escape"])
def test_quitting(perform, key):
    def script(window):
        yield from window.for_frames(3)
        yield [key]
        raise AssertionError("still there")

    assert perform(script)[0] == 0


def test_closing_the_window_ends_the_show(perform):
    def script(window):
        yield from window.for_frames(3)
        window.closed = True
        yield []
        raise AssertionError("still there")

    assert perform(script)[0] == 0


def test_pause_and_single_steps(perform):
    counts = []

    def script(window):
        yield from window.for_frames(5)
        yield ["space"]
        yield from window.for_seconds(0.2)
        counts.append(len(window.shown))
        yield from window.for_seconds(0.3)
        counts.append(len(window.shown))
        for key in (".", "n"):
            yield [key]
            yield from window.for_seconds(0.2)
            counts.append(len(window.shown))
        yield ["space"]
        yield from window.for_frames(5)

    perform(script, "--tail", "0")
    assert np.diff(counts).tolist() == [0, 1, 1]


def test_reseeding(perform):
    marks = []

    def script(window):
        yield from window.for_frames(10)
        for key in ("r", "t"):
            yield ["space"]
            yield from window.for_seconds(0.1)
            marks.append(len(window.shown))
            yield [key, "."]
            yield from window.until(lambda: len(window.shown) > marks[-1])
            yield ["space"]
            yield from window.for_frames(5)

    _, window = perform(script, "--tail", "0.5", "--temperature", "0")
    silence = np.zeros((1, 1, 48, 64), np.float32)
    film = make_film()
    continued = {
        moment: next_state(to_context(film[moment + 1 - K : moment + 1]), silence, 0.0)[0]
        for moment in range(K - 1, 60)
    }

    def moment_of(frame: np.ndarray) -> list[int]:
        return [moment for moment, after in continued.items() if same_picture(after, frame)]

    assert moment_of(window.shown[marks[0]]) == [59]
    (moment,) = moment_of(window.shown[marks[1]])
    assert moment in range(30, 60)


def test_temperature_and_speed(perform):
    seen = []

    def script(window):
        yield ["i"]
        yield from window.until(lambda: window.hud)
        for keys in (["up"] * 3, ["down"] * 5, ["up"] * 30, ["down"] * 30, ["+", "=", "[+]"], ["-"] * 9, ["+"] * 9):
            yield keys
            yield from window.for_seconds(0.3)
            seen.append((window.hud["temperature"], window.hud["speed"]))

    perform(script)
    assert [temperature for temperature, _ in seen[:4]] == ["1.3", "0.8", "2.0", "0.0"]
    assert [speed for _, speed in seen[4:]] == ["× 3", "× 0.25", "× 4"]


def test_hud_and_help(perform):
    def script(window):
        yield from window.for_frames(2)
        assert not window.hud
        for key in ("i", "tab"):
            yield [key]
            yield from window.until(lambda: window.hud)
            assert window.hud["seed"] == "3"
            assert window.hud["provider"].startswith(("CPU", "CUDA"))
            yield [key]
            yield from window.until(lambda: not window.hud)
        yield ["h"]
        yield from window.until(lambda: window.help == HELP)
        yield ["h"]
        yield from window.until(lambda: not window.help)
        yield ["space"]
        yield from window.for_seconds(0.2)
        presented = window.presented
        yield ["h"]
        yield from window.until(lambda: window.help == HELP)
        assert window.presented > presented, "the help comes in a pause, too"

    assert perform(script)[0] == 0


def test_the_hud_can_be_there_from_the_start(perform):
    def script(window):
        yield from window.until(lambda: window.hud)

    assert perform(script, "--hud")[0] == 0


def test_a_snapshot_is_what_is_shown(perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def script(window):
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
        np.testing.assert_array_equal(cv2.imread(str(path))[:, :, ::-1], window.shown[-1])
        assert f"snapshot pictures/{path.name}" in printed


def test_a_snapshot_that_cannot_be_written_is_one_line_and_the_show_goes_on(
    perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def script(window):
        yield from window.for_frames(4)
        (tmp_path / "pictures").rmdir()
        yield ["s"]
        yield from window.for_frames(4)

    (tmp_path / "pictures").mkdir()
    assert perform(script, "--snapshots", "pictures")[0] == 0
    assert capsys.readouterr().err.startswith("ninety-seconds-after: error: cannot write to pictures/")


def test_recording_on_and_off(perform, tmp_path: Path):
    def script(window):
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


def test_a_full_disk_ends_the_recording_and_not_the_show(perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def script(window):
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


def test_fullscreen_on_and_off(perform):
    sizes = []

    def script(window):
        yield from window.for_frames(2)
        for _ in range(2):
            yield ["f11"]
            yield from window.for_frames(2)
            sizes.append(tuple(window._window.size))

    perform(script)
    assert sizes[0] == (1024, 768)
    assert sizes[1] != sizes[0]


def test_what_goes_wrong_in_the_generators_thread_is_not_lost(perform, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self, look) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr("live.inference.generator.Generator.step", fails)
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        perform(wait_for_the_end, "--tail", "0")


def test_the_pace_is_the_models(perform):
    elapsed = []

    def script(window):
        yield from window.for_frames(2)
        began = time.perf_counter()
        yield from window.for_frames(12)
        elapsed.append(time.perf_counter() - began)

    perform(script)
    # Twelve frames at 60 a second: never faster, and slower only on a busy machine.
    assert 0.15 < elapsed[0] < 5


def test_blackout_is_black_everywhere_while_the_dream_goes_on(perform, tmp_path: Path):
    marks = []

    def script(window):
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
    assert not cv2.imread(str(snapshot)).any()


def test_a_frozen_picture_turns_black_for_the_virtual_camera_too(perform, monkeypatch: pytest.MonkeyPatch):
    class Camera:
        """Takes what it is offered."""

        state, dropped = "obs", 0

        def __init__(self, *_) -> None:
            cameras.append(self)
            self.repeats = np.zeros((1, 1, 3), np.uint8)

        def offer(self, frame) -> None:
            self.repeats = frame.pixels

        def close(self) -> None:
            pass

    cameras: list[Camera] = []
    monkeypatch.setattr("live.outputs.virtual_camera.VirtualCamera", Camera)

    def script(window):
        yield from window.until(lambda: cameras[0].repeats.any())
        yield ["space"]
        yield from window.until(lambda: window.hud.get("frames/s") == "paused")
        for black in (True, False):
            yield ["b"]
            yield from window.until(lambda black=black: cameras[0].repeats.any() != black, seconds=5)

    assert perform(script, "--virtual-camera", "--hud")[0] == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_log_on_a_full_disk_does_not_end_the_show(perform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def script(window):
        yield from window.for_frames(3)
        yield ["1", "s", "shift+2", "l"]
        yield from window.until((tmp_path / "presets" / "2.toml").exists)
        yield from window.for_frames(3)
        reached.append(True)

    reached: list[bool] = []
    with ExitStack() as stack:
        for name in ("stdout", "stderr"):
            # What is left in its buffer cannot be written on closing either.
            stack.enter_context(suppress(OSError))
            monkeypatch.setattr(sys, name, stack.enter_context(open("/dev/full", "w")))
        assert perform(script)[0] == 0
    assert reached
