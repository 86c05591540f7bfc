"""Waiting for what is missing at the start of a show (`--wait`), in the foreground or in the background."""

import threading
import traceback
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from live.console import first_line, note, report, say, warn
from live.errors import ShowError

RETRY_SECONDS = 2.0
# Opening something may hang, in a driver or in the network.
CLOSING_SECONDS = 1.0


class Closable(Protocol):
    """Something that was opened."""

    def close(self) -> None:
        """Close it."""


T = TypeVar("T")
C = TypeVar("C", bound=Closable)


class Search(Generic[T]):
    """Attempts to open something that may be missing. Each reason why it is missing is said once.

    Args:
        name: Its name in messages.
        open: Opens it. A `ShowError` of it that may pass means that it is missing.
    """

    def __init__(self, name: str, open: Callable[[], T]) -> None:
        self._name = name
        self._open = open
        self._said: set[str] = set()
        self.missing = ""
        """Reason why it is missing; empty if it is there."""

    def attempt(self) -> T | None:
        """Open it; return None if it is missing.

        Raises:
            ShowError: It cannot be opened, and waiting does not help.
        """
        try:
            found = self._open()
        except ShowError as error:
            if not error.may_pass:
                raise
            self.miss(str(error).partition("; ")[0])
            return None
        if self.missing:
            say(f"{self._name} is there")
        self.missing = ""
        return found

    def miss(self, reason: str) -> bool:
        """Keep the reason why it is missing, and say it. Return False if it was said before."""
        self.missing = reason
        if reason in self._said:
            return False
        self._said.add(reason)
        warn(f"waiting for {self._name}: {reason}")
        return True

    def wait(
        self, stopping: threading.Event, on_wait: Callable[[], None], *, retry_seconds: float | None = None
    ) -> T | None:
        """Attempt until it is there; return None if `stopping` is set before.

        Args:
            stopping: Ends the wait.
            on_wait: Called after each attempt that failed.
            retry_seconds: Time between two attempts; None for the usual one.
        """
        while (found := self.attempt()) is None:
            on_wait()
            if stopping.wait(RETRY_SECONDS if retry_seconds is None else retry_seconds):
                return None
        return found


class BackgroundSearch(Generic[C]):
    """A search that a thread of its own continues until it succeeds.

    The first attempt is made at once, so that an error that waiting does not help is raised here. Later, an error that
    nobody expected is said and does not end the search.

    Args:
        name: Its name in messages.
        open: Opens it, as for `Search`.
        on_found: Receives it, in the thread unless the first attempt succeeds.

    Raises:
        ShowError: It cannot be opened, and waiting does not help.
    """

    def __init__(self, name: str, open: Callable[[], C], on_found: Callable[[C], None]) -> None:
        self._search = Search(name, open)
        self._on_found = on_found
        self._handing_on = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="waiting", daemon=True)
        found = self._search.attempt()
        if found is None:
            self._thread.start()
        else:
            on_found(found)

    @property
    def missing(self) -> str:
        """Reason why it is missing; empty if it is there."""
        return self._search.missing

    def close(self) -> None:
        """End the search. Afterwards nothing is handed on: what comes too late is closed."""
        with self._handing_on:
            self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                found = self._search.wait(self._closing, lambda: None)
                if found is not None:
                    self._hand_on(found)
                return
            # It came, but is not what was asked for. The show goes on without it.
            except ShowError as error:
                report(error)
                return
            # A library or a driver may fail with anything.
            except Exception as error:
                if self._search.miss(f"{type(error).__name__}: {first_line(error)}"):
                    note(traceback.format_exc())
            self._closing.wait(RETRY_SECONDS)

    def _hand_on(self, found: C) -> None:
        with self._handing_on:
            if not self._closing.is_set():
                self._on_found(found)
                return
        found.close()
