"""The virtual camera with pyvirtualcam's own Linux backend, which writes to a driver that the tests mount."""

import errno
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from live.frame import Frame, Pixels
from live.geometry import ResizeMode
from live.outputs.options import VirtualCameraOptions
from live.outputs.virtual_camera import STALL_SECONDS, VirtualCamera
from live.outputs.virtual_camera_messages import advice, first_sentences
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


class OpenCamera(Protocol):
    def __call__(
        self, device: Path, size: tuple[int, int] = ..., mode: ResizeMode = ..., stall_seconds: float = ...
    ) -> VirtualCamera: ...


@pytest.fixture
def open_camera() -> Iterator[OpenCamera]:
    """Opens virtual cameras that try again at once, and closes them."""
    cameras: list[VirtualCamera] = []

    def opened(
        device: Path,
        size: tuple[int, int] = SIZE,
        mode: ResizeMode = "letterbox",
        stall_seconds: float = STALL_SECONDS,
    ) -> VirtualCamera:
        options = VirtualCameraOptions(virtual_camera=str(device), virtual_camera_size=size, virtual_camera_fit=mode)
        cameras.append(VirtualCamera(options, Fraction(12), retry_seconds=0.05, stall_seconds=stall_seconds))
        return cameras[-1]

    yield opened
    for camera in cameras:
        camera.close()


def camera_process() -> BaseProcess:
    """Return the process of the one virtual camera that is open."""
    (process,) = (each for each in multiprocessing.active_children() if each.name == "virtual camera")
    return process


def frame(pixels: Pixels) -> Frame:
    return Frame(pixels, 0, 0.0, 0.0)


def plain(level: int) -> Frame:
    return frame(np.full((HEIGHT, WIDTH, 3), level, np.uint8))


