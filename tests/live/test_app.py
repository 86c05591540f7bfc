"""The command: what it prints."""

from pathlib import Path

import pytest

import live.camera.devices
from live.app import main
from live.camera.devices import Device
from live.controls.reference import list_controls
from tests.live.command import run


def test_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "--headless" in capsys.readouterr().out


def test_the_table_of_controls_is_printed() -> None:
    done = run("--list-controls")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == list_controls() + "\n"


def test_the_webcams_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    devices = [
        Device(0, "/dev/video0", "/dev/v4l/by-id/usb-a", "Lid"),
        Device(2, "/dev/video2", "/dev/video2", "C920"),
    ]
    monkeypatch.setattr(live.camera.devices, "list_devices", lambda: devices)
    assert main(["--list-devices"]) == 0
    assert capsys.readouterr().out == "0  /dev/v4l/by-id/usb-a  Lid\n2  /dev/video2  C920\n"
    monkeypatch.setattr(live.camera.devices, "list_devices", list)
    assert main(["--list-devices"]) == 0
    assert capsys.readouterr().out == "no webcams\n"


def test_a_seed_is_drawn_and_printed_if_none_is_given(bundle_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seeds = set()
    for _ in range(2):
        assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1"]) == 0
        seeds.add(capsys.readouterr().out.split("seed ")[1])
    assert len(seeds) == 2


def test_a_tail_longer_than_the_film_is_reported(bundle_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1", "--tail", "60"]) == 0
    assert "the model holds the film's last 5.0 s" in capsys.readouterr().out
    assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1", "--tail", "5"]) == 0
    assert "the model holds" not in capsys.readouterr().out
