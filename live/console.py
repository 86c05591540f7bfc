"""One-line messages to the user. They may be lost (a log on a full disk), but they never end the show."""

import contextlib
import sys

from live.errors import ShowError


def first_line(reason: object) -> str:
    """Return the first line of what a library says in many."""
    lines = str(reason).strip().splitlines()
    return lines[0] if lines else "no reason given"


def say(text: str) -> None:
    """Print a line on stdout."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def report(error: ShowError) -> None:
    """Print an error as a line on stderr."""
    with contextlib.suppress(OSError):
        print(f"ninety-seconds-after: error: {error}", file=sys.stderr, flush=True)
