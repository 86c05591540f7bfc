"""A webcam's real process, with a driver that does what a test tells it to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import pytest

from live.camera.devices import Device
from live.camera.source import FRESH_SECONDS, CapturedFrame
from live.camera.webcam import Backoff, Webcam
from tests.live.scripted_capture import open_scripted
from tests.live.waiting import SECONDS, is_running, wait_until

ROOT = Path(__file__).parents[3]
SIZE = (48, 64)


class Driver:
    """Test's side of the driver: it changes what the driver does and sees what happened to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def does(self, deed: str) -> None:
        """Change what the driver does next, at once: the process never reads half of the file."""
        new = self.folder / "new"
        new.write_text(deed)
        new.replace(self.folder / "does")

    @property
    def opened(self) -> list[int]:
        """Ids of the processes that have opened the driver, in order."""
        return self._processes("opened")

    def count_reads(self, process: int) -> int:
        """Return the number of pictures that the driver has delivered to a process."""
        return self._processes("reads").count(process)

    def _processes(self, name: str) -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []


@pytest.fixture
def driver(tmp_path: Path) -> Driver:
    driver = Driver(tmp_path)
    driver.does("deliver")
    return driver


class PlugIn(Protocol):
    def __call__(self, mirror: bool = ..., lock_exposure: bool = ..., backoff: Backoff | None = ...) -> Webcam: ...


@pytest.fixture
def plug_in(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlugIn]:
    """Opens webcams of the driver, and closes them."""
    monkeypatch.syspath_prepend(str(ROOT))
    opened = []

    def plugged(mirror: bool = False, lock_exposure: bool = False, backoff: Backoff | None = None) -> Webcam:
        webcam = Webcam(
            Device(3, "/dev/video3", str(driver.folder), "A Camera"),
            size=SIZE,
            frame_rate=Fraction(12),
            mirror=mirror,
            lock_exposure=lock_exposure,
            open_capture=open_scripted,
            hanging_seconds=1.5,
            backoff=backoff or Backoff(first=0.05),
        )
        opened.append(webcam)
        return webcam

    yield plugged
    for webcam in opened:
        webcam.close()


def fresh(webcam: Webcam, after: float = 0.0) -> CapturedFrame:
    """Wait for a fresh frame that was captured after a time, and return it."""
    end = time.perf_counter() + SECONDS
    while (frame := webcam.read(0)) is None or frame.captured_at <= after:
        assert time.perf_counter() < end, "there was no fresh frame"
        time.sleep(0.01)
    return frame


def test_the_newest_picture_arrives_cropped_in_rgb_with_its_time(plug_in: PlugIn, driver: Driver) -> None:
    webcam = plug_in()
    assert webcam.read(0) is None
    assert webcam.trouble == "is being opened"
    before = fresh(webcam)
    asked = time.perf_counter()
    frame = fresh(webcam, after=asked)
    assert frame.pixels.shape == (*SIZE, 3)
    assert frame.pixels.dtype == np.uint8
    assert before.captured_at < asked < frame.captured_at <= time.perf_counter(), "one clock for both processes"
    assert frame.pixels[24, 5].tolist() == [200, 0, 0]
    assert len(set(frame.pixels[24, 60].tolist())) == 1
    assert webcam.trouble == ""
    assert len(driver.opened) == 1


def test_the_mirror_can_be_changed_at_any_time(plug_in: PlugIn) -> None:
    webcam = plug_in(mirror=True)
    assert fresh(webcam).pixels[24, 60].tolist() == [200, 0, 0]
    webcam.mirror = False
    wait_until(lambda: fresh(webcam).pixels[24, 5].tolist() == [200, 0, 0])


def test_closing_ends_the_process(plug_in: PlugIn, driver: Driver) -> None:
    webcam = plug_in()
    fresh(webcam)
    webcam.close()
    assert not is_running(driver.opened[0])


def test_a_webcam_that_rests_is_released_and_then_opened_again(plug_in: PlugIn, driver: Driver) -> None:
    webcam = plug_in()
    fresh(webcam)
    webcam.rest(True)
    wait_until(lambda: not is_running(driver.opened[0]))
    time.sleep(0.3)
    assert len(driver.opened) == 1
    woken = time.perf_counter()
    webcam.rest(False)
    fresh(webcam, after=woken)
    assert len(driver.opened) == 2


