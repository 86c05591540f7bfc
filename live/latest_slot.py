"""Slot between two threads that holds the newest item."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds at most one item. A new item replaces one that was not taken, and the slot counts it as dropped."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._dropped = 0

    def put(self, item: T) -> None:
        """Put `item` in place of one that was not taken."""
        with self._changed:
            self._dropped += self._item is not None
            self._item = item
            self._changed.notify_all()

    def take(self, timeout: float) -> T | None:
        """Take the newest item out of the slot, waiting up to `timeout` seconds for one.

        Returns:
            The item; None if none came in time or the slot is closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout)
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Announce that no more items will come. The last one can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def finished(self) -> bool:
        """True when the slot is closed and its last item has been taken."""
        with self._changed:
            return self._closed and self._item is None

    @property
    def dropped(self) -> int:
        """Number of items that were replaced before they were taken."""
        return self._dropped
