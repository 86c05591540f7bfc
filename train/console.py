"""Text for consoles and files whose encoding cannot hold every character."""

from __future__ import annotations

import io
import sys


def accept_any_text() -> None:
    """Let stdout replace characters that its encoding cannot hold, which is often so where it is redirected."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def printable(text: str) -> str:
    """Return a text with "?" for the parts of a file's name that are not UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
