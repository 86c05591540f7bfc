"""The camera and the sound that the show follows, and the processes that have a device open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import live.camera.devices
import live.doctor.sources
from live.bundle.bundle import read_bundle
from live.camera.devices import Device
from live.camera.options import CameraOptions
from live.doctor.case import Machine
from live.doctor.holders import holders
from live.doctor.sources import CameraFacts, check_audio, check_camera, look_for_cameras
from live.errors import AudioError, CameraError
from tests.live.bundles import read_film
from tests.live.doctor.machines import FakeMachine
from tests.live.sounds import tone, write_wav


@pytest.fixture
def two_webcams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two webcams that OpenCV would list."""
    devices = [Device(0, "/dev/video0", "/dev/video0", "Lid"), Device(2, "/dev/video2", "/dev/v4l/by-id/c", "C920")]
    monkeypatch.setattr(live.camera.devices, "list_devices", lambda: devices)

    def here(function: object, *arguments: object, seconds: float) -> CameraFacts:
        return look_for_cameras(*arguments)  # type: ignore[arg-type]

    # In another process, OpenCV would list the real ones.
    monkeypatch.setattr(live.doctor.sources, "in_process", here)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_process_that_has_a_file_open_is_found(tmp_path: Path) -> None:
    path = tmp_path / "device"
    path.touch()
    program = "import sys; file = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        (found,) = holders(Machine(), str(path))
        assert found.endswith(f" ({process.pid})")
        process.communicate()
    assert holders(Machine(), str(path)) == []


def test_webcams_are_listed_with_who_holds_them(machine: FakeMachine, two_webcams: None) -> None:
    machine.write("/proc/5/comm", "zoom\n")
    machine.link("/proc/5/fd/3", "/dev/video2")
    finding = check_camera(machine.case())
    assert (finding.state, finding.fact) == ("ok", "not asked for; plugged in: Lid, C920 (open in zoom (5))")


def test_the_webcam_of_the_show_must_be_there_and_free(machine: FakeMachine, two_webcams: None) -> None:
    for number in (0, 2):
        machine.write(f"/dev/video{number}")
    assert check_camera(machine.case("--mode", "camera")).fact == "Lid (/dev/video0)"
    machine.write("/proc/5/comm", "zoom\n")
    machine.link("/proc/5/fd/3", "/dev/video2")
    case = machine.case("--mode", "camera")
    assert check_camera(case).state == "ok", "it is the other one that is in use"
    machine.link("/proc/5/fd/4", "/dev/video0")
    finding = check_camera(case)
    assert (finding.state, finding.fact) == ("warning", "Lid is open in zoom (5)")


def test_a_webcam_that_may_not_be_opened_names_the_group(
    machine: FakeMachine, two_webcams: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    finding = check_camera(machine.case("--mode", "camera"))
    assert (finding.state, finding.fact) == ("failed", "Lid may not be opened")
    assert "usermod" in finding.remedy


def test_what_the_show_would_refuse_fails(camera_bundle: Path, two_webcams: None, tmp_path: Path) -> None:
    bundle = read_bundle(camera_bundle, 0)
    for name, headless, said in (
        ("7", False, "there is no such file or webcam"),
        ("0", True, "--headless renders frames faster"),
        ("x" * 300, False, "cannot be looked up"),
        (__file__, False, "holds no picture"),
    ):
        with pytest.raises(CameraError, match=said):
            look_for_cameras(CameraOptions(mode="camera", camera=name), bundle, headless)


def test_a_file_is_tried(camera_bundle: Path, machine: FakeMachine) -> None:
    film = camera_bundle / "seed.mkv"
    assert len(read_film(film))
    case = machine.case("--mode", "camera", "--camera", film)
    assert check_camera(case).state == "not applicable", "its size comes from the bundle"
    case.bundle = read_bundle(camera_bundle, 0)
    assert check_camera(case).fact == f"{film} can be played"


@pytest.fixture
def two_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two audio inputs that miniaudio would list."""
    monkeypatch.setattr(live.doctor.sources, "find_spec", lambda name: name)
    monkeypatch.setattr(live.doctor.sources, "in_process", lambda *_, **__: ["Lid microphone", "USB mixer"])


@pytest.mark.parametrize(
    ("arguments", "state", "fact"),
    [
        ([], "not applicable", "not asked for (--audio)"),
        (["--audio"], "ok", "the system's own; there are Lid microphone, USB mixer"),
        (["--audio", "usb"], "ok", "USB mixer"),
        (["--audio", "guitar"], "warning", "no audio input guitar; there are Lid microphone, USB mixer"),
        (["--audio", "usb", "--headless"], "failed", "--headless cannot listen to an audio input"),
    ],
)
def test_audio_inputs_are_listed_if_the_show_listens(
    machine: FakeMachine, two_inputs: None, arguments: list[str], state: str, fact: str
) -> None:
    finding = check_audio(machine.case(*arguments))
    assert (finding.state, finding.fact) == (state, fact)


def test_the_library_of_audio_inputs_may_be_missing(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.doctor.sources, "find_spec", lambda name: None)
    finding = check_audio(machine.case("--audio"))
    assert (finding.state, finding.remedy) == ("failed", 'pip install -e ".[audio]"')


def test_a_sound_file_is_tried(machine: FakeMachine, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(0.1, 440))
    assert check_audio(machine.case("--audio", path)).fact == f"{path} can be played"
    path.write_text("no sound")
    with pytest.raises(AudioError, match="holds no sound"):
        check_audio(machine.case("--audio", path))
