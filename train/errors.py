"""Errors of the studio that a user can fix: each is shown as one line that says what to do, with exit code 2."""

from __future__ import annotations

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


class TrainError(Exception):
    """Parent of all errors that a user can cause and fix; its text is the whole message, on one line."""

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))


class FilmError(TrainError):
    """The film cannot be read, or holds nothing that a network could learn."""


class SizeError(TrainError):
    """The network cannot take pictures of this size."""


class RunError(TrainError):
    """The run folder is missing, damaged, or belongs to a training with other settings."""


class ExportError(TrainError):
    """The exported graph does not compute what the checkpoint computes."""


class OutputError(TrainError):
    """The output exists already, or cannot be written."""


class BundleError(TrainError):
    """The bundle is missing, damaged, or cannot be rolled out."""


class PicturesError(TrainError):
    """The folder of pictures or pairs cannot be read, or holds too little to learn from."""


class RecipeError(TrainError):
    """There is no recipe of this name, or it cannot be combined with these options."""
