"""Files of a running show: one thread reads and writes them, so that nothing else waits for a disk."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from live.console import warn

# A snapshot holds its picture while it waits.
QUEUED_TASKS = 8
# A task that takes longer is said.
SLOW_SECONDS = 3.0
# Time that the end of a show gives to what waits.
CLOSING_SECONDS = 2.0

T = TypeVar("T")


class FileWorker:
    """Runs tasks that read or write files, one after the other, in a thread of its own.

    The thread begins with the first task. A disk that hangs stops that thread alone: tasks without room are left out.

    Args:
        most: Number of tasks that may wait.
        slow_seconds: Time after which a running task is said to hang.
    """

    def __init__(self, *, most: int = QUEUED_TASKS, slow_seconds: float = SLOW_SECONDS) -> None:
        self._most = most
        self._slow_seconds = slow_seconds
        self._changed = threading.Condition()
        self._waiting: deque[tuple[str, Callable[[], None]]] = deque()
        self._finished: deque[Callable[[], None]] = deque()
        self._running = ""
        self._running_since = 0.0
        self._said_slow = False
        self._leaving_out = False
        self._closing = False
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None

    def submit(self, name: str, task: Callable[[], T], done: Callable[[T], None] = lambda _: None) -> bool:
        """Have a task run.

        Args:
            name: Words for the task in messages.
            task: Reads or writes files. It reports what a user can fix; any other exception is a defect.
            done: Takes the task's result, in the thread that calls `run_finished`.

        Returns:
            False if there is no room. Then neither function is called, and one line says so.
        """

        def run() -> None:
            result = task()
            self._finished.append(lambda: done(result))

        with self._changed:
            if len(self._waiting) >= self._most:
                self.leave_out(name)
                return False
            self._leaving_out = False
            self._waiting.append((name, run))
            self._changed.notify_all()
            if self._thread is None:
                # A daemon: a process that ends does not wait for it.
                self._thread = threading.Thread(target=self._run, name="files", daemon=True)
                self._thread.start()
        return True

    def leave_out(self, name: str) -> None:
        """Say that `name` is not done because too much waits already; once until there is room again."""
        if not self._leaving_out:
            first = self._running or "something else"
            warn(f"{name} is left out, and what follows, because {first} still waits for the disk")
        self._leaving_out = True

    def run_finished(self) -> None:
        """Hand on the results of the tasks that were finished. For one thread, between two frames.

        Raises:
            BaseException: A defect in a task.
        """
        while self._finished:
            self._finished.popleft()()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        with self._changed:
            slow = self._running if time.monotonic() - self._running_since > self._slow_seconds else ""
            say_slow, self._said_slow = bool(slow) and not self._said_slow, bool(slow)
        if say_slow:
            warn(f"{slow} waits for a disk that hangs; the show goes on without it")

    @property
    def settled(self) -> bool:
        """True if no task runs or waits, and all results were handed on."""
        with self._changed:
            return not (self._running or self._waiting or self._finished)

    def wait(self, seconds: float) -> bool:
        """Wait until no task runs or waits, for so many seconds at most. Return True if none does."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._running or self._waiting), max(0.0, seconds))

    def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """Finish the tasks that wait, for so many seconds at most, and end the thread.

        A task that hangs is left behind, and one line says what was not done.
        """
        finished = self.wait(seconds)
        with self._changed:
            self._closing = True
            left = [self._running, *(name for name, _ in self._waiting)]
            self._changed.notify_all()
        if not finished:
            warn(f"the disk hangs; not done: {', '.join(left)}")

    def _run(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except BaseException as error:
                self._error = error

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next task and return it; None when there will be none."""
        with self._changed:
            self._running = ""
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if self._closing:
                return None
            self._running, task = self._waiting.popleft()
            self._running_since = time.monotonic()
            return task
