"""The whole show in a window, with keys that a script presses."""

import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from live.app import main
from live.camera.camera_input import CameraInput
from live.controls.table import HELP
from live.frame import Pixels
from live.inference.generator import Generator
from tests.live.bundles import K, make_film, next_state, read_film, same_picture, to_context
from tests.live.scripted_window import Perform, ScriptedWindow, wait_for_the_end


def test_the_window_shows_what_offline_rendering_makes(perform: Perform, fast_bundle: Path, tmp_path: Path) -> None:
    common = ("--tail", "0.5", "--seconds", "1.5", "--record-codec", "ffv1")
    code, window = perform(wait_for_the_end, *common, "--record", "window.mkv", "--stats", "stats.json")
    assert code == 0
    offline = ["--model", str(fast_bundle), "--seed", "3", "--headless", "--record", "offline.mkv"]
    assert main([*offline, *common]) == 0
    expected = {frame.tobytes(): index for index, frame in enumerate(read_film(tmp_path / "offline.mkv"))}
    assert len(expected) == 120
    # A busy machine may drop frames, but never changes one or their order.
    places = [expected[frame.tobytes()] for frame in window.shown]
    assert places == sorted(places)
    assert len(places) > 60
    recorded = [expected[frame.tobytes()] for frame in read_film(tmp_path / "window.mkv")]
    assert recorded == sorted(set(recorded))
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames"]["tail"] + stats["frames"]["after_end"] + stats["dropped_frames"] == 120
    # The start-up time includes everything that this test process has computed until now.
    assert 0 < stats["first_picture_seconds"] < time.process_time() + 30
    assert {"interval", "present", "session", "sinks", "step"} == stats["sections_ms"].keys()
    assert stats["sections_ms"]["interval"]["p50"] > 5


def test_feedback_shows_the_same_frames_in_the_window_as_offline(
    perform: Perform, fast_bundle: Path, tmp_path: Path
) -> None:
    common = ("--tail", "0.1", "--seconds", "0.5", "--record-codec", "ffv1", "--rotation", "90", "--hue-drift", "60")
    assert perform(wait_for_the_end, *common, "--record", "window.mkv")[0] == 0
    offline = ["--model", str(fast_bundle), "--seed", "3", "--headless", "--record", "offline.mkv"]
    assert main([*offline, *common]) == 0
    expected = {frame.tobytes() for frame in read_film(tmp_path / "offline.mkv")}
    recorded = {frame.tobytes() for frame in read_film(tmp_path / "window.mkv")}
    assert recorded <= expected
    assert len(recorded) > 5


def test_the_first_picture_is_the_tails_first_frame(perform: Perform) -> None:
    _, window = perform(lambda window: iter([["q", "q"]]), "--tail", "0.5")
    np.testing.assert_array_equal(window.shown[0], make_film()[-30])
    _, window = perform(lambda window: iter([["q", "q"]]), "--tail", "0")
    np.testing.assert_array_equal(window.shown[0], make_film()[-1])


@pytest.mark.parametrize("key", ["q", "escape"])
def test_quitting(perform: Perform, key: str) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(3)
        yield [key]
        yield from window.until(lambda: window.notices == ("press the key again to quit",))
        yield from window.until(lambda: not window.notices)
        yield [key]
        yield from window.until(lambda: window.notices)
        yield [key]
        raise AssertionError("still there")

    assert perform(script)[0] == 0


def test_escape_leaves_help_and_fullscreen_before_it_asks(perform: Perform) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield ["f11", "h"]
        yield from window.until(lambda: window.help)
        yield ["escape"]
        yield from window.until(lambda: not window.help)
        assert window.fullscreen
        yield ["escape"]
        assert not window.fullscreen
        yield from window.for_frames(2)
        assert "press the key again to quit" not in window.notices
        yield ["escape"]
        yield from window.until(lambda: "press the key again to quit" in window.notices)

    assert perform(script)[0] == 0


def test_a_key_that_is_held_runs_to_the_end_and_zero_resets_all(perform: Perform) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        yield ["f", "ctrl+k", "alt+k", "z"]
        yield from window.until(lambda: "rotation +1," in window.hud.get("feedback", ""))
        window.holds = "f"
        yield from window.until(lambda: "zoom +4," in window.hud["feedback"])
        window.holds = None
        yield ["shift+f"]
        yield from window.until(lambda: window.hud["feedback"] == "rotation +1, feedback blend lighten")
        assert window.notices == ("zoom 0",)
        yield ["0"]
        yield from window.until(lambda: "feedback" not in window.hud and "grading" not in window.hud)
        assert window.notices == ("all parameters at their defaults",)

    assert perform(script, "--hud")[0] == 0


