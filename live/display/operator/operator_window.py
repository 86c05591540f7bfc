"""The operator window, as the show sees it: a process that is fed now and then, and may fail without harm."""

import queue
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from live.console import OnceEach, say
from live.display.operator.process import run
from live.display.operator.view import Event, OperatorView

# People see a value move, and cannot read faster.
VIEW_SECONDS = 0.1
POLL_SECONDS = 0.05
RETRY_SECONDS = 3.0
# A process that starts has modules to load; a running one draws a view in milliseconds, unless the show leaves it none.
START_SECONDS, STALL_SECONDS = 60.0, 15.0
CLOSING_SECONDS = 1.0
# Reasons of failures that are said.
SAID_FAILURES = 8

Target = Callable[[Connection, str, str | None, str | None], None]


class OperatorWindow:
    """Second window, with everything that a performer wants to see. It hands on its keys.

    A window that cannot be opened, or whose process fails or hangs, is said, once for each reason, and tried again
    after a while. The show never waits for it.

    Args:
        title: Title of the window.
        wanted: Number or name of the display; None for another one than the audience's, if there is one.
        audience: Number or name of the display of the audience's window; None if it has none.
        retry_seconds: Pause after a failure.
        stall_seconds: Time that the process may take for one view.
        target: Runs in the process, which must be able to import it.
    """

    def __init__(
        self,
        title: str,
        wanted: str | None,
        audience: str | None,
        *,
        retry_seconds: float = RETRY_SECONDS,
        stall_seconds: float = STALL_SECONDS,
        target: Target = run,
    ) -> None:
        self._arguments = (title, wanted, audience)
        self._retry_seconds = retry_seconds
        self._stall_seconds = stall_seconds
        self._target = target
        self._process: SpawnProcess | None = None
        self._keys: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._answer_due: float | None = None
        self._hangs = False
        self._failures = OnceEach(SAID_FAILURES)
        self._closing = threading.Event()
        self._closed_by_user = False
        self._thread: threading.Thread | None = None
        self.is_open = True
        """True from the start on, until the window fails or the user closes it; and again when it was opened anew."""
        self.held_key: str | None = None
        """Name of the key that was pressed last in it, while it is down."""

    def start(self, read: Callable[[], OperatorView | None]) -> None:
        """Open the window, without waiting for it.

        Args:
            read: Returns what to show; None if there is nothing yet. It is called in a thread of the window.
        """
        self._thread = threading.Thread(target=self._run, args=[read], name="operator", daemon=True)
        self._thread.start()

    def poll(self) -> list[str]:
        """Return the keys that were pressed in the window since the last call. A process that hangs is ended."""
        due, process = self._answer_due, self._process
        if due is not None and time.monotonic() > due and process:
            # The thread may wait for it while it hands on a view, and finds the connection closed now.
            self._answer_due, self._hangs = None, True
            process.kill()
        keys = []
        while not self._keys.empty():
            keys.append(self._keys.get())
        return keys

    def close(self) -> None:
        """Close the window."""
        self._closing.set()
        if self._thread:
            self._thread.join(CLOSING_SECONDS)
            process = self._process
            if self._thread.is_alive() and process:
                process.kill()
                self._thread.join(CLOSING_SECONDS)

    def _run(self, read: Callable[[], OperatorView | None]) -> None:
        try:
            while not self._closing.is_set():
                try:
                    failure = self._serve(read)
                # No process can be started, or a part of the show has no reading.
                except Exception as error:
                    failure = f"{type(error).__name__}: {error}"
                if failure:
                    self._fail(failure)
                elif self._closed_by_user:
                    say("the operator window is closed")
                    return
        finally:
            self.is_open = False

    def _fail(self, reason: str) -> None:
        self.is_open, self.held_key = False, None
        retry = f"it is tried again every {self._retry_seconds:g} s"
        self._failures.warn(
            reason, f"the operator window is missing: {reason}; the show goes on without it, and {retry}"
        )
        self._closing.wait(self._retry_seconds)

    def _serve(self, read: Callable[[], OperatorView | None]) -> str:
        """Run the process, until it is over. Return the reason if it failed; it is empty if somebody wanted the end."""
        connection = self._start_process()
        try:
            due, answered = 0.0, False
            while not self._closing.is_set():
                until_due = max(0.0, due - time.monotonic()) if answered else POLL_SECONDS
                if connection.poll(min(POLL_SECONDS, until_due)):
                    event: Event = connection.recv()
                    if event.kind == "failed":
                        return event.text
                    if event.kind == "closed":
                        self._closed_by_user = True
                        return ""
                    answered |= self._take(event)
                elif answered and time.monotonic() >= due:
                    due = time.monotonic() + VIEW_SECONDS
                    if view := read():
                        answered, self._answer_due = False, time.monotonic() + self._stall_seconds
                        connection.send(view)
        except (EOFError, ConnectionError):
            return f"it showed nothing for {self._stall_seconds:g} s" if self._hangs else "its process ended"
        finally:
            self._end_process(connection)
        return ""

    def _take(self, event: Event) -> bool:
        """Take note of an event. Return True if it answers a view, or the start."""
        if event.kind == "key":
            self._keys.put(event.text)
        elif event.kind == "held":
            self.held_key = event.text or None
        else:
            self.is_open, self._answer_due = True, None
            return True
        return False

    def _start_process(self) -> Connection:
        spawn = get_context("spawn")
        connection, theirs = spawn.Pipe()
        process = spawn.Process(target=self._target, args=(theirs, *self._arguments), name="operator", daemon=True)
        self._answer_due, self._hangs = time.monotonic() + START_SECONDS, False
        process.start()
        self._process = process
        # Held by the process alone, the connection ends when the process does.
        theirs.close()
        return connection

    def _end_process(self, connection: Connection) -> None:
        connection.close()
        self._answer_due = None
        process, self._process = self._process, None
        if process:
            process.join(CLOSING_SECONDS)
            process.kill()
            process.join(CLOSING_SECONDS)
