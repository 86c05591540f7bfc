"""The sink before pyvirtualcam's own Linux backend, which writes to a driver that the tests mount."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import live.outputs.virtual_camera
from live.frame import Frame
from live.outputs.options import VirtualCameraOptions
from live.outputs.virtual_camera import VirtualCamera
from tests.live.bundles import HEIGHT, WIDTH, make_film
from tests.live.loopback import Loopback, wait_until, why_not

RUN_LIVE = Path(__file__).parents[3] / "run_live.py"
SIZE = (64, 48)

needs_fuse = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[Loopback]:
    driver = Loopback(tmp_path / "loopback")
    yield driver
    driver.close()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., VirtualCamera]]:
    """Opens virtual cameras that try again at once, and closes them."""
    monkeypatch.setattr(live.outputs.virtual_camera, "RETRY_SECONDS", 0.05)
    cameras: list[VirtualCamera] = []

    def open_one(device: object, size: tuple[int, int] = SIZE, fit: str = "letterbox") -> VirtualCamera:
        settings = VirtualCameraOptions(virtual_camera=str(device), virtual_camera_size=size, virtual_camera_fit=fit)
        cameras.append(VirtualCamera(settings, Fraction(12)))
        return cameras[-1]

    yield open_one
    for camera in cameras:
        camera.close()


def frame(pixels: NDArray[np.uint8], index: int = 0) -> Frame:
    return Frame(pixels, index, 0.0, 0.0)


def plain(level: int) -> Frame:
    return frame(np.full((HEIGHT, WIDTH, 3), level, np.uint8))


def to_yuv(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """BT.601 in limited range, as its definition has it: float [..., 3]."""
    red, green, blue = np.moveaxis(rgb / 255, -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack([16 + 219 * luma, 128 + 224 * (blue - luma) / 1.772, 128 + 224 * (red - luma) / 1.402], -1)


def planes(i420: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Y [H, W], U and V [H/2, W/2] of one I420 frame."""
    width, height = i420.shape[1], i420.shape[0] * 2 // 3
    chroma = i420[height:].reshape(2, height // 2, width // 2)
    return i420[:height], chroma[0], chroma[1]


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


@needs_fuse
def test_a_frame_arrives_as_it_is(loopback, opened) -> None:
    camera = opened(loopback.device)
    assert camera.state == "opening"
    picture = make_film(8)[7]
    camera.offer(frame(picture))
    wait_until(lambda: loopback.frames, "a frame")
    assert loopback.size == SIZE
    luma, *chroma = planes(loopback.read(loopback.frames[0]))
    expected = to_yuv(picture)
    assert np.abs(luma - expected[..., 0]).max() <= 3
    halved = expected.reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean((1, 3))
    for plane, channel in zip(chroma, (1, 2), strict=True):
        assert np.abs(plane - halved[..., channel]).max() <= 3
    wait_until(lambda: camera.state == str(loopback.device), "the device's name")
    assert camera.dropped == 0


CELL = 4


def grid() -> NDArray[np.uint8]:
    """A picture of cells, all of other colours."""
    colours = np.random.default_rng(1).integers(0, 256, (HEIGHT // CELL, WIDTH // CELL, 3), np.uint8)
    return colours.repeat(CELL, 0).repeat(CELL, 1)


@needs_fuse
@pytest.mark.parametrize(
    ("fit", "size", "left", "top", "scale"),
    [
        ("letterbox", (320, 180), 40, 0, 3.75),
        ("letterbox", (192, 240), 0, 48, 3),
        ("fill", (320, 180), 0, -30, 5),
        ("fill", (192, 240), -64, 0, 5),
        # A whole frame of the default size comes in many pieces.
        ("letterbox", (1280, 720), 160, 0, 15),
    ],
)
def test_the_picture_stands_where_it_should_and_borders_are_black(
    loopback, opened, fit, size, left, top, scale
) -> None:
    camera = opened(loopback.device, size, fit)
    camera.offer(frame(grid()))
    wait_until(lambda: loopback.frames, "a frame")
    assert loopback.size == size
    luma, *chroma = planes(loopback.read(loopback.frames[0]))
    compared = 0
    for row, column in np.ndindex(HEIGHT // CELL, WIDTH // CELL):
        x, y = (round(at + (place + 0.5) * CELL * scale) for at, place in ((left, column), (top, row)))
        if 4 < x < size[0] - 4 and 4 < y < size[1] - 4:
            expected = to_yuv(grid()[row * CELL, column * CELL])
            given = luma[y, x], chroma[0][y // 2, x // 2], chroma[1][y // 2, x // 2]
            assert np.abs(expected - given).max() <= 3, (row, column)
            compared += 1
    assert compared > 70
    inside = np.zeros((size[1], size[0]), bool)
    inside[max(0, top) : round(top + HEIGHT * scale), max(0, left) : round(left + WIDTH * scale)] = True
    assert (luma[~inside] == 16).all()
    for plane in chroma:
        assert (plane[~inside[::2, ::2]] == 128).all()
    assert (~inside).any() == (fit == "letterbox")


@needs_fuse
def test_the_last_frame_is_repeated_while_the_show_pauses(loopback, opened) -> None:
    camera = opened(loopback.device)
    camera.offer(plain(90))
    wait_until(lambda: len(loopback.frames) >= 4, "more of it")
    first, *_, last = loopback.frames
    np.testing.assert_array_equal(loopback.read(first), loopback.read(last))
    assert camera.dropped == 0


@needs_fuse
def test_a_fast_show_is_shown_thirty_times_a_second(loopback, opened) -> None:
    camera = opened(loopback.device)
    camera.offer(plain(0))
    wait_until(lambda: loopback.frames, "a frame")
    before, began, offered = len(loopback.frames), time.perf_counter(), 0
    while time.perf_counter() < began + 1:
        camera.offer(plain(100))
        offered += 1
        time.sleep(0.002)
    shown = len(loopback.frames) - before
    assert shown <= (time.perf_counter() - began) * 34 + 1
    assert offered - camera.dropped <= shown + 2, "the others are counted"


@needs_fuse
def test_a_slow_device_holds_nobody_up_and_gets_the_newest_frame(loopback, opened) -> None:
    camera = opened(loopback.device)
    camera.offer(plain(0))
    wait_until(lambda: loopback.frames, "a frame")
    loopback.block()
    before = loopback.count("write")
    wait_until(lambda: loopback.count("write") > before, "a write that waits")
    whole = len(loopback.frames)
    ticks = []
    other = threading.Thread(target=lambda: ticks.extend(time.sleep(0.001) for _ in range(100)))
    other.start()
    began = time.perf_counter()
    for level in range(1, 201):
        camera.offer(plain(level))
    other.join()
    # An interpreter that waits with the driver would not come here at all.
    assert time.perf_counter() - began < 2
    assert len(ticks) == 100
    assert len(loopback.frames) == whole
    assert camera.dropped >= 198
    loopback.mend()
    expected = to_yuv(np.full(3, 200, np.uint8))[0]
    wait_until(lambda: abs(int(loopback.read(loopback.frames[-1])[0, 0]) - expected) <= 3, "the newest")
    # The one that waited, the newest, and nothing between.
    levels = {int(loopback.read(path)[0, 0]) for path in loopback.frames[whole:]}
    assert len(levels) <= 2


@needs_fuse
@pytest.mark.parametrize(
    ("where", "number", "reason", "advice"),
    [
        ("open", errno.ENOENT, "does not exist", "sudo modprobe v4l2loopback exclusive_caps=1"),
        ("open", errno.EBUSY, "could not be opened: Device or resource busy", "let no other programme write to it"),
        ("open", errno.EACCES, "due to missing permissions", "group `video`"),
        ("querycap", errno.ENODEV, "could not be queried", "sudo modprobe"),
        ("s_fmt", errno.EBUSY, "could not be configured: Device or resource busy", "let no other programme"),
        ("write", errno.ENODEV, "refused a picture (No such device)", "sudo modprobe"),
        ("write", errno.EINVAL, "refused a picture (Invalid argument)", "let no other programme"),
        ("write", errno.EPIPE, "refused a picture (Broken pipe)", "sudo modprobe"),
    ],
)
def test_a_device_that_fails_is_one_line_and_is_tried_again(
    loopback, opened, capfd: pytest.CaptureFixture[str], where, number, reason, advice
) -> None:
    loopback.fail(where, number)
    camera = opened(loopback.device)
    camera.offer(plain(50))
    wait_until(lambda: reason in camera.state, reason)
    if number != errno.ENOENT:
        # The kernel asks for a file that is gone; it does not open it.
        opened_before = loopback.count("open")
        wait_until(lambda: loopback.count("open") >= opened_before + 3, "other tries, from the beginning")
    (line,) = said(capfd)
    assert line.startswith("ninety-seconds-after: error: virtual camera: ")
    assert reason in line
    assert advice in line
    assert "tried again every" in line
    loopback.mend()
    camera.offer(plain(60))
    wait_until(lambda: camera.state == str(loopback.device), "the device, back again")
    wait_until(lambda: loopback.frames, "a frame")
    assert said(capfd) == []


@needs_fuse
def test_each_kind_of_failure_is_said_once(loopback, opened, capsys: pytest.CaptureFixture[str]) -> None:
    camera = opened(loopback.device)
    camera.offer(plain(50))
    for number in (errno.ENODEV, errno.EINVAL, errno.ENODEV):
        wait_until(lambda: camera.state == str(loopback.device), "the device")
        loopback.fail("write", number)
        wait_until(lambda: os.strerror(number) in camera.state, "the failure")  # noqa: B023
        loopback.mend()
    wait_until(lambda: camera.state == str(loopback.device), "the device")
    printed = capsys.readouterr()
    assert [re.findall(r"\((.*?)\)", line)[0] for line in printed.err.splitlines()] == [
        "No such device",
        "Invalid argument",
    ]
    assert printed.out == f"virtual camera {loopback.device}\n"


@needs_fuse
def test_a_device_that_hangs_is_given_up_and_tried_again(
    loopback, opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.outputs.virtual_camera, "STALL_SECONDS", 0.3)
    camera = opened(loopback.device)
    camera.offer(plain(50))
    wait_until(lambda: loopback.frames, "a frame")
    loopback.block()
    wait_until(lambda: "took no picture for 0.3 s" in camera.state, "patience has an end")
    loopback.mend()
    wait_until(lambda: camera.state == str(loopback.device), "the device, back again")
    assert len(said(capsys)) == 1


@needs_fuse
def test_closing_does_not_wait_for_a_device_that_hangs(loopback, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.outputs.virtual_camera, "STALL_SECONDS", 60.0)
    camera = opened(loopback.device)
    camera.offer(plain(50))
    wait_until(lambda: loopback.frames, "a frame")
    process = camera._process
    loopback.block()
    before = loopback.count("write")
    wait_until(lambda: loopback.count("write") > before, "a write that waits")
    closing = threading.Thread(target=camera.close)
    closing.start()
    closing.join(timeout=10)
    assert not closing.is_alive()
    # The kernel lets nobody die in the midst of a write.
    loopback.mend()
    wait_until(lambda: not process.is_alive(), "the end of the process")
    assert process.exitcode == -signal.SIGKILL


@needs_fuse
def test_a_process_that_dies_is_replaced(loopback, opened, capsys: pytest.CaptureFixture[str]) -> None:
    camera = opened(loopback.device)
    camera.offer(plain(50))
    wait_until(lambda: loopback.frames, "a frame")
    os.kill(camera._process.pid, signal.SIGKILL)
    wait_until(lambda: "the process that writes to it ended" in camera.state, "the failure")
    wait_until(lambda: camera.state == str(loopback.device), "the device, back again")
    assert len(said(capsys)) == 1


def hangs_at_once(*_arguments: object) -> None:
    """A process of the virtual camera that never comes so far as to read."""
    time.sleep(600)


def test_a_process_that_hangs_before_it_reads_is_given_up(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3]))
    monkeypatch.setattr(live.outputs.virtual_camera, "START_SECONDS", 0.3)
    monkeypatch.setattr(live.outputs.virtual_camera, "_work", hangs_at_once)
    camera = opened("none")
    # More than any connection holds.
    camera.offer(frame(np.zeros((2000, 2000, 3), np.uint8)))
    wait_until(lambda: "took no picture for 0.3 s" in camera.state, "patience has an end")
    closing = threading.Thread(target=camera.close)
    closing.start()
    closing.join(timeout=10)
    assert not closing.is_alive()


def test_without_any_device_the_show_goes_on(opened, capsys: pytest.CaptureFixture[str]) -> None:
    if list(Path("/dev").glob("video*")):
        pytest.skip("this machine has cameras")
    camera = VirtualCamera(VirtualCameraOptions(virtual_camera=True), Fraction(12))
    camera.offer(plain(50))
    wait_until(lambda: camera.state != "opening", "the failure")
    camera.offer(plain(60))
    camera.close()
    assert camera.state == "No v4l2 loopback device found at /dev/video[0-99]"
    assert len(said(capsys)) == 1


@pytest.mark.parametrize(
    ("system", "advice"), [("linux", "modprobe"), ("win32", "install OBS"), ("darwin", "install OBS 30")]
)
def test_the_advice_is_for_this_system(monkeypatch: pytest.MonkeyPatch, system, advice) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert advice in live.outputs.virtual_camera._advice("Device x does not exist")


def test_of_what_the_backends_say_the_first_sentence_of_each_is_kept() -> None:
    message = (
        "'obs' backend: OBS Virtual Camera device not found! Did you install OBS?\n"
        "'unitycapture' backend: No camera registered. Did you install any camera?"
    )
    expected = "OBS Virtual Camera device not found, No camera registered"
    assert live.outputs.virtual_camera_process._first_sentences(message) == expected


def test_a_mistake_in_the_thread_is_never_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self, picture) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(VirtualCamera, "_send", fails)
    camera = VirtualCamera(VirtualCameraOptions(virtual_camera=True), Fraction(12))
    camera.offer(plain(1))
    camera._thread.join(timeout=10)
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        camera.offer(plain(2))
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        camera.close()


@needs_fuse
def test_a_whole_show_is_seen_on_the_virtual_camera(loopback, x_screen, bundle_folder, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", RUN_LIVE, "--model", bundle_folder, "--seconds", "4", "--tail", "1"]
    command += ["--virtual-camera", loopback.device, "--virtual-camera-size", "128x96", "--hud", "--seed", "1"]
    command += ["--stats", tmp_path / "stats.json"]
    done = subprocess.run(command, env=x_screen, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"virtual camera {loopback.device}\n" in done.stdout
    assert loopback.size == (128, 96)
    stats = json.loads((tmp_path / "stats.json").read_text())
    different = {path.read_bytes() for path in loopback.frames}
    # Until the process has begun some frames pass it by; they are counted.
    assert len(different) > 10
    frames = stats["frames"]["tail"] + stats["frames"]["after_end"]
    assert frames - stats["dropped_from_virtual_camera"] - 2 <= len(different) <= frames


@needs_fuse
def test_a_signal_to_everybody_ends_the_show_without_a_word(loopback, bundle_folder) -> None:
    command = [sys.executable, RUN_LIVE, "--model", bundle_folder, "--virtual-camera", loopback.device]
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy"}
    show = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: loopback.frames, "a frame")
    os.killpg(show.pid, signal.SIGTERM)
    _, errors = show.communicate(timeout=30)
    assert (show.returncode, errors) == (143, "")


@needs_fuse
def test_a_show_goes_on_while_the_device_is_missing(loopback, x_screen, bundle_folder, tmp_path: Path) -> None:
    loopback.fail("open", errno.ENOENT)
    command = [sys.executable, RUN_LIVE, "--model", bundle_folder, "--seconds", "2", "--tail", "0"]
    command += ["--virtual-camera", loopback.device, "--stats", tmp_path / "stats.json"]
    done = subprocess.run(command, env=x_screen, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "does not exist" in line
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames"]["after_end"] + stats["dropped_frames"] == 24
