"""Something better that takes long to make ready, while what it will replace goes on."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from live.errors import say

Thing = TypeVar("Thing")


class Successor(Generic[Thing]):
    """Made by `make` in a thread of its own, from now on. What goes wrong there is one line, and ends it."""

    def __init__(self, make: Callable[[], Thing], *, name: str) -> None:
        """`name` is what it is called when it cannot be made."""
        self._make = make
        self._name = name
        self._made: Thing | None = None
        # A show that ends meanwhile does not wait for it.
        self._thread = threading.Thread(target=self._run, name=f"successor {name}", daemon=True)
        self._thread.start()

    def take(self) -> Thing | None:
        """It, once: as soon as it is ready; None before, and for ever if it could not be made."""
        made, self._made = self._made, None
        return made

    def wait(self) -> None:
        """Until it is ready, or cannot be made."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._made = self._make()
        # Whatever the reason is, the show goes on as it is.
        except Exception as error:
            say(f"{self._name} is not used: {error}")
