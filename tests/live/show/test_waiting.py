"""The whole show with --wait: a webcam and an address of OSC that come during the show."""

import json
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest
from pythonosc.udp_client import SimpleUDPClient

import live.camera.devices
import live.camera.webcam
from tests.live.scripted_capture import open_scripted
from tests.live.scripted_window import Perform, ScriptedWindow


def test_a_webcam_that_comes_late_is_followed(
    perform: Perform,
    camera_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "does").write_text("deliver")
    plugged: list[live.camera.devices.Device] = []
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3]))
    monkeypatch.setattr(live.camera.devices, "list_devices", lambda: plugged)
    monkeypatch.setattr(live.camera.webcam, "Webcam", partial(live.camera.webcam.Webcam, open_capture=open_scripted))

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: "camera" in window.hud, seconds=100)
        assert window.hud["camera"] == "the first webcam is missing: the film goes on"
        yield from window.for_frames(5)
        plugged.append(live.camera.devices.Device(0, "x", str(tmp_path), "A Camera"))
        yield from window.until(lambda: window.hud["camera"] == "A Camera, mix 1.00", seconds=100)

    assert perform(script, "--mode", "camera", "--wait", "--hud", "--tail", "0", model=camera_bundle)[0] == 0
    said = capsys.readouterr().out.splitlines()
    assert said.count("waiting for the first webcam: there is no webcam") == 1
    assert said.count("the first webcam is there") == 1


def test_an_address_of_osc_that_is_taken_is_waited_for(
    perform: Perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = tmp_path / "status.json"
    with closing(socket(AF_INET, SOCK_DGRAM)) as taken, closing(SimpleUDPClient("127.0.0.1", 1)) as client:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        reason = f"cannot listen to OSC at 127.0.0.1:{port} (Address already in use)"
        client._port = port

        def waiting() -> list[str]:
            return list(json.loads(status.read_text())["waiting"]) if status.exists() else ["no status yet"]

        def script(window: ScriptedWindow) -> Iterator[list[str]]:
            yield from window.until(lambda: waiting() == [reason], seconds=100)
            yield from window.for_frames(5)
            assert "osc" not in window.hud
            taken.close()

            def is_heard() -> bool:
                client.send_message("/rotation", 90.0)
                return window.hud.get("feedback") == "rotation +90"

            yield from window.until(is_heard, seconds=100)
            yield from window.until(lambda: waiting() == [], seconds=100)

        assert perform(script, "--osc", str(port), "--wait", "--hud", "--status", str(status))[0] == 0
    assert capsys.readouterr().out.count(f"waiting for OSC: {reason}\n") == 1
