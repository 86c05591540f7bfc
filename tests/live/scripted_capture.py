"""Drivers that do what real ones do on a bad day. They take the place of `cv2.VideoCapture` in a webcam's process.

What happens is told by files in a folder, `where`, so that a test can change it from outside: the name of the device.
"""

import os
import time
from pathlib import Path

import numpy as np

from live.camera.devices import Device

CAPTURE_SIZE = (120, 160)


def picture_of(number: int) -> np.ndarray:
    """What the scripted camera sees at its picture `number`: uint8 [120, 160, 3] BGR, left red, right grey."""
    picture = np.full((*CAPTURE_SIZE, 3), 60 + number % 150, np.uint8)
    picture[:, :80] = (0, 0, 200)
    return picture


class ScriptedCapture:
    """Delivers a picture every ten milliseconds, and else does what the file `does` in its folder says."""

    def __init__(self, where: Path) -> None:
        self._where = where
        self._number = 0

    def read(self) -> tuple[bool, np.ndarray]:
        time.sleep(0.01)
        does = (self._where / "does").read_text()
        if does == "hang":
            while True:
                time.sleep(1)
        if does == "die":
            os.kill(os.getpid(), 9)
        if does == "unplug":
            return False, np.zeros((0, 0, 3), np.uint8)
        if does != "repeat":
            self._number += 1
        if does == "black":
            return True, np.full((*CAPTURE_SIZE, 3), self._number % 9, np.uint8)
        if does == "flash" and self._number % 15 == 0:
            return True, self._flash()
        return True, picture_of(self._number)

    def _flash(self) -> np.ndarray:
        """A white picture, whose time is noted."""
        with (self._where / "flashes").open("a") as file:
            file.write(f"{time.perf_counter()}\n")
        return np.full((*CAPTURE_SIZE, 3), 255, np.uint8)

    def set(self, property: int, value: float) -> bool:
        with (self._where / "set").open("a") as file:
            file.write(f"{property} {value}\n")
        return True


def open_scripted(device: Device, size: tuple[int, int], frame_rate: float) -> ScriptedCapture:
    """An `OpenCapture`: the stable name of the device is the folder that tells what happens."""
    where = Path(device.stable_name)
    with (where / "opened").open("a") as file:
        file.write(f"{os.getpid()}\n")
    does = (where / "does").read_text()
    if does == "absent":
        raise FileNotFoundError(device.stable_name)
    if does == "refuse":
        raise OSError("busy")
    return ScriptedCapture(where)
