"""Process of a webcam: read the driver and hand on what is fresh. It loads OpenCV and little else.

Any failure of the driver stays in this process: `live/camera/webcam.py` supervises it from outside.
"""

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from ctypes import Array, c_ubyte
from typing import Protocol, TypeAlias

import cv2
import numpy as np
from cv2.typing import MatLike

from live.camera.devices import BACKEND, Device, find_again, list_devices
from live.camera.shared_frames import SharedFrames, State
from live.frame import Pixels
from live.images.scaling import filled, mirrored

# A driver that repeats its last picture for longer is opened again.
REPEATING_SECONDS = 5.0
# Time for the automatic exposure to settle before it is locked.
SETTLING_SECONDS = 2.0
# A picture without a value above this, of 255, is black.
BLACK_LEVEL = 20
LEAST_RATE = 30
# Pause after a read that gave no picture, because such a driver may not wait for one.
PICTURELESS_SECONDS = 0.01
# (width, height) to ask a driver for. The choice must not be smaller than the bundle's picture.
MODES = ((640, 480), (1280, 720), (1920, 1080))
# Each interface's value for "not automatic".
MANUAL_EXPOSURE = {cv2.CAP_V4L2: 1.0, cv2.CAP_DSHOW: 0.25}


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that reads an open device."""

    def read(self) -> tuple[bool, MatLike | None]:
        """Wait for the next picture. Return (True, it) or (False, anything). It is mostly uint8 [h, w, 3] BGR."""
        ...

    def set(self, property: int, value: float, /) -> bool:
        """Set a property of the driver. Return False if it has no such property."""
        ...


class OpenableCapture(Capture, Protocol):
    """The part of `cv2.VideoCapture` that opens a device."""

    def isOpened(self) -> bool:
        """Return True if the device is open."""
        ...

    def get(self, property: int, /) -> float:
        """Return a property of the driver."""
        ...


OpenCapture: TypeAlias = Callable[[Device, tuple[int, int], float], Capture]
"""Opens a device for pictures of at least (height, width) and frames a second.

Raises:
    FileNotFoundError: The device is not plugged in.
    OSError: Its driver refuses.