def to_yuv(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the YUV of BT.601 in limited range, by its definition: float [..., 3]."""
    red, green, blue = np.moveaxis(rgb / 255, -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack([16 + 219 * luma, 128 + 224 * (blue - luma) / 1.772, 128 + 224 * (red - luma) / 1.402], -1)


def planes(i420: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return Y [H, W], U and V [H/2, W/2] of one I420 frame."""
    width, height = i420.shape[1], i420.shape[0] * 2 // 3
    chroma = i420[height:].reshape(2, height // 2, width // 2)
    return i420[:height], chroma[0], chroma[1]


def errors(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines on stderr since the last call."""
    return capsys.readouterr().err.splitlines()


@needs_fuse
def test_a_frame_arrives_unchanged(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device)
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


def grid() -> Pixels:
    """Return a picture of cells, each of another colour."""
    colours = np.random.default_rng(1).integers(0, 256, (HEIGHT // CELL, WIDTH // CELL, 3), np.uint8)
    return colours.repeat(CELL, 0).repeat(CELL, 1)


@needs_fuse
@pytest.mark.parametrize(
    ("mode", "size", "left", "top", "scale"),
    [
        ("letterbox", (320, 180), 40, 0, 3.75),
        ("letterbox", (192, 240), 0, 48, 3),
        ("fill", (320, 180), 0, -30, 5),
        ("fill", (192, 240), -64, 0, 5),
        # A complete frame of the default size arrives in many pieces.
        ("letterbox", (1280, 720), 160, 0, 15),
    ],
)
def test_the_picture_has_its_place_and_borders_are_black(
    loopback: Loopback,
    open_camera: OpenCamera,
    mode: ResizeMode,
    size: tuple[int, int],
    left: int,
    top: int,
    scale: float,
) -> None:
    camera = open_camera(loopback.device, size, mode)
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
    assert (~inside).any() == (mode == "letterbox")


@needs_fuse
def test_the_last_frame_is_repeated_while_the_show_pauses(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device)
    camera.offer(plain(90))
    wait_until(lambda: len(loopback.frames) >= 4, "repetitions")
    first, *_, last = loopback.frames
    np.testing.assert_array_equal(loopback.read(first), loopback.read(last))
    assert camera.dropped == 0


@needs_fuse
def test_a_fast_show_is_shown_thirty_times_a_second(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device)
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
def test_a_slow_device_blocks_nothing_and_gets_the_newest_frame(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device)
    camera.offer(plain(0))
    wait_until(lambda: loopback.frames, "a frame")
    loopback.block()
    before = loopback.count("write")
    wait_until(lambda: loopback.count("write") > before, "a write that waits")
    whole = len(loopback.frames)
    ticks = []

    def tick() -> None:
        for number in range(100):
            time.sleep(0.001)
            ticks.append(number)

    other = threading.Thread(target=tick)
    other.start()
    began = time.perf_counter()
    for level in range(1, 201):
        camera.offer(plain(level))
    other.join()
    # An interpreter that waited with the driver would not get here at all.
    assert time.perf_counter() - began < 2
    assert len(ticks) == 100
    assert len(loopback.frames) == whole
    assert camera.dropped >= 198
    loopback.clear_faults()
    expected = to_yuv(np.full(3, 200, np.uint8))[0]
    wait_until(lambda: abs(int(loopback.read(loopback.frames[-1])[0, 0]) - expected) <= 3, "the newest")
    # The one that waited and the newest, none between.
    levels = {int(loopback.read(path)[0, 0]) for path in loopback.frames[whole:]}
    assert len(levels) <= 2


@needs_fuse
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


@needs_fuse
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


@needs_fuse
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


@needs_fuse
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
    closing.join(timeout=10)
    assert not closing.is_alive()
    # The kernel does not end a process in the middle of a write.
    loopback.clear_faults()
    wait_until(lambda: not process.is_alive(), "the end of the process")
    assert process.exitcode == -signal.SIGKILL


@needs_fuse
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
    monkeypatch.syspath_prepend(str(RUN_LIVE.parent))
    options = VirtualCameraOptions(virtual_camera="none")
    camera = VirtualCamera(options, Fraction(12), retry_seconds=0.05, start_seconds=0.3, target=hang)
    # More than any connection holds.
    camera.offer(frame(np.zeros((2000, 2000, 3), np.uint8)))
    wait_until(lambda: "took no picture for 0.3 s" in camera.state, "the time-out")
    closing = threading.Thread(target=camera.close)
    closing.start()
    closing.join(timeout=10)
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


@pytest.mark.parametrize(
    ("system", "remedy"), [("linux", "modprobe"), ("win32", "install OBS"), ("darwin", "install OBS 30")]
)
def test_the_advice_is_for_the_system(system: str, remedy: str) -> None:
    assert remedy in advice("Device x does not exist", system)


def test_a_message_keeps_the_first_sentence_of_each_backend() -> None:
    message = (
        "'obs' backend: OBS Virtual Camera device not found! Did you install OBS?\n"
        "'unitycapture' backend: No camera registered. Did you install any camera?"
    )
    expected = "OBS Virtual Camera device not found, No camera registered"
    assert first_sentences(message) == expected


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


def show_arguments(model: Path, loopback: Loopback) -> list[str]:
    return [str(RUN_LIVE), "--model", str(model), "--virtual-camera", str(loopback.device)]


@needs_fuse
def test_a_whole_show_is_shown_on_the_virtual_camera(
    loopback: Loopback, x_screen: dict[str, str], bundle_folder: Path, tmp_path: Path
) -> None:
    options = ["--seconds", "4", "--tail", "1", "--virtual-camera-size", "128x96", "--hud", "--seed", "1"]
    command = [sys.executable, "-W", "error", *show_arguments(bundle_folder, loopback), *options]
    command += ["--stats", str(tmp_path / "stats.json")]
    done = subprocess.run(command, env=x_screen, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"virtual camera {loopback.device}\n" in done.stdout
    assert loopback.size == (128, 96)
    stats = json.loads((tmp_path / "stats.json").read_text())
    different = {path.read_bytes() for path in loopback.frames}
    # Some frames are dropped, and counted, before the process has started.
    assert len(different) > 10
    frames = stats["frames"]["tail"] + stats["frames"]["after_end"]
    assert frames - stats["dropped_from_virtual_camera"] - 2 <= len(different) <= frames


@needs_fuse
def test_a_signal_to_all_processes_ends_the_show_silently(loopback: Loopback, bundle_folder: Path) -> None:
    command = [sys.executable, *show_arguments(bundle_folder, loopback)]
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy"}
    show = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: loopback.frames, "a frame")
    os.killpg(show.pid, signal.SIGTERM)
    _, printed = show.communicate(timeout=30)
    assert (show.returncode, printed) == (143, "")


@needs_fuse
def test_a_show_goes_on_while_the_device_is_missing(
    loopback: Loopback, x_screen: dict[str, str], bundle_folder: Path, tmp_path: Path
) -> None:
    loopback.fail("open", errno.ENOENT)
    options = ["--seconds", "2", "--tail", "0", "--stats", str(tmp_path / "stats.json")]
    command = [sys.executable, *show_arguments(bundle_folder, loopback), *options]
    done = subprocess.run(command, env=x_screen, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "does not exist" in line
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames"]["after_end"] + stats["dropped_frames"] == 24
