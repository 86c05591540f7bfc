"""Opening hours: the time of day in which a show plays."""

import re
from collections.abc import Callable
from datetime import datetime, time


class OpeningHours:
    """Hours of a day, by the clock on the wall.

    Args:
        opens: Time at which they begin.
        closes: Time at which they end. One before `opens` is on the next day.
        now: Returns the local time.
    """

    def __init__(self, opens: time, closes: time, now: Callable[[], datetime] = datetime.now) -> None:
        self._opens = opens
        self._closes = closes
        self._now = now

    @property
    def is_open(self) -> bool:
        """True within the hours."""
        now = self._now().time()
        if self._opens < self._closes:
            return self._opens <= now < self._closes
        return now >= self._opens or now < self._closes

    def __str__(self) -> str:
        """Return the hours as 10:00-18:00."""
        return f"{self._opens:%H:%M}-{self._closes:%H:%M}"


def read_hours(text: str) -> tuple[time, time]:
    """Return the beginning and the end of hours such as 10:00-18:00.

    Raises:
        ValueError: The text is something else, or both are the same.
    """
    found = re.fullmatch(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)", text, re.ASCII)
    if not found:
        raise ValueError(f"{text} is not a time such as 10:00-18:00")
    opens, closes = _read_time(*found.group(1, 2)), _read_time(*found.group(3, 4))
    if opens == closes:
        raise ValueError(f"{text} begins and ends at the same time; give two, or leave it out to play day and night")
    return opens, closes


def _read_time(hours: str, minutes: str) -> time:
    if (hours, minutes) == ("24", "00"):
        return time()
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        raise ValueError(f"{hours}:{minutes} is no time of day; give one from 00:00 to 24:00") from None
