"""The virtual camera: a sink that shows the pictures to OBS, to browsers and to whatever else takes a webcam.

pyvirtualcam lives in a process of its own. It holds the interpreter for as long as a driver keeps it waiting, which
would hold the show; and that a picture was refused it says on stderr, and nowhere else.
"""

import multiprocessing
import os
import re
import signal
import sys
import threading
import time
from contextlib import closing, suppress
from fractions import Fraction
from io import FileIO
from multiprocessing.connection import Connection
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from live.errors import VirtualCameraError, report, say
from live.frame import Frame, Pixels
from live.geometry import placed
from live.latest_slot import Mailbox
from live.settings import Fit, VirtualCameraSettings

# Readers take a camera for dead that is silent: OBS on Linux after five of the 30 frames a second that it is promised.
REPEAT_SECONDS = 0.1
# The most that readers are promised; a picture that comes a little early finds room.
MOST_PER_SECOND = 30.0
SHORTEST_SECONDS = 0.9 / MOST_PER_SECOND
RETRY_SECONDS = 3.0
# A process that begins has modules to load; one that runs takes a picture in milliseconds.
START_SECONDS, STALL_SECONDS = 30.0, 3.0
# How often a wait looks whether the show is over.
LOOK_SECONDS = 0.05

INSTALL = {
    "linux": 'sudo modprobe v4l2loopback exclusive_caps=1 card_label="Ninety Seconds After" '
    "(from the package v4l2loopback-dkms) makes one",
    "win32": "install OBS 26 or newer, and start and stop its virtual camera once",
    "darwin": "install OBS 30 or newer, start and stop its virtual camera once, and allow the extension it asks for",
}


class VirtualCamera:
    """Shows the frames it is offered on a virtual camera, the newest first, at most about thirty a second.

    While none comes, the last one is repeated. A device that is missing, busy or breaks is reported once in one line
    for each kind of failure, and tried again every few seconds; nobody who offers ever waits or fails for it.
    `frame_rate` is what the device is told, where it asks.
    """

    def __init__(self, settings: VirtualCameraSettings, frame_rate: Fraction) -> None:
        device = None if settings.virtual_camera is True else settings.virtual_camera
        rate = min(float(frame_rate), MOST_PER_SECOND)
        self._arguments = (device, settings.virtual_camera_size, rate, settings.virtual_camera_fit)
        self._mailbox: Mailbox[Frame] = Mailbox()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._state = "opening"
        self._said: set[str] = set()
        self._closing = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="virtual camera", daemon=True)
        self._thread.start()

    def offer(self, frame: Frame) -> None:
        """Show `frame`, unless a newer one comes first. Raises what went wrong in the thread through a mistake."""
        if self._error is not None:
            raise self._error
        self._mailbox.put(frame)

    @property
    def state(self) -> str:
        """The device that shows the pictures, or why none does."""
        return self._state

    @property
    def dropped(self) -> int:
        """Frames that were not shown, because a newer one came or no device was there."""
        return self._mailbox.dropped

    def close(self) -> None:
        """Let go of the device; the last picture that is being written may still be seen. Raises like `offer`."""
        self._closing.set()
        self._mailbox.close()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        picture: Pixels | None = None
        try:
            while not self._closing.is_set():
                newest = self._mailbox.take(REPEAT_SECONDS)
                picture = newest.pixels if newest else picture
                if picture is not None:
                    self._show(picture)
        except Exception as error:
            self._error = error
        finally:
            self._end_process()

    def _show(self, picture: Pixels) -> None:
        """Show one picture, and wait as long as it takes until the next one may be shown."""
        began = time.perf_counter()
        try:
            device = self._send(picture)
        except VirtualCameraError as error:
            self._fail(error)
            self._closing.wait(RETRY_SECONDS)
            return
        if device:
            self._state = device
            if device not in self._said:
                self._said.add(device)
                say(f"virtual camera {device}")
        self._closing.wait(began + SHORTEST_SECONDS - time.perf_counter())

    def _send(self, picture: Pixels) -> str:
        """Have the process show `picture`; returns the device's name, empty if `close` came first.

        Raises `VirtualCameraError`.
        """
        try:
            starts = self._connection is None
            patience = START_SECONDS if starts else STALL_SECONDS
            connection = self._connection or self._start_process()
            # A picture is more than the connection holds: sent to a process that does not read yet, it could wait
            # without end.
            if starts and _receive(connection, patience, self._closing) is None:
                return ""
            connection.send(picture)
            device, failure = _receive(connection, patience, self._closing) or ("", "")
        except TimeoutError as error:
            self._end_process()
            raise VirtualCameraError(f"the device took no picture for {patience:g} s") from error
        except (EOFError, OSError) as error:
            self._end_process()
            raise VirtualCameraError("the process that writes to it ended") from error
        if failure:
            raise VirtualCameraError(failure)
        return device

    def _start_process(self) -> Connection:
        spawning = multiprocessing.get_context("spawn")
        self._connection, theirs = spawning.Pipe()
        self._process = spawning.Process(
            target=_work, args=(theirs, *self._arguments), name="virtual camera", daemon=True
        )
        self._process.start()
        # Held by the process alone, the connection ends when the process does.
        theirs.close()
        return self._connection

    def _end_process(self) -> None:
        """Nobody waits for a driver that hangs."""
        if self._connection:
            self._connection.close()
        if self._process and self._process.pid:
            self._process.join(1.0)
            self._process.kill()
            self._process.join(1.0)
        self._connection = self._process = None

    def _fail(self, error: VirtualCameraError) -> None:
        reason = str(error)
        self._state = reason
        if reason not in self._said:
            self._said.add(reason)
            retry = f"it is tried again every {RETRY_SECONDS:g} s"
            report(VirtualCameraError(f"virtual camera: {reason}; {_advice(reason)}; {retry}"))


