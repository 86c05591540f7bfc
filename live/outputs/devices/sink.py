"""Sink that hands the picture on to other programs, through a library that runs in a process of its own.

Such a library may hold the interpreter for as long as its driver makes it wait, which would stop the show. Some report
a refused picture on stderr only, and some crash.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from live.console import report, say
from live.errors import DeviceError
from live.frame import Frame, Pixels
from live.latest_slot import LatestSlot
from live.outputs.devices.process import Answer
from live.outputs.in_between import Fading

# Readers consider a silent camera dead: OBS on Linux after five of the 30 frames a second that it was promised.
REPEAT_SECONDS = 0.1
# A frame may come a little early.
EARLY = 0.9
RETRY_SECONDS = 3.0
# A process that starts has modules to load; a running one takes a picture in milliseconds.
START_SECONDS, STALL_SECONDS = 30.0, 3.0
# Interval at which a wait checks whether the show is over.
POLL_SECONDS = 0.05
END_SECONDS = 1.0
CLOSING_SECONDS = 3.0


@dataclass(frozen=True)
class Rates:
    """Pictures a second of a sink, and frames a second of the show."""

    show: float
    """Frames a second of the show."""
    most: float
    """Pictures a second at most."""
    fades: bool
    """True if each frame fades in, and a picture is shown at each time of the rate `most`."""


class DeviceSink:
    """Hands the newest frame that it was offered on to other programs.

    With pictures in between, each frame fades in, and there is a picture at each time of the rate. While no new frame
    comes, the last one is repeated. A device that is missing, busy or fails is reported in one line, once for each kind
    of failure, and tried again after `retry_seconds`. `offer` neither waits nor fails for it.

    Args:
        name: The sink as messages and the head-up display name it.
        target: Runs in the process, which must be able to import it: takes a connection and the arguments, and serves
            the connection (`live.outputs.devices.process.serve`).
        arguments: What the target takes behind the connection.
        rates: Pictures and frames a second.
        advice: Returns what to do about a failure.
        retry_seconds: Pause after a failure.
        start_seconds: Time that the process may take to start.
        stall_seconds: Time that the process may take for one picture.
    """

    def __init__(
        self,
        name: str,
        target: Callable[..., None],
        arguments: tuple[object, ...],
        rates: Rates,
        advice: Callable[[str], str],
        *,
        retry_seconds: float = RETRY_SECONDS,
        start_seconds: float = START_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self.name = name
        """The sink as messages and the head-up display name it."""
        self._target, self._arguments, self._advice = target, arguments, advice
        self._fades = rates.fades
        self._shortest_seconds = (1.0 if rates.fades else EARLY) / rates.most
        self._show_rate = rates.show
        self._due = 0.0
        self._retry_seconds = retry_seconds
        self._start_seconds, self._stall_seconds = start_seconds, stall_seconds
        self._latest: LatestSlot[tuple[Frame, float]] = LatestSlot()
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._state = "opening"
        self._reported: set[str] = set()
        self._closing = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def offer(self, frame: Frame, rate: float | None = None) -> None:
        """Show `frame`, unless a newer one comes first.

        Args:
            frame: The frame.
            rate: Frames a second of the show now; None if that has not changed.

        Raises:
            Exception: An error of the thread, which is a defect of the program.
        """
        if self._error is not None:
            raise self._error
        self._show_rate = rate or self._show_rate
        self._latest.put((frame, time.perf_counter()))

    @property
    def state(self) -> str:
        """Name of the device that shows the frames, or the reason why none does."""
        return self._state

    @property
    def dropped(self) -> int:
        """Number of frames that were not shown, because a newer one came or no device was ready."""
        return self._latest.dropped

    def close(self) -> None:
        """Release the device; the picture that is being written may still appear. Raises the same as `offer`."""
        self._closing.set()
        self._latest.close()
        self._thread.join(CLOSING_SECONDS)
        process = self._process
        if self._thread.is_alive() and process:
            # A process that was stopped takes no picture, and the thread waits for it.
            process.kill()
            self._thread.join(CLOSING_SECONDS)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        fading = Fading()
        try:
            while not self._closing.is_set():
                running = self._fades and not fading.is_over(time.perf_counter())
                newest = self._latest.take(0.0 if running else REPEAT_SECONDS)
                if newest:
                    fading.start(*newest, self._show_rate)
                # Without pictures in between, each frame is whole at once.
                picture = fading.picture(time.perf_counter() if self._fades else math.inf)
                if picture is not None:
                    self._show(picture)
        except Exception as error:
            self._error = error
        finally:
            self._end_process()

    def _show(self, picture: Pixels) -> None:
        """Show one picture and wait until the next one may be shown."""
        # A picture that takes long does not let the next ones come faster.
        self._due = max(self._due + self._shortest_seconds, time.perf_counter())
        try:
            device = self._send(picture)
        except DeviceError as error:
            self._fail(str(error))
            self._closing.wait(self._retry_seconds)
            return
        if device:
            self._state = device
            if device not in self._reported:
                self._reported.add(device)
                say(f"{self.name} {device}")
        self._closing.wait(self._due + self._shortest_seconds - time.perf_counter())

    def _send(self, picture: Pixels) -> str:
        """Let the process show `picture` and return the device's name; empty if `close` came first.

        Raises:
            DeviceError: The device or the process failed.
        """
        timeout = self._start_seconds if self._connection is None else self._stall_seconds
        try:
            connection = self._connection
            if connection is None:
                connection = self._start_process()
                # A picture is larger than the connection's buffer: sent to a process that does not read yet, it could
                # block for ever.
                if _receive(connection, timeout, self._closing) is None:
                    return ""
            connection.send(picture)
            answer = _receive(connection, timeout, self._closing)
        except TimeoutError as error:
            self._end_process()
            raise DeviceError(f"the device took no picture for {timeout:g} s") from error
        except (EOFError, OSError) as error:
            self._end_process()
            raise DeviceError("the process that writes to it ended") from error
        if answer is None:
            return ""
        if answer.failure:
            raise DeviceError(answer.failure)
        return answer.device

    def _start_process(self) -> Connection:
        spawn = get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(target=self._target, args=(theirs, *self._arguments), name=self.name, daemon=True)
        self._process.start()
        # Held by the process alone, the connection ends when the process does.
        theirs.close()
        return self._connection

    def _end_process(self) -> None:
        """End the process, without waiting long for a driver that hangs."""
        if self._connection:
            self._connection.close()
        if self._process and self._process.pid:
            self._process.join(END_SECONDS)
            self._process.kill()
            self._process.join(END_SECONDS)
        self._connection = self._process = None

    def _fail(self, reason: str) -> None:
        if reason not in self._reported:
            self._reported.add(reason)
            retry = f"it is tried again every {self._retry_seconds:g} s"
            report(DeviceError(f"{self.name}: {reason}; {self._advice(reason)}; {retry}"))
        self._state = reason


def _receive(connection: Connection, timeout: float, closing: threading.Event) -> Answer | None:
    """Return the next answer; None if `closing` is set first.

    Raises:
        TimeoutError: No answer came within `timeout` seconds.
    """
    end = time.perf_counter() + timeout
    while not connection.poll(POLL_SECONDS):
        if closing.is_set():
            return None
        if time.perf_counter() > end:
            raise TimeoutError
    answer: Answer = connection.recv()
    return answer