def test_what_the_performer_asked_for_is_answered_in_the_window_alone(perform: Perform, tmp_path: Path) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(2)
        for key, text in [
            ("shift+1", "stored presets/1.toml"),
            ("1", "preset 1"),
            ("7", "there is no preset presets/7.toml"),
            ("s", "snapshot fast-"),
            ("v", "recording to fast-"),
            ("v", "recorded fast-"),
            ("l", "there is no MIDI to learn from"),
            ("g", "collapse guard off"),
            ("space", "frozen"),
            ("c", "the camera has no picture"),
            ("up", "temperature 1.1"),
        ]:
            yield [key]
            yield from window.until(partial(_is_told, window, text))
            if text.startswith("recording"):  # one without a frame is not written
                yield from window.for_frames(2)
        yield from window.until(lambda: not window.notices)
        yield ["b", "up"]
        yield from window.for_seconds(0.5)
        assert not window.notices, "black means black"

    code, window = perform(script, "--record-codec", "ffv1")
    assert code == 0
    (recording,) = tmp_path.glob("*.mkv")
    made = {frame.tobytes() for frame in window.shown}
    recorded = {frame.tobytes() for frame in read_film(recording)}
    assert recorded
    assert recorded <= made, "recordings are clean"


def _is_told(window: ScriptedWindow, text: str) -> bool:
    return any(text in notice for notice in window.notices)


def test_closing_the_window_ends_the_show(perform: Perform) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(3)
        window.closed = True
        yield []
        raise AssertionError("still there")

    assert perform(script)[0] == 0


def test_pause_and_single_steps(perform: Perform) -> None:
    counts: list[int] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
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


def test_reseeding(perform: Perform) -> None:
    marks: list[int] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
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
    continuations = {
        film_index: next_state(to_context(film[film_index + 1 - K : film_index + 1]), silence, 0.0)[0]
        for film_index in range(K - 1, 60)
    }

    def film_indices_before(frame: Pixels) -> list[int]:
        return [film_index for film_index, after in continuations.items() if same_picture(after, frame)]

    assert film_indices_before(window.shown[marks[0]]) == [59]
    (film_index,) = film_indices_before(window.shown[marks[1]])
    assert film_index in range(30, 60)


def test_temperature_and_speed(perform: Perform) -> None:
    seen: list[tuple[str, str]] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield ["i"]
        yield from window.until(lambda: window.hud)
        for keys in (["up"] * 3, ["down"] * 5, ["up"] * 30, ["down"] * 30, ["+", "=", "[+]"], ["-"] * 9, ["+"] * 9):
            yield keys
            yield from window.for_seconds(0.3)
            seen.append((window.hud["temperature"], window.hud["speed"]))

    perform(script)
    assert [temperature for temperature, _ in seen[:4]] == ["1.3", "0.8", "2", "0"]
    assert [speed for _, speed in seen[4:]] == ["× 3", "× 0.25", "× 4"]


def test_hud_and_help(perform: Perform) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(2)
        assert not window.hud
        for key in ("i", "tab"):
            yield [key]
            yield from window.until(lambda: window.hud)
            assert "seed" not in window.hud
            yield [key]
            yield from window.until(lambda: window.hud.get("seed") == "3")
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
        assert window.presented > presented, "the help is shown in a pause too"

    assert perform(script)[0] == 0


def test_the_hud_can_be_shown_from_the_start(perform: Perform) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)

    assert perform(script, "--hud")[0] == 0


def test_a_head_up_display_that_cannot_be_read_does_not_end_the_show(
    perform: Perform, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError("no descriptor is left")

    monkeypatch.setattr("live.show.show.read_for_hud", fails)
    assert perform(lambda window: window.for_frames(20), "--hud")[0] == 0
    assert "the head-up display cannot be read (OSError: no descriptor is left)" in capfd.readouterr().out


def test_the_picture_fades_to_black_and_back_in_a_pause_too(perform: Perform) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(2)
        yield ["space"]
        yield from window.for_seconds(0.2)
        bright = window.shown[-1].mean()
        yield ["shift+b"]
        count = len(window.shown)
        yield from window.until(lambda: not window.shown[-1].any())
        levels = [picture.mean() for picture in window.shown[count:]]
        assert len(levels) > 3
        assert levels == sorted(levels, reverse=True)
        yield ["shift+b"]
        yield from window.until(lambda: window.shown[-1].mean() == bright)

    assert perform(script)[0] == 0


def test_fullscreen_on_and_off(perform: Perform) -> None:
    sizes: list[tuple[int, ...]] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(2)
        for _ in range(2):
            yield ["f11"]
            yield from window.for_frames(2)
            sizes.append(tuple(window._window.size))

    perform(script)
    assert sizes[0] == (1024, 768)
    assert sizes[1] != sizes[0]


def test_an_error_in_the_players_thread_is_not_lost(perform: Perform, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Generator, camera_input: CameraInput) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr("live.inference.generator.Generator.step", fails)
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        perform(wait_for_the_end, "--tail", "0")


def test_the_pace_is_the_models(perform: Perform) -> None:
    elapsed: list[float] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(2)
        began = time.perf_counter()
        yield from window.for_frames(12)
        elapsed.append(time.perf_counter() - began)

    perform(script)
    # Twelve frames at 60 a second take no less, and more only on a busy machine.
    assert 0.15 < elapsed[0] < 5
