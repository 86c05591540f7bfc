"""Waiting for what is missing at the start of a show (`--wait`), in the foreground or in the background."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from live.console import report, say, warn
from live.errors import ShowError

T = TypeVar("T")

RETRY_SECONDS = 2.0
# Opening something may hang, in a driver or in the network.
CLOSING_SECONDS = 1.0


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
            self.missing = str(error).partition("; ")[0]
            if self.missing not in self._said:
                self._said.add(self.missing)
                warn(f"waiting for {self._name}: {self.missing}")
            return None
        if self.missing:
            say(f"{self._name} is there")
        self.missing = ""
        return found

    def wait(self, stopping: threading.Event, on_wait: Callable[[], None]) -> T | None:
        """Attempt until it is there; return None if `stopping` is set before.

        Args:
            stopping: Ends the wait.
            on_wait: Called after each attempt that failed.
        """
        while (found := self.attempt()) is None:
            on_wait()
            if stopping.wait(RETRY_SECONDS):
                return None
        return found


class BackgroundSearch(Generic[T]):
    """A search that a thread of its own continues until it succeeds.

    The first attempt is made at once, so that an error that waiting does not help is raised here.

    Args:
        name: Its name in messages.
        open: Opens it, as for `Search`.
        on_found: Receives it, in the thread unless the first attempt succeeds.

    Raises:
        ShowError: It cannot be opened, and waiting does not help.
    """

    def __init__(self, name: str, open: Callable[[], T], on_found: Callable[[T], None]) -> None:
        self._search = Search(name, open)
        self._on_found = on_found
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
        """End the search."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        try:
            found = self._search.wait(self._closing, lambda: None)
        # It came, but is not what was asked for. The show goes on without it.
        except ShowError as error:
            report(error)
            return
        if found is not None:
            self._on_found(found)
