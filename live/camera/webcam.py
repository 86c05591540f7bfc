"""A webcam as a live source: its process, and the eye that is kept on it."""

import threading
import time
from fractions import Fraction
from multiprocessing import get_context

from live.camera.devices import Device
from live.camera.shared_frames import SharedFrames, State
from live.camera.source import FRESH_SECONDS, CapturedFrame
from live.camera.webcam_process import OpenCapture, open_device, run

# A driver that takes longer for one picture hangs; to open one may take Windows half a minute.
HANGING_SECONDS = 3.0
OPENING_SECONDS = 40.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
WATCH_SECONDS = 0.1

TROUBLES = {
    State.OPENING: "is being opened",
    State.DELIVERING: "gives no picture",
    State.REPEATING: "repeats its last picture",
    State.BLACK: "is black",
    State.ABSENT: "is not plugged in",
    State.REFUSED: "does not open",
    State.HANGING: "hangs",
    State.BROKEN: "broke off",
}


class Webcam:
    """A `Source`: the pictures of `device`, cut to `size` (height, width), from a process of its own.

    A process that ends or hangs is replaced, after a pause that doubles each time until there is a picture again. It is
    always the same webcam that is opened, or none.
    """

    def __init__(
        self,
        device: Device,
        *,
        size: tuple[int, int],
        frame_rate: Fraction,
        mirror: bool,
        lock_exposure: bool,
        open_capture: OpenCapture = open_device,
    ) -> None:
        self.name = device.name
        self._context = get_context("spawn")
        self._memory = SharedFrames.memory(self._context, size)
        self._slots = SharedFrames(self._memory, size)
        self._slots.mirror = mirror
        self._arguments = (self._memory, size, device, float(frame_rate), lock_exposure, open_capture)
        self._newest: CapturedFrame | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, name="webcam", daemon=True)
        self._thread.start()

    @property
    def mirror(self) -> bool:
        """Whether left and right are exchanged, from the next picture on."""
        return self._slots.mirror

    @mirror.setter
    def mirror(self, mirror: bool) -> None:
        self._slots.mirror = mirror

    def picture(self, index: int) -> CapturedFrame | None:
        """The newest picture, whichever frame it is for; None if it is older than a second."""
        taken = self._slots.take()
        if taken:
            self._newest = CapturedFrame(*taken)
        return self._newest if self._newest and _is_fresh(self._newest.captured_at) else None

    @property
    def trouble(self) -> str:
        """Why there is no fresh picture; empty if there is one."""
        # Of what the webcam gives, not of what was taken: a frozen show takes nothing.
        return "" if _is_fresh(self._slots.captured_at) else TROUBLES[self._slots.state]

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closing.set()
        self._thread.join()

    def _keep_running(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._closing.is_set():
            delivered = self._run_once()
            pause = FIRST_PAUSE_SECONDS if delivered else min(2 * pause, LONGEST_PAUSE_SECONDS)
            self._closing.wait(pause)

    def _run_once(self) -> bool:
        """Start a process and look on until it ends or hangs; returns whether it delivered anything."""
        process = self._context.Process(target=run, args=self._arguments, name="webcam", daemon=True)
        began, before = time.perf_counter(), self._slots.newest
        try:
            process.start()
        # The machine is short of memory or processes just now.
        except OSError:
            self._slots.state = State.BROKEN
            return False
        while process.is_alive() and not self._closing.wait(WATCH_SECONDS):
            alive_at = self._slots.alive_at
            opened = alive_at >= began
            silence = time.perf_counter() - (alive_at if opened else began)
            if silence > (HANGING_SECONDS if opened else OPENING_SECONDS):
                self._slots.state = State.HANGING
                break
        if process.exitcode:
            self._slots.state = State.BROKEN
        # Not terminate(), nor waiting for long: what hangs in a driver may not hear it.
        process.kill()
        process.join(timeout=1)
        return self._slots.newest > before


def _is_fresh(captured_at: float) -> bool:
    return time.perf_counter() - captured_at <= FRESH_SECONDS
