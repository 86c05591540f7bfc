"""What OSC and MIDI wish for until the show takes it: the newest of each kind wins, whatever arrives."""

import threading
from typing import TypeAlias

Value: TypeAlias = float | bool | None
"""A parameter's value, an action's number, or what a toggle shall be (None: the other way)."""


class Wishes:
    """Holds at most one wish for each control: a newer one takes the place of one that nobody has taken.

    Any thread may put and take.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, Value] = {}
        self._coalesced = 0

    def put(self, name: str, value: Value) -> None:
        """Wish for a control of the table."""
        with self._lock:
            self._coalesced += name in self._values
            self._values[name] = value

    def take(self) -> list[tuple[str, Value]]:
        """All wishes that have come since the last call, as (name, value)."""
        with self._lock:
            values, self._values = self._values, {}
        return list(values.items())

    @property
    def coalesced(self) -> int:
        """Wishes that were replaced by newer ones before anybody took them."""
        return self._coalesced
