"""The virtual camera: a sink that shows the pictures to OBS, to browsers and to whatever else takes a webcam.

pyvirtualcam lives in a process of its own. It holds the interpreter for as long as a driver keeps it waiting, which
would hold the show; and that a picture was refused it says on stderr, and nowhere else.
"""

import multiprocessing
import re
import sys
import threading
import time
from fractions import Fraction
from multiprocessing.connection import Connection

from live.console import report, say
from live.errors import VirtualCameraError
from live.frame import Frame, Pixels
from live.latest_slot import LatestSlot
from live.outputs.options import VirtualCameraSettings
from live.outputs.virtual_camera_process import _work

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
        self._mailbox: LatestSlot[Frame] = LatestSlot()
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
