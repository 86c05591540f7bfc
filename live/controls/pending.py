"""Requests from OSC and MIDI that the show has not run yet."""

import threading

from live.controls.control import Value


class PendingControls:
    """Holds at most one request for each parameter, action and number of an action: a newer one replaces an older one.

    Any thread may put and take.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[tuple[str, Value], Value] = {}
        self._coalesced = 0
        self.refused = 0
        """Requests that came too often. The dispatcher counts them."""

    def put(self, name: str, value: Value) -> None:
        """Request a control of the table."""
        with self._lock:
            # Storing presets 4 and 5 are two requests.
            key = (name, value if type(value) is int else None)
            self._coalesced += key in self._values
            # The newer one moves behind what came meanwhile: a preset recalled after a knob was moved is not undone.
            self._values.pop(key, None)
            self._values[key] = value

    def put_back(self, name: str, value: Value) -> None:
        """Request a state again that could not be set yet, unless a newer request replaced it."""
        with self._lock:
            self._values.setdefault((name, None), value)

    def take(self) -> list[tuple[str, Value]]:
        """Return all requests since the last call, as (name, value), in their order."""
        with self._lock:
            values, self._values = self._values, {}
        return [(name, value) for (name, _), value in values.items()]

    @property
    def coalesced(self) -> int:
        """Requests that newer ones replaced before they were taken."""
        return self._coalesced
