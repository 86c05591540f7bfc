"""A webcam's driver that misbehaves on request. It takes the place of `cv2.VideoCapture` in the webcam's process.

Both sides meet in a folder, whose path is the stable name of the device: the test writes into the file `does` what the
driver does next, and the driver notes there what happened to it.
"""

import os
import time
from pathlib import Path

import numpy as np

from live.camera.devices import Device
from live.frame import Pixels

CAPTURE_SIZE = (120, 160)


def picture_of(number: int) -> Pixels:
    """Return the driver's picture `number`: uint8 [120, 160, 3] BGR, red at the left, grey at the right."""
    picture = np.full((*CAPTURE_SIZE, 3), 60 + number % 150, np.uint8)
    picture[:, :80] = (0, 0, 200)
    return picture


class ScriptedCapture:
    """A `Capture` that delivers a picture every ten milliseconds, unless the file `does` names something else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def read(self) -> tuple[bool, Pixels]:
        time.sleep(0.01)
        does = (self._folder / "does").read_text()
        if does == "hang":
            while True:
                time.sleep(1)
        if does == "die":
            os.kill(os.getpid(), 9)
        if does == "unplug":
            return False, np.zeros((0, 0, 3), np.uint8)
        self._note("reads", str(os.getpid()))
        if does != "repeat":
            self._number += 1
        if does == "black":
            return True, np.full((*CAPTURE_SIZE, 3), self._number % 9, np.uint8)
        if does == "flash" and self._number % 15 == 0:
            self._note("flashes", str(time.perf_counter()))
            return True, np.full((*CAPTURE_SIZE, 3), 255, np.uint8)
        return True, picture_of(self._number)

    def set(self, property: int, value: float, /) -> bool:
        self._note("set", f"{property} {value}")
        return True

    def _note(self, name: str, line: str) -> None:
        with (self._folder / name).open("a") as file:
            file.write(f"{line}\n")


def open_scripted(device: Device, size: tuple[int, int], frame_rate: float) -> ScriptedCapture:
    """Open the driver of the folder that the device's stable name names. This is an `OpenCapture`."""
    folder = Path(device.stable_name)
    with (folder / "opened").open("a") as file:
        file.write(f"{os.getpid()}\n")
    does = (folder / "does").read_text()
    if does == "absent":
        raise FileNotFoundError(device.stable_name)
    if does == "refuse":
        raise OSError("busy")
    return ScriptedCapture(folder)