@pytest.mark.parametrize(
    ("deed", "trouble", "opens_again"),
    [
        ("hang", "hangs", True),
        ("die", "stopped delivering", True),
        ("unplug", "stopped delivering", True),
        ("repeat", "repeats its last picture", False),
        ("black", "is black", False),
    ],
)
def test_a_bad_driver_is_silent_says_why_and_recovers(
    plug_in: PlugIn, driver: Driver, deed: str, trouble: str, opens_again: bool
) -> None:
    webcam = plug_in()
    last = fresh(webcam)
    driver.does(deed)
    wait_until(lambda: webcam.read(0) is None)
    assert time.perf_counter() - last.captured_at > 1
    wait_until(lambda: webcam.trouble == trouble)
    first = driver.opened[0]
    if opens_again:
        wait_until(lambda: not is_running(first))
    driver.does("deliver")
    assert fresh(webcam).captured_at > last.captured_at
    assert webcam.trouble == ""
    assert (driver.opened[-1] != first) == opens_again


def test_while_the_show_is_frozen_the_webcam_is_judged_by_what_it_delivers(plug_in: PlugIn, driver: Driver) -> None:
    webcam = plug_in()
    taken = fresh(webcam)
    wait_until(lambda: time.perf_counter() - taken.captured_at > FRESH_SECONDS + 0.1)
    assert webcam.trouble == "", "no frame was taken, but there are some"
    driver.does("black")
    wait_until(lambda: webcam.trouble == "is black")


@pytest.mark.parametrize(("deed", "trouble"), [("absent", "is not plugged in"), ("refuse", "does not open")])
def test_a_missing_webcam_is_waited_for(plug_in: PlugIn, driver: Driver, deed: str, trouble: str) -> None:
    driver.does(deed)
    webcam = plug_in()
    wait_until(lambda: webcam.trouble == trouble)
    driver.does("deliver")
    fresh(webcam)


def test_pauses_double_up_to_the_longest_and_start_again_after_a_success() -> None:
    backoff = Backoff(first=0.5, longest=6.0)
    assert [backoff.after(False) for _ in range(5)] == [1, 2, 4, 6, 6]
    assert backoff.after(True) == 0.5
    assert backoff.after(False) == 1


def test_failed_processes_are_replaced_after_growing_pauses(plug_in: PlugIn, driver: Driver) -> None:
    class NotedBackoff(Backoff):
        def __init__(self) -> None:
            super().__init__()
            self.pauses: list[float] = []

        def after(self, succeeded: bool) -> float:
            self.pauses.append(super().after(succeeded))
            return 0.01

    backoff = NotedBackoff()
    driver.does("absent")
    webcam = plug_in(backoff=backoff)
    wait_until(lambda: len(backoff.pauses) > 3)
    assert [second / first for first, second in pairwise(backoff.pauses)][:3] == [2, 2, 2]
    driver.does("deliver")
    fresh(webcam)
    failures = len(backoff.pauses)
    driver.does("die")
    wait_until(lambda: len(backoff.pauses) > failures)
    assert backoff.pauses[failures] == Backoff().after(True), "the process had delivered"


def test_a_driver_that_repeats_itself_for_long_is_opened_again(plug_in: PlugIn, driver: Driver) -> None:
    webcam = plug_in()
    fresh(webcam)
    driver.does("repeat")
    wait_until(lambda: webcam.read(0) is None)
    wait_until(lambda: len(driver.opened) > 1)
    wait_until(lambda: driver.count_reads(driver.opened[1]) > 10)
    assert webcam.read(0) is None, "its first picture is not fresh either"
    driver.does("deliver")
    fresh(webcam)


def test_exposure_and_white_balance_are_locked_if_asked(plug_in: PlugIn, driver: Driver) -> None:
    webcam = plug_in(lock_exposure=True)
    fresh(webcam)
    noted = driver.folder / "set"
    wait_until(lambda: noted.exists() and noted.read_text().count("\n") == 2)
    assert [int(line.split()[0]) for line in noted.read_text().splitlines()] == [
        cv2.CAP_PROP_AUTO_EXPOSURE,
        cv2.CAP_PROP_AUTO_WB,
    ]


KILLED_SHOW = """
import sys, time
from fractions import Fraction

if __name__ == "__main__":
    from live.camera.devices import Device
    from live.camera.webcam import Webcam
    from tests.live.scripted_capture import open_scripted

    device = Device(0, "/dev/video0", sys.argv[1], "A Camera")
    Webcam(
        device, size=(48, 64), frame_rate=Fraction(12), mirror=False, lock_exposure=False, open_capture=open_scripted
    )
    time.sleep(100)
"""


def test_the_process_ends_when_the_show_is_killed_even_if_the_driver_hangs(driver: Driver, tmp_path: Path) -> None:
    program = tmp_path / "show.py"
    program.write_text(KILLED_SHOW)
    driver.does("hang")
    show = subprocess.Popen([sys.executable, program, driver.folder], env=os.environ | {"PYTHONPATH": str(ROOT)})
    wait_until(lambda: driver.opened)
    show.send_signal(signal.SIGKILL)
    show.wait()
    wait_until(lambda: not is_running(driver.opened[0]))