def _receive(connection: Connection, patience: float, closing: threading.Event) -> tuple[str, str] | None:
    """What comes through the connection; None if `closing` is set first. Raises `TimeoutError` if nothing comes."""
    end = time.perf_counter() + patience
    while not connection.poll(LOOK_SECONDS):
        if closing.is_set():
            return None
        if time.perf_counter() > end:
            raise TimeoutError
    return connection.recv()


def _advice(reason: str) -> str:
    """What to do on this system about a failure."""
    if "permission" in reason:
        return "add yourself to the group `video` (sudo usermod -a -G video $USER) and log in again"
    if re.search(r"busy|in use|could not be started|Invalid argument|took no picture|ended", reason):
        return "let no other programme write to it, or name another device"
    return INSTALL.get(sys.platform, "see pyvirtualcam's documentation for what this system needs")


# ----------------------------------------------------------------------------------------------------------------------
# From here on: what runs in the process of its own.


class _Device:
    """The device, opened when the first picture is shown and again after every failure."""

    def __init__(self, stderr: FileIO, device: str | None, size: tuple[int, int], rate: float, fit: Fit) -> None:
        self._stderr = stderr
        self._device, self._size, self._rate, self._fit = device, size, rate, fit
        self._camera: Any = None

    def show(self, picture: Pixels) -> str:
        """Show `picture` and return the device's name. Raises `VirtualCameraError` with the reason."""
        try:
            # Here and not above, because the show itself needs none of it.
            import pyvirtualcam

            if self._camera is None:
                self._camera = pyvirtualcam.Camera(*self._size, self._rate, device=self._device)
            # As RGB, of which each backend makes what its device likes best: I420 (v4l2loopback), NV12 (OBS on
            # Windows), UYVY (OBS on macOS), RGBA (Unity Capture); BT.601 in limited range, as readers expect it.
            _take(self._stderr)
            self._camera.send(fitted(picture, self._size, self._fit))
        except (ImportError, RuntimeError) as error:
            self.close()
            raise VirtualCameraError(_first_sentences(str(error))) from error
        _, refused, why = _take(self._stderr).partition("error writing frame: ")
        if refused:
            name = self._camera.device
            self.close()
            raise VirtualCameraError(f"{name} refused a picture ({why.splitlines()[0]})")
        return self._camera.device

    def close(self) -> None:
        """Let go of the device, if it is open."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None


def fitted(picture: Pixels, size: tuple[int, int], fit: Fit) -> Pixels:
    """`picture`, uint8 [height, width, 3], scaled into one of `size` (width, height), with black borders if need be."""
    import cv2

    left, top, width, height = placed((picture.shape[1], picture.shape[0]), size, fit)
    way = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)
    if (width, height) == size:
        return scaled
    whole = np.zeros((size[1], size[0], 3), np.uint8)
    inside = whole[max(0, top) : top + height, max(0, left) : left + width]
    inside[:] = scaled[max(0, -top) :, max(0, -left) :][: inside.shape[0], : inside.shape[1]]
    return whole


def _first_sentences(message: str) -> str:
    """Of each of pyvirtualcam's backends, one to a line, the first sentence of what it says."""
    said = [line.partition("backend: ")[2] or line for line in message.splitlines()]
    return ", ".join(re.split(r"(?<=[.!?])\s", line)[0].rstrip(".!?") for line in said)


def _take(said: FileIO) -> str:
    """What stands in the file, which is empty afterwards."""
    said.seek(0)
    text = said.read().decode(errors="replace")
    said.seek(0)
    said.truncate()
    return text


def _work(connection: Connection, *arguments: Any) -> None:
    """Show every picture that comes through `connection`, and answer each with (device, failure), one of them empty.

    Ready to begin, it says so by an answer in which both are empty.
    """
    import cv2

    # Ctrl-C and what a service manager sends to everybody are for the show, which will close the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The network needs the cores more.
    cv2.setNumThreads(1)
    with TemporaryFile(buffering=0) as said, closing(_Device(said, *arguments)) as device:
        # What C code says on stderr is kept; Python goes on to use the real one.
        sys.stderr = os.fdopen(os.dup(2), "w")
        os.dup2(said.fileno(), 2)
        # The show is over when the connection is.
        with suppress(EOFError, ConnectionError):
            connection.send(("", ""))
            while True:
                picture = connection.recv()
                try:
                    answer = (device.show(picture), "")
                except VirtualCameraError as error:
                    answer = ("", str(error))
                connection.send(answer)