"""


def run(
    memory: "Array[c_ubyte]",
    size: tuple[int, int],
    device: Device,
    frame_rate: float,
    lock_exposure: bool,
    open_capture: OpenCapture,
) -> None:
    """Read a webcam into shared memory until it fails. This is the target of the process.

    Args:
        memory: Memory of a `SharedFrames`.
        size: (height, width) of its frames.
        device: The webcam.
        frame_rate: Frames a second of the show.
        lock_exposure: True if exposure and white balance are to be locked.
        open_capture: Opens the webcam.
    """
    # Ctrl-C is for the show, which ends this process afterwards.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_the_show, name="parent watcher", daemon=True).start()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    cv2.setNumThreads(1)
    frames = SharedFrames(memory, size)
    try:
        capture = open_capture(device, size, frame_rate)
    except OSError as error:
        frames.state = State.ABSENT if isinstance(error, FileNotFoundError) else State.REFUSED
        return
    deliver(capture, frames, size, lock_exposure)


def open_device(
    device: Device,
    size: tuple[int, int],
    frame_rate: float,
    *,
    list_present: Callable[[], Sequence[Device]] = list_devices,
    open_index: Callable[[int, int], OpenableCapture] = cv2.VideoCapture,
) -> Capture:
    """Open a webcam with OpenCV, in MJPG if its driver is too slow otherwise. This is the usual `OpenCapture`.

    Args:
        device: The webcam, whose number may have changed since.
        size: (height, width) that its pictures must have at least, where the driver has such a mode.
        frame_rate: Frames a second that it must deliver at least.
        list_present: Lists the webcams that are plugged in.
        open_index: Opens the webcam of a number with a backend of OpenCV.

    Raises:
        FileNotFoundError: The webcam is not plugged in.
        OSError: Its driver refuses.
    """
    present = find_again(device, list_present())
    if present is None:
        raise FileNotFoundError(device.stable_name)
    rate = max(LEAST_RATE, math.ceil(frame_rate))
    width, height = next((mode for mode in MODES if mode[0] >= size[1] and mode[1] >= size[0]), MODES[-1])
    capture = open_index(present.index, BACKEND)
    if not capture.isOpened():
        raise OSError(f"{device.name} does not open")
    # The rate last: the other properties decide which rates there are.
    mode = {cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: height, cv2.CAP_PROP_FPS: rate}
    _set_all(capture, mode)
    if capture.get(cv2.CAP_PROP_FPS) < rate:
        _set_all(capture, {cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"), **mode})
    # Otherwise a driver delivers pictures that have waited in its queue.
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture


def deliver(capture: Capture, frames: SharedFrames, size: tuple[int, int], lock_exposure: bool) -> None:
    """Put fresh pictures into `frames` until the driver fails or has only repeated itself for too long.

    A picture is not fresh if it equals the one before or is black. The first picture is not fresh either, because a
    driver that only repeats itself has one too.
    """
    before, fresh_at = b"", time.perf_counter()
    lock_at = time.perf_counter() + SETTLING_SECONDS if lock_exposure else math.inf
    while time.perf_counter() - fresh_at < REPEATING_SECONDS:
        frames.alive_at = time.perf_counter()
        try:
            succeeded, given = capture.read()
        except cv2.error:
            succeeded, given = False, None
        captured_at = time.perf_counter()
        if not succeeded:
            frames.state = State.BROKEN
            return
        picture = colour_picture(given)
        if picture is None:
            frames.state = State.DELIVERING
            time.sleep(PICTURELESS_SECONDS)
            continue
        pixels = np.ascontiguousarray(filled(picture, size)[:, :, ::-1])
        now = pixels.tobytes()
        if before and now != before:
            fresh_at = captured_at
        before = now
        if pixels.max() <= BLACK_LEVEL:
            frames.state = State.BLACK
        elif fresh_at == captured_at:
            frames.put(mirrored(pixels) if frames.mirror else pixels, captured_at)
            frames.state = State.DELIVERING
        else:
            frames.state = State.REPEATING
        if captured_at > lock_at:
            _lock_exposure(capture)
            lock_at = math.inf


def colour_picture(given: MatLike | None) -> Pixels | None:
    """Return what a driver gave as uint8 [h, w, 3] BGR; None if it is no picture.

    Args:
        given: Grey [h, w] or [h, w, 1], BGR [h, w, 3] or BGRA [h, w, 4], in 8 or 16 bits; or anything else.
    """
    if not isinstance(given, np.ndarray) or given.ndim not in (2, 3) or given.size == 0:
        return None
    picture = given[:, :, np.newaxis] if given.ndim == 2 else given
    if picture.dtype == np.uint16:
        picture = np.right_shift(picture.astype(np.uint16, copy=False), 8)
    elif picture.dtype != np.uint8:
        return None
    if picture.shape[2] == 1:
        picture = np.repeat(picture, 3, axis=2)
    elif picture.shape[2] not in (3, 4):
        return None
    return np.ascontiguousarray(picture[:, :, :3], np.uint8)


def _set_all(capture: Capture, properties: Mapping[int, float]) -> None:
    """Set the properties that the driver has, in their order."""
    for property, value in properties.items():
        capture.set(property, value)


def _lock_exposure(capture: Capture) -> None:
    """Lock exposure and white balance at their present values, as far as the driver can."""
    capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, MANUAL_EXPOSURE.get(BACKEND, 0.0))
    capture.set(cv2.CAP_PROP_AUTO_WB, 0.0)


def _exit_with_the_show() -> None:
    """Exit when the show was killed, even if the driver hangs: no camera stays on."""
    show = multiprocessing.parent_process()
    if show is not None:
        show.join()
        os._exit(0)
