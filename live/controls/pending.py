"""What OSC and MIDI wish for until the show takes it: the newest of each kind wins, whatever arrives."""

import threading
from typing import TypeAlias

Value: TypeAlias = float | bool | None
"""A parameter's value, an action's number, or what a toggle shall be (None: the other way)."""


class PendingControls:
    """Holds at most one wish for each parameter, action and number of an action: a newer one replaces an older one.

    Any thread may put and take.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[tuple[str, Value], Value] = {}
        self._coalesced = 0
        self.refused = 0
        """Wishes that were not granted because they came too soon after the same; whoever grants counts them."""

    def put(self, name: str, value: Value) -> None:
        """Wish for a control of the table."""
        with self._lock:
            # Storing presets 4 and 5 are two wishes.
            key = (name, value if type(value) is int else None)
            self._coalesced += key in self._values
            # The newer one stands behind what came meanwhile: a preset that is recalled after a turn is not undone.
            self._values.pop(key, None)
            self._values[key] = value

    def take(self) -> list[tuple[str, Value]]:
        """All wishes that have come since the last call, as (name, value), in their order."""
        with self._lock:
            values, self._values = self._values, {}
        return [(name, value) for (name, _), value in values.items()]

    @property
    def coalesced(self) -> int:
        """Wishes that were replaced by newer ones before anybody took them."""
        return self._coalesced
