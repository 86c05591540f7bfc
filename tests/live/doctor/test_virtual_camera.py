"""The virtual camera's module: loaded, usable, and there after a restart."""

import os

import pytest

from live.doctor.virtual_camera import LOAD, check_module, check_module_at_start
from tests.live.doctor.machines import FakeMachine


@pytest.fixture
def loaded(machine: FakeMachine) -> FakeMachine:
    """A machine with the module, one device of it, and a webcam."""
    machine.write("/sys/module/v4l2loopback/parameters/exclusive_caps", "Y,N,N,N\n")
    for number, place, name in ((0, "pci0000", "Lid"), (9, "virtual", "Ninety Seconds After")):
        machine.write(f"/sys/devices/{place}/video4linux/video{number}/name", name + "\n")
        machine.link(f"/sys/class/video4linux/video{number}", f"../../devices/{place}/video4linux/video{number}")
        machine.write(f"/dev/video{number}")
    return machine


def test_nobody_needs_it_who_did_not_ask(machine: FakeMachine) -> None:
    assert check_module(machine.case()).state == "not applicable"
    assert check_module_at_start(machine.case()).state == "not applicable"


def test_a_missing_module_says_how_it_comes(machine: FakeMachine) -> None:
    case = machine.case("--virtual-camera")
    finding = check_module(case)
    assert (finding.state, finding.remedy) == ("failed", f"sudo apt install v4l2loopback-dkms && {LOAD}")
    machine.program("modinfo", "/lib/modules/6.1/updates/dkms/v4l2loopback.ko")
    assert check_module(case).remedy == LOAD
    machine.write("/sys/module/v4l2loopback/version")
    assert "has made no device" in check_module(case).fact


def test_a_device_of_the_module_is_found_and_a_webcam_is_none(loaded: FakeMachine) -> None:
    finding = check_module(loaded.case("--virtual-camera"))
    assert (finding.state, finding.fact) == ("ok", "/dev/video9 (Ninety Seconds After)")
    assert check_module(loaded.case("--virtual-camera", "/dev/video9")).state == "ok"
    finding = check_module(loaded.case("--virtual-camera", "/dev/video0"))
    assert (finding.state, finding.remedy) == ("failed", "--virtual-camera /dev/video9")


def test_a_device_in_use_or_without_exclusive_caps_is_a_warning(loaded: FakeMachine) -> None:
    loaded.write("/sys/module/v4l2loopback/parameters/exclusive_caps", "N,N\n")
    assert "exclusive_caps=1" in check_module(loaded.case("--virtual-camera")).remedy
    loaded.write("/proc/77/comm", "obs\n")
    loaded.link("/proc/77/fd/5", "/dev/video9")
    assert "is open in obs (77)" in check_module(loaded.case("--virtual-camera")).fact


def test_a_device_that_may_not_be_written_to_names_the_group(
    loaded: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root, as which tests may run, is refused nothing.
    monkeypatch.setattr(os, "access", lambda path, mode: path != loaded.root / "dev" / "video9")
    finding = check_module(loaded.case("--virtual-camera"))
    assert finding.state == "failed"
    assert "usermod" in finding.remedy


def test_the_module_must_come_back_with_its_options(machine: FakeMachine) -> None:
    case = machine.case("--virtual-camera")
    both = check_module_at_start(case)
    assert both.state == "warning"
    assert both.remedy.count("sudo tee") == 2
    machine.write("/etc/modules-load.d/cameras.conf", "# v4l2loopback\n")
    assert check_module_at_start(case).remedy.count("sudo tee") == 2
    machine.write("/etc/modules-load.d/cameras.conf", "v4l2loopback\n")
    options = check_module_at_start(case)
    assert options.remedy.endswith("| sudo tee /etc/modprobe.d/v4l2loopback.conf")
    machine.write("/usr/lib/modprobe.d/cameras.conf", "options v4l2loopback exclusive_caps=1,1 devices=2\n")
    assert check_module_at_start(case).state == "ok"
    (machine.root / "etc/modules-load.d/cameras.conf").unlink()
    assert check_module_at_start(case).remedy == "echo v4l2loopback | sudo tee /etc/modules-load.d/v4l2loopback.conf"
    machine.write("/etc/modules", "v4l2loopback\n")
    assert check_module_at_start(case).state == "ok"
