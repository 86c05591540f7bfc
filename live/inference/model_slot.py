"""Something better that takes long to make ready, while what it will replace goes on."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from live.console import first_line, say

Thing = TypeVar("Thing")


class BackgroundLoad(Generic[Thing]):
    """Made by `make` in a thread of its own, once it is started. What goes wrong there is one line, and ends it."""

    def __init__(self, make: Callable[[], Thing], *, name: str) -> None:
        """`name` is what it is called when it cannot be made."""
        self._make = make
        self._name = name
        self._made: Thing | None = None
        self.failure = ""
        """Why it could not be made; empty if it is, or may still be."""
        # A show that ends meanwhile does not wait for it.
        self._thread = threading.Thread(target=self._run, name=f"successor {name}", daemon=True)
        self._started = False

    def start(self) -> None:
        """Begin to make it, the first time that this is called."""
        if not self._started:
            self._started = True
            self._thread.start()

    def take(self) -> Thing | None:
        """It, once: as soon as it is ready; None before, and for ever if it could not be made."""
        made = self._made
        if made is not None:
            self._made = None
        return made

    def wait(self) -> None:
        """Start, and return when it is ready, or cannot be made."""
        self.start()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._made = self._make()
        # Whatever the reason is, the show goes on as it is.
        except Exception as error:
            self.failure = first_line(error)
            say(f"{self._name} is not used: {self.failure}")
