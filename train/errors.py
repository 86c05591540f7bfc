"""Errors of the studio that a user can fix: each is shown as one line that says what to do, with exit code 2."""

from __future__ import annotations

from live.reading.text import one_line


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
