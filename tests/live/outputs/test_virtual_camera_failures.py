"""Devices and processes of the virtual camera that fail, hang or are missing."""

import errno
import multiprocessing
import os
import re
import signal
import threading
import time
from fractions import Fraction
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from live.frame import Pixels
from live.outputs.options import VirtualCameraOptions
from live.outputs.virtual_camera import VirtualCamera
from tests.live.loopback import SECONDS, Loopback, wait_until
from tests.live.outputs.virtual_cameras import OpenCamera, errors, frame, plain

ROOT = Path(__file__).parents[3]


def camera_process() -> BaseProcess:
    """Return the process of the one virtual camera that is open."""
    (process,) = (each for each in multiprocessing.active_children() if each.name == "virtual camera")
    return process


@pytest.mark.parametrize(
    ("where", "number", "reason", "remedy"),
    [
        ("open", errno.ENOENT, "does not exist", "sudo modprobe v4l2loopback exclusive_caps=1"),
        (
            "open",
            errno.EBUSY,
            "could not be opened: Device or resource busy",
            "close any other program that writes to it",
        ),
        ("open", errno.EACCES, "due to missing permissions", "group `video`"),
        ("querycap", errno.ENODEV, "could not be queried", "sudo modprobe"),
        ("s_fmt", errno.EBUSY, "could not be configured: Device or resource busy", "close any other program"),
        ("write", errno.ENODEV, "refused a picture (No such device)", "sudo modprobe"),
        ("write", errno.EINVAL, "refused a picture (Invalid argument)", "close any other program"),
        ("write", errno.EPIPE, "refused a picture (Broken pipe)", "sudo modprobe"),
    ],
)
def test_a_device_that_fails_is_one_line_and_is_tried_again(
    loopback: Loopback,
    open_camera: OpenCamera,
    capfd: pytest.CaptureFixture[str],
    where: str,
    number: int,
    reason: str,
    remedy: str,
) -> None:
    loopback.fail(where, number)
    camera = open_camera(loopback.device)
    camera.offer(plain(50))
    wait_until(lambda: reason in camera.state, reason)
    if number != errno.ENOENT:
        # The kernel looks a missing file up and does not open it.
        opened_before = loopback.count("open")
        wait_until(lambda: loopback.count("open") >= opened_before + 3, "further tries from the beginning")
    (line,) = errors(capfd)
    assert line.startswith("ninety-seconds-after: error: virtual camera: ")
    assert reason in line
    assert remedy in line
    assert "tried again every" in line
    loopback.clear_faults()
    camera.offer(plain(60))
    wait_until(lambda: camera.state == str(loopback.device), "the device again")
    wait_until(lambda: loopback.frames, "a frame")
    assert errors(capfd) == []


def test_each_kind_of_failure_is_reported_once(
    loopback: Loopback, open_camera: OpenCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = open_camera(loopback.device)
    camera.offer(plain(50))
    for number in (errno.ENODEV, errno.EINVAL, errno.ENODEV):
        wait_until(lambda: camera.state == str(loopback.device), "the device")
        loopback.fail("write", number)
        wait_until(lambda: os.strerror(number) in camera.state, "the failure")  # noqa: B023
        loopback.clear_faults()
    wait_until(lambda: camera.state == str(loopback.device), "the device")
    printed = capsys.readouterr()
    assert [re.findall(r"\((.*?)\)", line)[0] for line in printed.err.splitlines()] == [
        "No such device",
        "Invalid argument",
    ]
    assert printed.out == f"virtual camera {loopback.device}\n"


def test_a_device_that_hangs_is_given_up_and_tried_again(
    loopback: Loopback, open_camera: OpenCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = open_camera(loopback.device, stall_seconds=0.3)
    camera.offer(plain(50))
    wait_until(lambda: loopback.frames, "a frame")
    loopback.block()
    wait_until(lambda: "took no picture for 0.3 s" in camera.state, "the time-out")
    loopback.clear_faults()
    wait_until(lambda: camera.state == str(loopback.device), "the device again")
    assert len(errors(capsys)) == 1


def test_closing_does_not_wait_for_a_device_that_hangs(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device, stall_seconds=60.0)
    camera.offer(plain(50))
    wait_until(lambda: loopback.frames, "a frame")
    process = camera_process()
    loopback.block()
    before = loopback.count("write")
    wait_until(lambda: loopback.count("write") > before, "a write that waits")
    closing = threading.Thread(target=camera.close)
    closing.start()
    closing.join(timeout=SECONDS)
    assert not closing.is_alive()
    # The kernel does not end a process in the middle of a write.
    loopback.clear_faults()
    wait_until(lambda: not process.is_alive(), "the end of the process")
    assert process.exitcode == -signal.SIGKILL


def test_a_killed_process_is_replaced(
    loopback: Loopback, open_camera: OpenCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = open_camera(loopback.device)
    camera.offer(plain(50))
    wait_until(lambda: loopback.frames, "a frame")
    camera_process().kill()
    wait_until(lambda: "the process that writes to it ended" in camera.state, "the failure")
    wait_until(lambda: camera.state == str(loopback.device), "the device again")
    assert len(errors(capsys)) == 1


def hang(*_arguments: object) -> None:
    """Hang before reading. This is the target of a virtual camera's process."""
    time.sleep(600)


def test_a_process_that_hangs_before_it_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    options = VirtualCameraOptions(virtual_camera="none")
    camera = VirtualCamera(options, Fraction(12), retry_seconds=0.05, start_seconds=0.3, target=hang)
    # More than any connection holds.
    camera.offer(frame(np.zeros((2000, 2000, 3), np.uint8)))
    wait_until(lambda: "took no picture for 0.3 s" in camera.state, "the time-out")
    closing = threading.Thread(target=camera.close)
    closing.start()
    closing.join(timeout=SECONDS)
    assert not closing.is_alive()


def test_without_any_device_the_show_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine has cameras")
    camera = VirtualCamera(VirtualCameraOptions(virtual_camera=True), Fraction(12))
    camera.offer(plain(50))
    wait_until(lambda: camera.state != "opening", "the failure")
    camera.offer(plain(60))
    camera.close()
    assert camera.state == "No v4l2 loopback device found at /dev/video[0-99]"
    assert len(errors(capsys)) == 1


class DefectiveCamera(VirtualCamera):
    def _send(self, picture: Pixels) -> str:
        raise ZeroDivisionError("a defect")


def test_a_defect_in_the_thread_is_raised() -> None:
    camera = DefectiveCamera(VirtualCameraOptions(virtual_camera=True), Fraction(12))
    camera.offer(plain(1))
    wait_until(lambda: not any(thread.name == "virtual camera" for thread in threading.enumerate()), "its end")
    with pytest.raises(ZeroDivisionError, match="a defect"):
        camera.offer(plain(2))
    with pytest.raises(ZeroDivisionError, match="a defect"):
        camera.close()
