"""Options of reading a film."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cyclopts.types import PositiveInt

from train.data.film import ResizeMode
from train.errors import SizeError


@dataclass(frozen=True)
class FilmConfig:
    """How a film is read, and as far as it makes sense, pictures."""

    size: str | None = None
    """Picture size as WIDTHxHEIGHT; default: the film's own shape at about the preset's size."""
    fit: ResizeMode = "crop"
    """What to do with a film or pictures of another shape: crop the edges, or letterbox."""
    end: float | None = None
    """Second of the film at which the story ends; default: found (black and end credits left out)."""
    stride: PositiveInt | None = None
    """Film frames that one step takes; default: the fewest that keep motion visible."""
    title: str | None = None
    """Title for the model card; default: the file's or folder's own."""
    rights: str = "not stated"
    """Who owns the film and under which licence, for the model card."""
    cache: Path = Path(".cache/films")
    """Folder of decoded films."""


def parse_size(text: str) -> tuple[int, int]:
    """(W, H) of "WIDTHxHEIGHT"."""
    width, cross, height = text.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise SizeError(f"--size {text} is no picture size; write it as WIDTHxHEIGHT, such as 256x144")
    return int(width), int(height)
