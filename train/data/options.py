"""Options for reading a film or pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from train.errors import SizeError
from train.images.resizing import ResizeMode


@dataclass(frozen=True)
class FilmConfig:
    """Options for reading a film; for pictures, `end`, `stride` and `cache` mean nothing."""

    size: Annotated[str | None, Parameter(metavar="WIDTHxHEIGHT")] = None
    """Picture size. Default: the shape of the film, or of the last of several, at about the size of the preset."""
    fit: ResizeMode = "crop"
    """Handling of a film or pictures of another shape: crop the edges, or letterbox with black bars."""
    end: float | None = None
    """Second at which the film, or the last of several, ends. Default: found, before black and end credits."""
    stride: PositiveInt | None = None
    """Film frames per step. Default: the fewest at which motion is visible."""
    title: str | None = None
    """Title for the model card. Default: the titles in the film files, or the names of the files or the folder."""
    rights: str = "not stated"
    """Owner and licence of the film or films, for the model card."""
    cache: Path = Path(".cache/films")
    """Folder for decoded films."""


def parse_size(text: str) -> tuple[int, int]:
    """Return (W, H) for "WIDTHxHEIGHT".

    Raises:
        SizeError: the text is no size.
    """
    width, cross, height = text.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise SizeError(f"--size {text} is not a picture size; write it as WIDTHxHEIGHT, such as 256x144")
    return int(width), int(height)
