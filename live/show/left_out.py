"""Parts that a show leaves out when it is started again, because they cannot be used any more."""

from collections.abc import Callable
from typing import TypeVar

from live.console import warn
from live.errors import ShowError

T = TypeVar("T")


class LeftOut:
    """Collects what is left out, and says it. At a first start nothing is: there an error is an error.

    Args:
        allowed: True for a show that was started again.
    """

    def __init__(self, *, allowed: bool) -> None:
        self.allowed = allowed
        """True for a show that was started again."""
        self._lines: list[str] = []

    def attempt(self, make: Callable[[], T]) -> T | None:
        """Return what `make` returns; None if it is left out.

        Raises:
            ShowError: That of `make`, at a first start.
        """
        try:
            return make()
        except ShowError as error:
            if not self.allowed:
                raise
            self.add(f"{str(error).partition('; ')[0]}; the show goes on without it")
            return None

    def add(self, line: str) -> None:
        """Have a line said by `tell`."""
        self._lines.append(line)

    def tell(self) -> None:
        """Say everything. The log and the status must be open."""
        while self._lines:
            warn(self._lines.pop(0))
