"""Webcam as a live source: its process, and the thread that supervises the process."""

import threading
import time
from fractions import Fraction
from multiprocessing import get_context

from live.camera.devices import Device
from live.camera.shared_frames import SharedFrames, State
from live.camera.source import FRESH_SECONDS, CapturedFrame
from live.camera.webcam_process import OpenCapture, open_device, run

# A driver that takes longer for one picture hangs. Windows may take half a minute to open one.
HANGING_SECONDS = 3.0
OPENING_SECONDS = 40.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
SUPERVISION_SECONDS = 0.1
# More than a process takes to be killed.
CLOSING_SECONDS = 2.0

TROUBLES = {
    State.OPENING: "is being opened",
    State.DELIVERING: "delivers no picture",
    State.REPEATING: "repeats its last picture",
    State.BLACK: "is black",
    State.ABSENT: "is not plugged in",
    State.REFUSED: "does not open",
    State.HANGING: "hangs",
    State.BROKEN: "stopped delivering",
}


class Backoff:
    """Pauses between attempts: a short one after a success, and twice the one before after a failure.

    Args:
        first: Seconds to pause after a success.
        longest: Seconds that no pause exceeds.
    """

    def __init__(self, first: float = FIRST_PAUSE_SECONDS, longest: float = LONGEST_PAUSE_SECONDS) -> None:
        self._first = self._pause = first
        self._longest = longest

    def after(self, succeeded: bool) -> float:
        """Return the seconds to pause after an attempt."""
        self._pause = self._first if succeeded else min(2 * self._pause, self._longest)
        return self._pause


class Webcam:
    """A `Source` that reads a webcam in a process of its own.

    A process that ends or hangs is replaced after a pause, which doubles until a picture comes again. Only the same
    webcam is opened again, never another one.

    Args:
        device: The webcam.
        size: (height, width) to which its pictures are cropped and scaled.
        frame_rate: Frames a second of the show.
        mirror: True if left and right are exchanged.
        lock_exposure: True if exposure and white balance are to be locked.
        open_capture: Opens the webcam, in its process.
        hanging_seconds: Time for one picture after which the driver counts as hanging.
        backoff: Pauses between two processes.
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
        hanging_seconds: float = HANGING_SECONDS,
        backoff: Backoff | None = None,
    ) -> None:
        self.name = device.name
        self._hanging_seconds = hanging_seconds
        self._backoff = backoff or Backoff()
        self._context = get_context("spawn")
        memory = SharedFrames.allocate(self._context, size)
        self._frames = SharedFrames(memory, size)
        self._frames.mirror = mirror
        self._process_arguments = (memory, size, device, float(frame_rate), lock_exposure, open_capture)
        self._newest: CapturedFrame | None = None
        self._closing = threading.Event()
        self._resting = False
        self._thread = threading.Thread(target=self._supervise, name="webcam supervisor", daemon=True)
        self._thread.start()

    @property
    def mirror(self) -> bool:
        """True if left and right are exchanged, from the next picture on."""
        return self._frames.mirror

    @mirror.setter
    def mirror(self, mirror: bool) -> None:
        self._frames.mirror = mirror

    def read(self, index: int) -> CapturedFrame | None:
        """Return the newest frame, whatever `index` is; None if it is older than `FRESH_SECONDS`."""
        taken = self._frames.take()
        if taken:
            self._newest = CapturedFrame(*taken)
        return self._newest if self._newest and _is_fresh(self._newest.captured_at) else None

    @property
    def trouble(self) -> str:
        """Reason why there is no fresh frame; empty if there is one."""
        # Judged by what the webcam delivers, not by what was taken: a frozen show takes nothing.
        return "" if _is_fresh(self._frames.captured_at) else TROUBLES[self._frames.state]

    def rest(self, wanted: bool) -> None:
        """End the process until the webcam is wanted again."""
        self._resting = wanted

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closing.set()
        self._thread.join(CLOSING_SECONDS)

    def _supervise(self) -> None:
        while not self._closing.is_set():
            if self._resting:
                self._closing.wait(SUPERVISION_SECONDS)
                continue
            delivered = self._run_process()
            if not self._resting:
                self._closing.wait(self._backoff.after(delivered))

    def _run_process(self) -> bool:
        """Start a process and wait until it ends or hangs. Return True if it delivered anything."""
        process = self._context.Process(target=run, args=self._process_arguments, name="webcam", daemon=True)
        began, before = time.perf_counter(), self._frames.newest
        try:
            process.start()
        # The machine is short of memory or processes at the moment.
        except OSError:
            self._frames.state = State.BROKEN
            return False
        while process.is_alive() and not (self._resting or self._closing.wait(SUPERVISION_SECONDS)):
            alive_at = self._frames.alive_at
            opened = alive_at >= began
            silence = time.perf_counter() - (alive_at if opened else began)
            if silence > (self._hanging_seconds if opened else OPENING_SECONDS):
                self._frames.state = State.HANGING
                break
        if process.exitcode:
            self._frames.state = State.BROKEN
        # kill() and a short wait, because a process that hangs in a driver may ignore terminate().
        process.kill()
        process.join(timeout=1)
        return self._frames.newest > before


def _is_fresh(captured_at: float) -> bool:
    return time.perf_counter() - captured_at <= FRESH_SECONDS
