"""Notices: what the show says, for two seconds in its window."""

import logging
import time
from collections.abc import Callable

from live.console import LOG_ALONE
from live.reading.text import one_line

NOTICE_SECONDS = 2.0
# Two lines of a panel.
LONGEST_NOTICE = 120


class Notices(logging.Handler):
    """Keeps the newest answer and the newest trouble of all that is said, in any thread, for a while.

    Args:
        now: A monotonic clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._newest: dict[bool, tuple[str, float]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, unless it is for the log alone."""
        if not getattr(record, LOG_ALONE, False):
            is_trouble = record.levelno >= logging.WARNING
            self._newest[is_trouble] = (one_line(record.getMessage(), LONGEST_NOTICE), self._now())

    def lines(self) -> tuple[str, ...]:
        """Return what is to be shown now: the trouble, then the answer."""
        now = self._now()
        kept = (self._newest.get(is_trouble) for is_trouble in (True, False))
        return tuple(text for text, said_at in filter(None, kept) if now - said_at < NOTICE_SECONDS)
