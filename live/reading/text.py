"""Texts of others as one line that every console and file can hold."""

import re

LONGEST_LINE = 1000
"""Characters of a message."""
# Control characters, line ends, and those that change the direction of the text.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return a text as one line: without control characters, and without its middle if it is longer than `longest`."""
    if len(text) > longest:
        text = f"{text[: longest * 2 // 3]} … {text[-(longest // 3 - 3) :]}"
    return _UNPRINTABLE.sub(" ", text)


def printable(text: str) -> str:
    """Return a text with "?" for the parts of a file's name that are not UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
