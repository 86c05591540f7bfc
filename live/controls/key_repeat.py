"""Repetition of a key that is held, faster and faster."""

import time
from collections.abc import Callable

# From the press to the first repetition.
DELAY_SECONDS = 0.4
FIRST_RATE, LAST_RATE = 10.0, 40.0
# Until the last rate.
ACCELERATION_SECONDS = 2.0
# A show that stood still for longer does not catch up.
LONGEST_SECONDS = 0.1


class KeyRepeat:
    """Counts the repetitions of the key that is held.

    Args:
        now: A monotonic clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._key: str | None = None
        self._seen_at = 0.0
        self._held_for = 0.0
        self._done = 0

    def due(self, key: str | None) -> int:
        """Return how often `key`, which is held now, is to be repeated since the last call; 0 for None."""
        now = self._now()
        if key is None or key != self._key:
            self._key, self._held_for, self._done = key, 0.0, 0
        else:
            self._held_for += min(now - self._seen_at, LONGEST_SECONDS)
        self._seen_at = now
        due = int(repetitions(self._held_for)) - self._done
        self._done += due
        return due


def repetitions(seconds: float) -> float:
    """Return how often a key is repeated that is held for so long."""
    held = max(0.0, seconds - DELAY_SECONDS)
    faster = min(held, ACCELERATION_SECONDS)
    growth = (LAST_RATE - FIRST_RATE) / ACCELERATION_SECONDS
    return FIRST_RATE * faster + growth * faster**2 / 2 + LAST_RATE * (held - faster)
