"""One-line messages to the user. They may be lost (a log on a full disk), but they never end the show."""

import contextlib
import io
import logging
import sys

from live.errors import ShowError

LOGGER = logging.getLogger("ninety-seconds-after")
"""Receives everything that is said, and what goes into the log alone. --log and --status connect handlers to it."""
LOGGER.setLevel(logging.INFO)
LOGGER.propagate = False
# Without any handler, warnings would be printed a second time.
LOGGER.addHandler(logging.NullHandler())


def accept_any_text() -> None:
    """Let stdout and stderr replace characters that their encoding cannot hold, as is frequent in a redirection."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def printable(text: str) -> str:
    """Return a text with "?" for the parts of a file's name that are not UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


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


def note(text: str, *, trouble: bool = False) -> None:
    """Write a line into the log alone; `trouble` if something went wrong."""
    LOGGER.log(logging.WARNING if trouble else logging.INFO, text)


def _print(text: str) -> None:
    with contextlib.suppress(OSError):
        # In one piece: lines of other threads do not come between a line and its end.
        print(f"{text}\n", end="", flush=True)


def report(error: ShowError) -> None:
    """Print an error as a line on stderr."""
    LOGGER.error(str(error))
    with contextlib.suppress(OSError):
        print(f"ninety-seconds-after: error: {error}\n", end="", file=sys.stderr, flush=True)
