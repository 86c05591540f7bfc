"""The whole show before a camera: a webcam whose driver obeys, and clips."""

import json
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import live.camera.devices
import live.camera.webcam
import live.display.window
from live.app import main
from tests.live.bundles import (
    METADATA,
    make_film,
    make_model,
    read_film,
    write_bundle,
    write_film,
)
from tests.live.scripted_capture import open_scripted
from tests.live.scripted_window import wait_for_the_end


@pytest.fixture
def webcam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A webcam number 0 whose driver obeys; yields how to tell it what to do."""
    driver = tmp_path / "driver"
    driver.mkdir()
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
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


def test_a_webcam_leads_falls_silent_and_leads_again(perform, webcam, camera_bundle, tmp_path: Path):
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


def test_a_flash_is_shown_at_once(perform, webcam, tmp_path: Path):
    """At most one step of the generator and two frames of a display later, if the machine has nothing else to do."""
    model = make_model(camera=True, metadata=METADATA | {"frame_rate": "60"})
    shown: list[tuple[float, bool]] = []

    def script(window):
        present = window.present

        def timed(pixels, *panels, **fade) -> None:
            present(pixels, *panels, **fade)
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


def test_a_clip_is_followed_in_the_window_as_offline(perform, camera_bundle, tmp_path: Path) -> None:
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


def test_hands_take_up_the_camera_and_let_go_of_it(perform, camera_bundle, tmp_path: Path):
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


def test_a_model_that_cannot_follow_its_camera_goes_on_from_it_and_blends_it_in(perform, fast_bundle, tmp_path: Path):
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
