"""One-line messages to the user. They may be lost (a log on a full disk), but they never end the show."""

import contextlib
import io
import logging
import sys
from collections.abc import Hashable

from live.errors import ShowError
from live.reading.text import one_line

LOGGER = logging.getLogger("ninety-seconds-after")
"""Receives everything that is said, and what goes into the log alone. --log and --status connect handlers to it."""
LOGGER.setLevel(logging.DEBUG)
LOGGER.propagate = False
LOG_ALONE = "log_alone"
"""Attribute of records: True for what the window does not show."""
# Without any handler, warnings would be printed a second time.
LOGGER.addHandler(logging.NullHandler())


def accept_any_text() -> None:
    """Let stdout and stderr replace characters that their encoding cannot hold, as is frequent in a redirection."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def first_line(reason: object) -> str:
    """Return the first line of what a library says in many."""
    lines = str(reason).strip().splitlines()
    return lines[0] if lines else "no reason given"


def say(text: str) -> None:
    """Print a line on stdout."""
    LOGGER.info(text)
    _print(text)


def warn(text: str) -> None:
    """Print a line on stdout about something that went wrong while the show goes on."""
    LOGGER.warning(text)
    _print(text)


class OnceEach:
    """Warnings of which each kind is printed once. Whoever causes them cannot fill a log or the memory.

    Args:
        most: Number of kinds that are printed. One line says that there will be no more.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kinds: set[Hashable] = set()

    def warn(self, kind: Hashable, text: str) -> None:
        """Print `text` as one line, unless there was one of this kind, or too many of others."""
        if kind in self._kinds or len(self._kinds) > self._most:
            return
        self._kinds.add(kind)
        warn(one_line(text) if len(self._kinds) <= self._most else "further messages of this sort are only counted")


def answer(text: str) -> None:
    """Tell the performer what a key has done, in the window alone."""
    LOGGER.debug(text)


def note(text: str, *, trouble: bool = False) -> None:
    """Write a line into the log alone; with `trouble`, if something went wrong, the window shows it too."""
    LOGGER.log(logging.WARNING if trouble else logging.INFO, text, extra={LOG_ALONE: not trouble})


def _print(text: str) -> None:
    with contextlib.suppress(OSError):
        # In one piece: lines of other threads do not come between a line and its end.
        print(f"{text}\n", end="", flush=True)


def report(error: ShowError) -> None:
    """Print an error as a line on stderr."""
    LOGGER.error(str(error))
    with contextlib.suppress(OSError):
        print(f"ninety-seconds-after: error: {error}\n", end="", file=sys.stderr, flush=True)
