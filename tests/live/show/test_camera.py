"""The whole show in a window with a camera: a webcam with a scripted driver, and clips."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import live.camera.devices
import live.camera.webcam
from live.app import main
from live.display.panels.help_panel import Sections
from live.display.panels.panel import Rows
from live.frame import Pixels
from tests.live.bundles import (
    METADATA,
    make_film,
    make_model,
    read_film,
    write_bundle,
    write_film,
)
from tests.live.scripted_capture import open_scripted
from tests.live.scripted_window import Perform, ScriptedWindow, wait_for_the_end

Tell = Callable[[str], None]
"""Tells the scripted driver what to do next."""


@pytest.fixture
def webcam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Webcam number 0, with a scripted driver."""
    driver = tmp_path / "driver"
    driver.mkdir()
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3]))
    monkeypatch.setattr(
        live.camera.devices, "list_devices", lambda: [live.camera.devices.Device(0, "x", str(driver), "A Camera")]
    )
    obedient = partial(live.camera.webcam.Webcam, open_capture=open_scripted, hanging_seconds=2.0)
    monkeypatch.setattr(live.camera.webcam, "Webcam", obedient)

    def does(what: str) -> None:
        (driver / "new").write_text(what)
        (driver / "new").replace(driver / "does")

    does("deliver")
    return does


def test_a_webcam_leads_falls_silent_and_leads_again(
    perform: Perform, webcam: Tell, camera_bundle: Path, tmp_path: Path
) -> None:
    said: list[str] = []

    def looks_left(window: ScriptedWindow) -> bool:
        """Return whether the camera is followed: its left is red, so its mirrored negative is cyan at the right."""
        return bool(np.abs(window.shown[-1][24, 60].astype(int) - (55, 255, 255)).max() < 10)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
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
        yield ["i"]
        yield from window.until(lambda: window.hud.get("latency", "").endswith("late"))

    arguments = ["--mode", "camera", "--hud", "--tail", "0", "--temperature", "0.5", "--stats", "s.json"]
    code, _ = perform(script, *arguments, model=camera_bundle)
    assert code == 0
    assert said == ["A Camera, mix 1.00", "A Camera hangs: the film goes on"]
    stats = json.loads((tmp_path / "s.json").read_text())
    assert 0 < stats["sections_ms"]["latency"]["count"] < stats["frames"]["after_end"]
    assert stats["sections_ms"]["latency"]["p50"] < 1200
    assert stats["late_live_frames"] <= stats["sections_ms"]["latency"]["count"]


def test_a_flash_is_shown_at_once(
    perform: Perform, webcam: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an idle machine, the picture appears after at most one step of the generator and two frames of the display."""
    model = make_model(camera=True, metadata=METADATA | {"frame_rate": "60"})
    shown: list[tuple[float, bool]] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        present = window.present

        def timed(
            pixels: Pixels,
            hud: Rows = (),
            help: Sections = (),
            notices: Sequence[str] = (),
            *,
            under: Pixels | None = None,
            share: float = 1.0,
        ) -> None:
            present(pixels, hud, help, notices, under=under, share=share)
            shown.append((time.perf_counter(), not pixels[24, 60].any()))

        monkeypatch.setattr(window, "present", timed)
        webcam("flash")
        yield from window.until(lambda: sum(dark for _, dark in shown) >= 8)

    perform(script, "--mode", "camera", "--tail", "0", "--stats", "s.json", model=write_bundle(tmp_path / "m", model))
    flashes = [float(line) for line in (tmp_path / "driver" / "flashes").read_text().split()]
    dark = [at for at, is_dark in shown if is_dark]
    delays = [min(at - flash for at in dark if at > flash) for flash in flashes if flash < dark[-1]]
    step = json.loads((tmp_path / "s.json").read_text())["sections_ms"]["step"]["p99"] / 1000
    assert min(delays) < 1 / 60 + step + 2 / 60
    assert len(delays) > 5


def test_a_clip_is_followed_in_the_window_as_offline(perform: Perform, camera_bundle: Path, tmp_path: Path) -> None:
    write_film(tmp_path / "clip.mkv", make_film()[29::-1])
    arguments = ["--tail", "0", "--seconds", "2", "--mode", "camera", "--camera", "clip.mkv", "--camera-mix", "0.5"]
    _, window = perform(wait_for_the_end, *arguments, model=camera_bundle)
    offline = ["--model", str(camera_bundle), "--seed", "3", "--headless", "--record", "a.mkv"]
    assert main([*arguments, *offline, "--record-codec", "ffv1"]) == 0
    expected = {frame.tobytes(): index for index, frame in enumerate(read_film(tmp_path / "a.mkv"))}
    # Before the first frame, the film's last frame is shown.
    places = [expected[frame.tobytes()] for frame in window.shown[1:]]
    assert places == sorted(places)
    assert len(places) > 12


def test_keys_follow_the_camera_and_stop_following_it(perform: Perform, camera_bundle: Path, tmp_path: Path) -> None:
    """The clip is bright at its left: its negative is dark there, and at the right when mirrored."""
    clip = np.zeros((12, 48, 64, 3), np.uint8)
    clip[:, :, :32] = 255
    write_film(tmp_path / "clip.mkv", clip)

    def sides(window: ScriptedWindow) -> tuple[bool, bool]:
        picture = window.shown[-1]
        return bool(picture[24, 4].max() < 9), bool(picture[24, 60].max() < 9)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
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


def test_a_model_that_cannot_follow_its_camera_continues_from_it_and_blends_it_in(
    perform: Perform, fast_bundle: Path, tmp_path: Path
) -> None:
    clip = np.full((12, 48, 64, 3), 255, np.uint8)
    write_film(tmp_path / "clip.mkv", clip)

    def is_white(window: ScriptedWindow) -> bool:
        return bool(window.shown[-1].min() > 250)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
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


def test_a_model_without_memory_waits_for_its_camera_and_plays_it(
    perform: Perform, webcam: Tell, pairs_bundle: Path
) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.shown and (window.shown[-1][24, 60] == (55, 255, 255)).all())
        yield ["r", "t"]
        yield ["f", "up", "left"]
        yield from window.for_seconds(0.3)
        assert window.hud["camera"] == "A Camera"
        assert "temperature" not in window.hud, "the model ignores it"
        assert window.hud["feedback"] == "zoom +0.2", "the picture is fed back all the same"
        webcam("black")
        yield from window.until(lambda: window.hud["camera"] == "A Camera is black: its last picture stays")
        assert (window.shown[-1][24, 60] == (55, 255, 255)).all()

    assert perform(script, "--mode", "camera", "--hud", model=pairs_bundle)[0] == 0
