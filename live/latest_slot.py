"""A slot between two threads in which the newest always wins."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds at most one item: putting a second before the first was taken drops the first and counts it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._dropped = 0

    def put(self, item: T) -> None:
        """Leave `item`, in place of one that nobody has taken."""
        with self._changed:
            self._dropped += self._item is not None
            self._item = item
            self._changed.notify_all()

    def take(self, timeout: float) -> T | None:
        """Take the newest item, waiting up to `timeout` seconds for one; None if none came or the box is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout)
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Say that nothing more will come; an item that still lies there can be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def finished(self) -> bool:
        """True when it was closed and its last item has been taken."""
        with self._changed:
            return self._closed and self._item is None

    @property
    def dropped(self) -> int:
        """Items that nobody took in time."""
        return self._dropped
