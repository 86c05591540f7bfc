"""One-line messages to the user, which may be lost but never end the show."""

import contextlib
import sys

from live.errors import ShowError


def first_line(reason: object) -> str:
    """What a library says in many lines, in one."""
    lines = str(reason).strip().splitlines()
    return lines[0] if lines else "no reason given"


def say(text: str) -> None:
    """Tell the user, in one line on stdout."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def report(error: ShowError) -> None:
    """Tell the user, in one line on stderr."""
    with contextlib.suppress(OSError):
        print(f"ninety-seconds-after: error: {error}", file=sys.stderr, flush=True)
