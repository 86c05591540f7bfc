"""A webcam's real process, with a driver that does what a test tells it to."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

import live.camera.devices
import live.camera.webcam
from live.camera.devices import Device
from live.camera.source import CapturedFrame
from live.camera.webcam import Webcam
from live.camera.webcam_process import open_device
from tests.live.scripted_capture import open_scripted

SIZE = (48, 64)


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, "it never happened"
        time.sleep(0.01)


class Driver:
    """What the test holds in its hand: the plug, so to say."""

    def __init__(self, where: Path) -> None:
        self.where = where

    def does(self, what: str) -> None:
        """Replaced in one go: the process never reads half of it."""
        new = self.where / "new"
        new.write_text(what)
        new.replace(self.where / "does")

    @property
    def opened(self) -> list[int]:
        """The processes that opened the driver so far."""
        path = self.where / "opened"
        return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.fixture
def driver(tmp_path: Path) -> Driver:
    driver = Driver(tmp_path)
    driver.does("deliver")
    return driver


@pytest.fixture
def plug_in(driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Webcam]]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3]))
    monkeypatch.setattr(live.camera.webcam, "HANGING_SECONDS", 1.5)
    monkeypatch.setattr(live.camera.webcam, "FIRST_PAUSE_SECONDS", 0.05)
    opened = []

    def plugged(mirror: bool = False, lock_exposure: bool = False) -> Webcam:
        webcam = Webcam(
            Device(3, "/dev/video3", str(driver.where), "A Camera"),
            size=SIZE,
            frame_rate=Fraction(12),
            mirror=mirror,
            lock_exposure=lock_exposure,
            open_capture=open_scripted,
        )
        opened.append(webcam)
        return webcam

    yield plugged
    for webcam in opened:
        webcam.close()


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")")[-1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def fresh(webcam: Webcam) -> CapturedFrame:
    until(lambda: webcam.picture(0))
    picture = webcam.picture(0)
    assert picture is not None
    return picture


def test_the_newest_picture_comes_cut_to_size_in_rgb_with_its_time(plug_in, driver) -> None:
    webcam = plug_in()
    assert webcam.picture(0) is None
    assert webcam.trouble == "is being opened"
    before = fresh(webcam)
    asked = time.perf_counter()
    until(lambda: webcam.picture(0).captured_at > asked)
    picture = webcam.picture(0)
    assert picture.pixels.shape == (*SIZE, 3)
    assert picture.pixels.dtype == np.uint8
    assert before.captured_at < asked < picture.captured_at <= time.perf_counter(), "one clock for both processes"
    assert picture.pixels[24, 5].tolist() == [200, 0, 0]
    assert len(set(picture.pixels[24, 60].tolist())) == 1
    assert webcam.trouble == ""
    assert len(driver.opened) == 1


def test_the_mirror_can_be_turned_at_any_time(plug_in) -> None:
    webcam = plug_in(mirror=True)
    assert fresh(webcam).pixels[24, 60].tolist() == [200, 0, 0]
    webcam.mirror = False
    until(lambda: fresh(webcam).pixels[24, 5].tolist() == [200, 0, 0])


def test_closing_ends_the_process(plug_in, driver) -> None:
    webcam = plug_in()
    fresh(webcam)
    webcam.close()
    assert not is_running(driver.opened[0])


@pytest.mark.parametrize(
    ("what", "trouble", "opens_anew"),
    [
        ("hang", "hangs", True),
        ("die", "broke off", True),
        ("unplug", "broke off", True),
        ("repeat", "repeats its last picture", False),
        ("black", "is black", False),
    ],
)
def test_a_bad_driver_is_silent_says_why_and_is_taken_up_again(plug_in, driver, what, trouble, opens_anew) -> None:
    webcam = plug_in()
    last = fresh(webcam)
    driver.does(what)
    until(lambda: webcam.picture(0) is None)
    assert time.perf_counter() - last.captured_at > 1
    until(lambda: webcam.trouble == trouble)
    first = driver.opened[0]
    if opens_anew:
        until(lambda: not is_running(first))
    driver.does("deliver")
    assert fresh(webcam).captured_at > last.captured_at
    assert webcam.trouble == ""
    assert (driver.opened[-1] != first) == opens_anew


def test_while_the_show_is_frozen_the_webcam_is_judged_by_what_it_gives(plug_in, driver) -> None:
    webcam = plug_in()
    taken = fresh(webcam)
    until(lambda: time.perf_counter() - taken.captured_at > live.camera.webcam.FRESH_SECONDS + 0.1)
    assert webcam.trouble == "", "nobody took a picture, but there are some"
    driver.does("black")
    until(lambda: webcam.trouble == "is black")


@pytest.mark.parametrize(("what", "trouble"), [("absent", "is not plugged in"), ("refuse", "does not open")])
def test_a_webcam_that_is_not_there_is_waited_for(plug_in, driver, what, trouble) -> None:
    driver.does(what)
    webcam = plug_in()
    until(lambda: webcam.trouble == trouble)
    driver.does("deliver")
    fresh(webcam)


def test_the_pauses_grow(plug_in, driver, monkeypatch: pytest.MonkeyPatch):
    pauses = []
    wait = live.camera.webcam.threading.Event.wait

    def noted(event, timeout=None):
        if timeout is not None and timeout != live.camera.webcam.WATCH_SECONDS and event is webcam._closing:
            pauses.append(timeout)
            timeout = 0.01
        return wait(event, timeout)

    driver.does("absent")
    webcam = plug_in()
    monkeypatch.setattr(live.camera.webcam.threading.Event, "wait", noted)
    until(lambda: len(pauses) > 4)
    assert [second / first for first, second in pairwise(pauses)][:3] == [2, 2, 2]


def test_a_driver_that_repeats_itself_for_long_is_opened_anew(plug_in, driver) -> None:
    webcam = plug_in()
    fresh(webcam)
    driver.does("repeat")
    until(lambda: webcam.picture(0) is None)
    until(lambda: len(driver.opened) > 1)
    some_pictures_later = time.perf_counter() + 0.2
    until(lambda: webcam._slots.alive_at > some_pictures_later)
    assert webcam.picture(0) is None, "its first picture is no fresh one either"
    driver.does("deliver")
    fresh(webcam)


def test_exposure_and_white_balance_are_locked_if_asked(plug_in, driver) -> None:
    webcam = plug_in(lock_exposure=True)
    fresh(webcam)
    settings = driver.where / "set"
    until(lambda: settings.exists() and settings.read_text().count("\n") == 2)
    assert [int(line.split()[0]) for line in settings.read_text().splitlines()] == [
        cv2.CAP_PROP_AUTO_EXPOSURE,
        cv2.CAP_PROP_AUTO_WB,
    ]


def test_the_process_ends_when_the_stage_is_killed_even_if_the_driver_hangs(driver, tmp_path: Path) -> None:
    import signal
    import subprocess
    import sys

    stage = tmp_path / "stage.py"
    stage.write_text(
        "import sys, time\n"
        "from fractions import Fraction\n"
        "if __name__ == '__main__':\n"
        "    from live.camera.devices import Device\n"
        "    from live.camera.webcam import Webcam\n"
        "    from tests.live.scripted_capture import open_scripted\n"
        "    Webcam(Device(0, '/dev/video0', sys.argv[1], 'c'), size=(48, 64), frame_rate=Fraction(12), mirror=False,\n"
        "        lock_exposure=False, open_capture=open_scripted)\n"
        "    time.sleep(100)\n"
    )
    root = str(Path(__file__).parents[3])
    driver.does("hang")
    process = subprocess.Popen([sys.executable, stage, driver.where], env=os.environ | {"PYTHONPATH": root})
    until(lambda: driver.opened)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not is_running(driver.opened[0]))


class Driven:
    """A `cv2.VideoCapture` whose driver makes 30 pictures a second in MJPG only, and else 10."""

    def __init__(self, index: int, backend: int) -> None:
        self.opened = (index, backend)
        self.set_to: dict[int, float] = {}

    def isOpened(self) -> bool:
        return self.opened[0] != 9

    def set(self, property: int, value: float) -> bool:
        self.set_to[property] = value
        return True

    def get(self, property: int) -> float:
        assert property == cv2.CAP_PROP_FPS
        return 30.0 if cv2.CAP_PROP_FOURCC in self.set_to else self.rate

    rate = 10.0


def test_a_device_is_opened_by_its_present_number_in_mjpg_where_that_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    webcam = Device(3, "/dev/video3", "/dev/v4l/by-id/usb-a", "A Camera")
    present = [replace(webcam, index=5, path="/dev/video5")]
    monkeypatch.setattr(live.camera.devices, "list_devices", lambda: present)
    monkeypatch.setattr(cv2, "VideoCapture", Driven)
    capture = open_device(webcam, (144, 256), 12.0)
    assert capture.opened == (5, live.camera.devices.BACKEND)
    assert capture.set_to == {
        cv2.CAP_PROP_FRAME_WIDTH: 640,
        cv2.CAP_PROP_FRAME_HEIGHT: 480,
        cv2.CAP_PROP_FPS: 30,
        cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_BUFFERSIZE: 1,
    }
    assert open_device(webcam, (432, 768), 12.0).set_to[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    monkeypatch.setattr(Driven, "rate", 30.0)
    assert cv2.CAP_PROP_FOURCC not in open_device(webcam, (144, 256), 12.0).set_to
    present[0] = replace(webcam, index=9)
    with pytest.raises(OSError, match="A Camera does not open"):
        open_device(webcam, (144, 256), 12.0)
    present[0] = replace(webcam, stable_name="/dev/v4l/by-id/usb-b")
    with pytest.raises(FileNotFoundError):
        open_device(webcam, (144, 256), 12.0)
