"""What the process of a webcam does: read the driver, and hand on what is fresh. It loads OpenCV and little else.

The driver may do to this process what it likes: `live/camera/webcam.py` watches it from outside.
"""

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from ctypes import Array, c_ubyte
from typing import Protocol, TypeAlias

import cv2
import numpy as np

from live.camera.devices import BACKEND, Device, find_again
from live.camera.framing import filled, mirrored
from live.camera.shared_frames import SharedFrames, State

# Repeating its last picture for longer than this, a driver is opened anew.
REPEATING_SECONDS = 5.0
# Time for the automatic exposure to settle before it is locked.
SETTLING_SECONDS = 2.0
# A picture that is nowhere brighter than this, of 255, is black.
BLACK = 20
LEAST_RATE = 30
# (width, height) to ask a driver for; what is asked must not be smaller than the bundle's picture.
MODES = ((640, 480), (1280, 720), (1920, 1080))
# What each interface calls "not automatic".
MANUAL_EXPOSURE = {cv2.CAP_V4L2: 1.0, cv2.CAP_DSHOW: 0.25}


class Capture(Protocol):
    """As much of `cv2.VideoCapture` as is used here."""

    def read(self) -> tuple[bool, np.ndarray]:
        """Wait for the next picture: (whether there is one, uint8 [h, w, 3] BGR)."""
        ...

    def set(self, property: int, value: float) -> bool:
        """Set a property of the driver; False if it has none such."""
        ...


OpenCapture: TypeAlias = Callable[[Device, tuple[int, int], float], Capture]
"""Opens a device for pictures of at least a (height, width) and frames a second.

Raises `FileNotFoundError` if it is not plugged in, `OSError` if its driver refuses.
"""


def run(
    memory: "Array[c_ubyte]",
    size: tuple[int, int],
    device: Device,
    frame_rate: float,
    lock_exposure: bool,
    open_capture: OpenCapture,
) -> None:
    """Read `device` and put its pictures, of `size` (height, width), into the slots in `memory`, until it fails."""
    # Ctrl-C is for the stage, which ends this process when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_the_stage, daemon=True).start()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    cv2.setNumThreads(1)
    slots = SharedFrames(memory, size)
    try:
        capture = open_capture(device, size, frame_rate)
    except OSError as error:
        slots.state = State.ABSENT if isinstance(error, FileNotFoundError) else State.REFUSED
        return
    deliver(capture, slots, size, lock_exposure)


def deliver(capture: Capture, slots: SharedFrames, size: tuple[int, int], lock_exposure: bool) -> None:
    """Put what is fresh into `slots`, until the driver fails or does nothing but repeat itself.

    What is exactly the picture before it, or black, is no fresh picture; nor is the first, which a driver that only
    repeats itself has, too.
    """
    before, fresh_at = b"", time.perf_counter()
    lock_at = time.perf_counter() + SETTLING_SECONDS if lock_exposure else math.inf
    while time.perf_counter() - fresh_at < REPEATING_SECONDS:
        slots.alive_at = time.perf_counter()
        there, picture = capture.read()
        captured_at = time.perf_counter()
        if not there:
            slots.state = State.BROKEN
            return
        pixels = np.ascontiguousarray(filled(picture, size)[:, :, ::-1])
        now = pixels.tobytes()
        if before and now != before:
            fresh_at = captured_at
        before = now
        if pixels.max() <= BLACK:
            slots.state = State.BLACK
        elif fresh_at == captured_at:
            slots.put(mirrored(pixels) if slots.mirror else pixels, captured_at)
            slots.state = State.DELIVERING
        else:
            slots.state = State.REPEATING
        if captured_at > lock_at:
            lock(capture)
            lock_at = math.inf


def open_device(device: Device, size: tuple[int, int], frame_rate: float) -> Capture:
    """Open `device` with OpenCV, in MJPG where the driver is too slow without. The usual `OpenCapture`."""
    present = find_again(device)
    if present is None:
        raise FileNotFoundError(device.stable_name)
    rate = max(LEAST_RATE, math.ceil(frame_rate))
    width, height = next((mode for mode in MODES if mode[0] >= size[1] and mode[1] >= size[0]), MODES[-1])
    capture = cv2.VideoCapture(present.index, BACKEND)
    if not capture.isOpened():
        raise OSError(f"{device.name} does not open")
    # The rate last: which ones there are depends on the rest.
    mode = {cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: height, cv2.CAP_PROP_FPS: rate}
    _set_all(capture, mode)
    if capture.get(cv2.CAP_PROP_FPS) < rate:
        _set_all(capture, {cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"), **mode})
    # Else a driver hands out pictures that have waited.
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture


def _set_all(capture: Capture, properties: Mapping[int, float]) -> None:
    """Set what of `properties` the driver has, in their order."""
    for property, value in properties.items():
        capture.set(property, value)


def lock(capture: Capture) -> None:
    """Stop exposure and white balance where they are, as far as the driver has that."""
    capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, MANUAL_EXPOSURE.get(BACKEND, 0.0))
    capture.set(cv2.CAP_PROP_AUTO_WB, 0.0)


def _leave_with_the_stage() -> None:
    """No camera stays on when the stage was killed, even if its driver hangs."""
    stage = multiprocessing.parent_process()
    if stage is not None:
        stage.join()
        os._exit(0)
