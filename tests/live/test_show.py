"""The whole show in a window on SDL's dummy display, with hands that follow a script."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import cv2
import numpy as np
import pytest
from pythonosc.udp_client import SimpleUDPClient

import live.devices
import live.webcam
import live.window
from live.app import main
from live.controls import HELP
from live.midi import MidiInput
from live.presets import read_preset

from .bundles import (
    METADATA,
    K,
    make_film,
    make_model,
    next_state,
    read_film,
    same_picture,
    to_context,
    write_bundle,
    write_film,
)
from .scripted_capture import open_scripted
from .test_midi import ScriptedPorts

Script = Callable[["ScriptedWindow"], Iterator[list[str]]]


class ScriptedWindow(live.window.StageWindow):
    """A real window whose keys a script presses; it keeps what it is shown."""

    script: Script

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.shown: list[np.ndarray] = []
        self.hud: dict[str, str] = {}
        self.help: tuple = ()
        self.presented = 0
        self._hands = type(self).script(self)

    def poll(self) -> list[str]:
        super().poll()
        return next(self._hands, ["q"])

    def present(self, pixels, hud=(), help=()) -> None:
        super().present(pixels, hud, help)
        self.presented += 1
        self.hud, self.help = dict(hud), help
        if not self.shown or pixels is not self.shown[-1]:
            self.shown.append(pixels)

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> Iterator[list[str]]:
        """Press nothing until it is so."""
        end = time.perf_counter() + seconds
        while not condition():
            assert time.perf_counter() < end, "it never happened"
            yield []

    def for_frames(self, count: int) -> Iterator[list[str]]:
        goal = len(self.shown) + count
        yield from self.until(lambda: len(self.shown) >= goal)

    def for_seconds(self, seconds: float) -> Iterator[list[str]]:
        end = time.perf_counter() + seconds
        yield from self.until(lambda: time.perf_counter() >= end)


@pytest.fixture(scope="session")
def fast_bundle(tmp_path_factory):
    """The same film and network at 60 frames a second."""
    folder = tmp_path_factory.mktemp("models") / "fast"
    return write_bundle(folder, make_model(metadata=METADATA | {"frame_rate": "60"}))


@pytest.fixture
def perform(fast_bundle, dummy_display, monkeypatch, tmp_path):
    """Run the show with a script; returns the exit code and the window."""
    monkeypatch.chdir(tmp_path)

    def performed(script: Script, *arguments: str, model: Path = fast_bundle) -> tuple[int, ScriptedWindow]:
        windows = []

        class Window(ScriptedWindow):
            def __init__(self, *given) -> None:
                super().__init__(*given)
                windows.append(self)

        Window.script = script
        monkeypatch.setattr(live.window, "StageWindow", Window)
        code = main(["--model", str(model), "--seed", "3", *arguments])
        return code, windows[0]

    return performed


def wait_for_the_end(window: ScriptedWindow) -> Iterator[list[str]]:
    yield from window.for_seconds(60)


def test_the_window_shows_what_offline_rendering_makes(perform, fast_bundle, tmp_path):
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
    assert stats["first_picture_seconds"] < 30
    assert {"interval", "present", "session", "sinks", "step"} == stats["sections_ms"].keys()
    assert stats["sections_ms"]["interval"]["p50"] > 5


def test_feedback_shows_the_same_frames_in_the_window_as_offline(perform, fast_bundle, tmp_path):
    common = ("--tail", "0.1", "--seconds", "0.5", "--record-codec", "ffv1", "--rotation", "90", "--hue-drift", "60")
    assert perform(wait_for_the_end, *common, "--record", "window.mkv")[0] == 0
    offline = ["--model", str(fast_bundle), "--seed", "3", "--headless", "--record", "offline.mkv"]
    assert main([*offline, *common]) == 0
    expected = {frame.tobytes() for frame in read_film(tmp_path / "offline.mkv")}
    recorded = {frame.tobytes() for frame in read_film(tmp_path / "window.mkv")}
    assert recorded <= expected
    assert len(recorded) > 5


def test_the_first_picture_is_the_tails_first_frame(perform):
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
            assert window.hud["provider"] in ("CPU", "CUDA")
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


def test_a_snapshot_is_what_is_shown(perform, tmp_path, capsys):
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


def test_a_snapshot_that_cannot_be_written_is_one_line_and_the_show_goes_on(perform, tmp_path, capsys):
    def script(window):
        yield from window.for_frames(4)
        (tmp_path / "pictures").rmdir()
        yield ["s"]
        yield from window.for_frames(4)

    (tmp_path / "pictures").mkdir()
    assert perform(script, "--snapshots", "pictures")[0] == 0
    assert capsys.readouterr().err.startswith("ninety-seconds-after: error: cannot write to pictures/")


def test_recording_on_and_off(perform, tmp_path):
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


def test_a_full_disk_ends_the_recording_and_not_the_show(perform, tmp_path, capsys):
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


def test_what_goes_wrong_in_the_generators_thread_is_not_lost(perform, monkeypatch):
    def fails(self, look):
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr("live.generator.Generator.step", fails)
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


@pytest.fixture
def webcam(tmp_path, monkeypatch):
    """A webcam number 0 whose driver obeys; yields how to tell it what to do."""
    driver = tmp_path / "driver"
    driver.mkdir()
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    monkeypatch.setattr(live.webcam, "HANGING_SECONDS", 2.0)
    monkeypatch.setattr(live.devices, "list_devices", lambda: [live.devices.Device(0, "x", str(driver), "A Camera")])
    monkeypatch.setattr(live.webcam, "Webcam", partial(live.webcam.Webcam, open_capture=open_scripted))

    def does(what: str) -> None:
        (driver / "new").write_text(what)
        (driver / "new").replace(driver / "does")

    does("deliver")
    return does


def test_a_webcam_leads_falls_silent_and_leads_again(perform, webcam, camera_bundle, tmp_path):
    said = []

    def looks_left(window) -> bool:
        """The scripted camera is red at its left, and so its mirrored negative is cyan at its right."""
        return np.abs(window.shown[-1][24, 60].astype(int) - (55, 255, 255)).max() < 10

    def script(window):
        yield from window.until(lambda: window.shown and looks_left(window))
        said.append(window.hud["camera"])
        webcam("hang")
        yield from window.until(lambda: "hangs" in window.hud["camera"])
        said.append(window.hud["camera"])
        yield from window.for_frames(20)
        assert not looks_left(window), "the film goes on"
        webcam("deliver")
        yield from window.until(lambda: looks_left(window))
        yield from window.until(lambda: window.hud["camera"] == said[0])
        assert window.hud["latency"].endswith("late")

    arguments = ["--mode", "camera", "--hud", "--tail", "0", "--temperature", "0.5", "--stats", "s.json"]
    code, _ = perform(script, *arguments, model=camera_bundle)
    assert code == 0
    assert said == ["A Camera, mix 1.00", "A Camera hangs: the film goes on"]
    stats = json.loads((tmp_path / "s.json").read_text())
    assert 0 < stats["sections_ms"]["latency"]["count"] < stats["frames"]["after_end"]
    assert stats["sections_ms"]["latency"]["p50"] < 1200
    assert stats["late_live_frames"] <= stats["sections_ms"]["latency"]["count"]


def test_a_flash_is_shown_at_once(perform, webcam, tmp_path):
    """At most one step of the generator and two frames of a display later, if the machine has nothing else to do."""
    model = make_model(camera=True, metadata=METADATA | {"frame_rate": "60"})
    shown: list[tuple[float, bool]] = []

    def script(window):
        present = window.present

        def timed(pixels, *panels):
            present(pixels, *panels)
            shown.append((time.perf_counter(), not pixels[24, 60].any()))

        window.present = timed
        webcam("flash")
        yield from window.until(lambda: sum(dark for _, dark in shown) >= 8)

    perform(script, "--mode", "camera", "--tail", "0", "--stats", "s.json", model=write_bundle(tmp_path / "m", model))
    flashes = [float(line) for line in (tmp_path / "driver" / "flashes").read_text().split()]
    dark = [at for at, is_dark in shown if is_dark]
    delays = [min(at - flash for at in dark if at > flash) for flash in flashes if flash < dark[-1]]
    step = json.loads((tmp_path / "s.json").read_text())["sections_ms"]["step"]["p99"] / 1000
    assert min(delays) < 1 / 60 + step + 2 / 60
    assert len(delays) > 5


def test_a_clip_is_followed_in_the_window_as_offline(perform, camera_bundle, tmp_path):
    write_film(tmp_path / "clip.mkv", make_film()[29::-1])
    arguments = ["--tail", "0", "--seconds", "2", "--mode", "camera", "--camera", "clip.mkv", "--camera-mix", "0.5"]
    _, window = perform(wait_for_the_end, *arguments, model=camera_bundle)
    offline = ["--model", str(camera_bundle), "--seed", "3", "--headless", "--record", "a.mkv"]
    assert main([*arguments, *offline, "--record-codec", "ffv1"]) == 0
    expected = {frame.tobytes(): index for index, frame in enumerate(read_film(tmp_path / "a.mkv"))}
    # Before the first frame, the film's last stands on the wall.
    places = [expected.get(frame.tobytes()) for frame in window.shown[1:]]
    assert None not in places
    assert places == sorted(places)
    assert len(places) > 12


def test_hands_take_up_the_camera_and_let_go_of_it(perform, camera_bundle, tmp_path):
    """A clip that is bright at its left: followed, its negative is dark there; mirrored, at its right."""
    clip = np.zeros((12, 48, 64, 3), np.uint8)
    clip[:, :, :32] = 255
    write_film(tmp_path / "clip.mkv", clip)

    def sides(window) -> tuple[bool, bool]:
        picture = window.shown[-1]
        return bool(picture[24, 4].max() < 9), bool(picture[24, 60].max() < 9)

    def script(window):
        yield from window.for_frames(3)
        assert sides(window) == (False, False)
        yield ["m"]
        yield from window.until(lambda: sides(window) == (True, False))
        yield ["x"]
        yield from window.until(lambda: sides(window) == (False, True))
        yield ["left"] * 10
        yield from window.until(lambda: window.hud["camera"] == "clip.mkv, mix 0.00")
        yield ["right", "m"]
        yield from window.until(lambda: window.hud["camera"] == "clip.mkv, not followed")
        yield ["r"]
        yield from window.for_frames(3)
        assert sides(window) == (False, False)
        yield ["c"]
        yield from window.until(lambda: window.shown[-1][24, 44:60].min() > 240)

    arguments = ["--camera", "clip.mkv", "--hud", "--tail", "0", "--temperature", "0"]
    assert perform(script, *arguments, model=camera_bundle)[0] == 0


def test_a_model_that_cannot_follow_its_camera_goes_on_from_it_and_blends_it_in(perform, fast_bundle, tmp_path):
    clip = np.full((12, 48, 64, 3), 255, np.uint8)
    write_film(tmp_path / "clip.mkv", clip)

    def is_white(window) -> bool:
        return bool(window.shown[-1].min() > 250)

    def script(window):
        yield from window.until(lambda: "camera" in window.hud)
        yield ["m"]
        yield from window.for_frames(20)
        assert window.hud["camera"] == "clip.mkv, which this model was not trained to follow"
        assert not is_white(window)
        yield ["c"]
        yield from window.until(lambda: is_white(window))
        yield ["r"]
        yield from window.until(lambda: not is_white(window))
        yield ["e"] * 20
        yield from window.until(lambda: is_white(window))

    assert perform(script, "--camera", "clip.mkv", "--hud", "--temperature", "0")[0] == 0


def test_a_model_without_memory_waits_for_its_camera_and_plays_it(perform, webcam, pairs_bundle):
    def script(window):
        yield from window.until(lambda: window.shown and (window.shown[-1][24, 60] == (55, 255, 255)).all())
        yield ["r", "t"]
        yield ["f", "up", "left"]
        yield from window.for_seconds(0.3)
        assert window.hud["camera"] == "A Camera"
        assert not window.hud.keys() & {"temperature", "feedback"}, "it has no use for them"
        webcam("black")
        yield from window.until(lambda: window.hud["camera"] == "A Camera is black: its last picture stays")
        assert (window.shown[-1][24, 60] == (55, 255, 255)).all()

    assert perform(script, "--mode", "camera", "--hud", model=pairs_bundle)[0] == 0


def test_blackout_is_black_everywhere_while_the_dream_goes_on(perform, tmp_path):
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


def test_a_frozen_picture_turns_black_for_the_virtual_camera_too(perform, monkeypatch):
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
    monkeypatch.setattr("live.virtual_camera.VirtualCamera", Camera)

    def script(window):
        yield from window.until(lambda: cameras[0].repeats.any())
        yield ["space"]
        yield from window.until(lambda: window.hud.get("frames/s") == "paused")
        for black in (True, False):
            yield ["b"]
            yield from window.until(lambda black=black: cameras[0].repeats.any() != black, seconds=5)

    assert perform(script, "--virtual-camera", "--hud")[0] == 0


def test_presets_are_stored_recalled_and_exchanged(perform, tmp_path, capsys):
    one, two = ("zoom +0.6", "1.1"), ("zoom -0.4", "1.1")

    def script(window):
        yield from window.until(lambda: window.hud)
        for keys, feedback in [
            (["f"] * 3 + ["up"], one),
            (["shift+1"] + ["d"] * 5 + ["shift+2"], two),
            (["1"], one),
            (["2"], two),
            (["a"], one),
            (["a"], two),
        ]:
            yield keys
            yield from window.until(
                lambda wanted=feedback: (window.hud.get("feedback"), window.hud["temperature"]) == wanted
            )
        yield ["7", "3"]
        yield from window.for_frames(30)
        assert window.hud["feedback"] == "zoom -0.4", "a bad preset changes nothing"
        yield ["f", "shift+4", "q"]

    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "3.toml").write_text("zoom = 30")
    assert perform(script, "--hud")[0] == 0
    assert read_preset(tmp_path / "presets" / "4.toml").values["zoom"] == -0.2, "stored although the show ended"
    printed = capsys.readouterr()
    assert "stored presets/1.toml\nstored presets/2.toml\n" in printed.out
    assert [line.split("error: ")[1][:34] for line in printed.err.splitlines()] == [
        "there is no preset presets/7.toml;",
        "the preset presets/3.toml: zoom: 3",
    ]


def test_a_preset_is_recalled_as_it_was_just_stored(perform, tmp_path):
    def script(window):
        yield from window.until(lambda: window.hud)
        yield ["f", "shift+1", "d", "1"]
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +0.2", seconds=5)
        yield ["1", "f"]
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +0.4", seconds=5)

    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "1.toml").write_text("zoom = 3")
    assert perform(script, "--hud")[0] == 0


def test_a_preset_can_glide(perform, tmp_path):
    seen = []

    def script(window):
        yield from window.until(lambda: window.hud)
        yield ["1"]
        end = window.until(lambda: "rotation +90" in window.hud.get("feedback", ""))
        for keys in end:
            seen.append(window.hud.get("feedback"))
            yield keys

    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "1.toml").write_text("rotation = 90\nglide = 1.5")
    assert perform(script, "--hud")[0] == 0
    assert len(set(seen)) >= 3, "it was seen on its way"


def test_a_preset_that_cannot_be_stored_is_one_line_and_the_show_goes_on(perform, tmp_path, capsys):
    def script(window):
        yield from window.for_frames(3)
        yield ["shift+1"]
        yield from window.for_frames(3)

    (tmp_path / "presets").write_text("not a folder")
    assert perform(script)[0] == 0
    assert capsys.readouterr().err.startswith("ninety-seconds-after: error: cannot write presets/1.toml (")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_log_on_a_full_disk_does_not_end_the_show(perform, tmp_path, monkeypatch):
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


def test_osc_plays_the_show(perform, tmp_path):
    with closing(socket(AF_INET, SOCK_DGRAM)) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def script(window):
        for address, arguments in [("/hud", 1), ("/zoom", 0.5), ("/zoom", 7.0), ("/nothing", 1)]:
            client.send_message(address, arguments)
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +0.5")
        yield from window.until(lambda: window.hud["OSC"] == "4 messages, 2 refused")
        client.send_message("/freeze", 1)
        client.send_message("/temperature", 0.25)
        yield from window.until(lambda: window.hud["frames/s"] == "paused" and window.hud["temperature"] == "0.2")
        for number, zoom in [(4, 1.0), (5, -1.0)]:
            # As quickly as they go: what came first is in the preset.
            client.send_message("/zoom", zoom)
            client.send_message("/store", number)
            yield from window.until((tmp_path / "presets" / f"{number}.toml").exists)
        client.send_message("/recall", 4)
        yield from window.until(lambda: window.hud["feedback"] == "zoom +1")
        client.send_message("/freeze", 0)
        yield from window.until(lambda: window.hud["frames/s"] != "paused")
        client.send_message("/quit", [])
        yield from window.for_seconds(20)
        raise AssertionError("still there")

    with closing(SimpleUDPClient("127.0.0.1", port)) as client:
        assert perform(script, "--osc", str(port), "--stats", "s.json")[0] == 0
    assert json.loads((tmp_path / "s.json").read_text())["osc"] == {"messages": 13, "refused": 2, "coalesced": 0}
    with closing(socket(AF_INET, SOCK_DGRAM)) as free:
        free.bind(("127.0.0.1", port))
    assert [read_preset(tmp_path / f"presets/{n}.toml").values["zoom"] for n in (4, 5)] == [1.0, -1.0]


def test_a_midi_device_is_looked_for_while_the_show_goes_on_and_learning_is_seen(perform, capsys, monkeypatch):
    monkeypatch.setattr("live.hands.PygamePorts", lambda: ports)
    ports = ScriptedPorts()
    monkeypatch.setattr("live.hands.MidiInput", partial(MidiInput, search_seconds=0.01))

    def script(window):
        yield from window.until(lambda: window.hud)
        assert window.hud["MIDI"] == "looked for"
        ports.plugged = ["nanoKONTROL2"]
        yield from window.until(lambda: window.hud["MIDI"] == "nanoKONTROL2")
        yield ["l"]
        yield from window.until(lambda: "learning" in window.hud)
        yield ["f"]
        ports.messages.append((0xB0, 7, 3))
        yield from window.until(lambda: "learning" not in window.hud)
        assert "feedback" not in window.hud
        ports.messages.append((0xB0, 7, 127))
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +4")

    assert perform(script, "--hud", "--midi", "nano")[0] == 0
    printed = capsys.readouterr()
    assert "learned: cc 1 7 is zoom" in printed.out
    assert printed.err.count("\n") == 1


def test_learning_is_seen_without_a_hud_and_escape_leaves_it(perform, monkeypatch):
    monkeypatch.setattr("live.hands.PygamePorts", ScriptedPorts)

    def script(window):
        yield from window.for_frames(2)
        assert window.hud == {}
        yield ["l"]
        yield from window.until(lambda: list(window.hud) == ["learning"])
        yield ["escape"]
        yield from window.until(lambda: window.hud == {})
        yield from window.for_frames(2)
        yield ["escape"]
        yield from window.for_seconds(20)
        raise AssertionError("still there")

    assert perform(script, "--midi")[0] == 0


def test_without_midi_there_is_nothing_to_learn_from(perform, capsys):
    def script(window):
        yield from window.for_frames(2)
        yield ["l"]
        yield from window.for_frames(2)

    assert perform(script)[0] == 0
    assert "begin with --midi" in capsys.readouterr().out
