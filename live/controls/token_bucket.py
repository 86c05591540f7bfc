"""Limit on how often an action is done: a token bucket."""

from live.controls.control import Rate


class TokenBucket:
    """Holds a token for each time that something may be done. It begins full.

    Args:
        rate: Most tokens that it holds, and tokens that it gets a second.
        now: Time on any clock, in seconds.
    """

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._filled_at = now

    def take(self, now: float) -> bool:
        """Take a token at the time `now`. Return False if there is none."""
        self._tokens = min(self._rate.burst, self._tokens + (now - self._filled_at) * self._rate.per_second)
        self._filled_at = now
        # The sum of many small times may lie just below a whole number.
        if self._tokens < 1 - 1e-6:
            return False
        self._tokens -= 1
        return True
