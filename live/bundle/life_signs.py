"""Ranges of a film's own figures, and its pictures outside of them. The bundle carries both for the collapse guard."""

import base64
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from live.errors import BundleError
from live.reading.values import quoted, read_figure, read_json

THUMBNAIL_BYTES = 8 * 8 * 3
MOST_ODD_PICTURES = 1000
LARGEST_FIGURE = 1e6
"""No figure of pictures of values 0…1, and no stillness in seconds, is larger."""


@dataclass(frozen=True)
class OddPicture:
    """A picture of the film that the ranges take for collapsed, or at which the film stands still."""

    stillness: float
    """The most seconds that the film stands still there; 0 if it moves."""
    sharpness: float
    """RMS of the Laplacian of luma 0…1."""
    thumbnail: bytes
    """uint8 [8, 8, 3] RGB."""


@dataclass(frozen=True)
class LifeSigns:
    """Ranges of the figures of a film's own pictures. `live.images.frame_figures` says what the figures are."""

    sharpness: tuple[float, float]
    """Least, for a picture of the film's usual light, and most."""
    colour: tuple[tuple[float, float], ...]
    """Mean of red, green and blue, each 0…1: least and most."""
    motion: float
    """Mean absolute difference 0…1 of two frames, at the film's usual light: what moves less stands still."""
    stillness: float
    """The most seconds that any picture may stand still, as the film does; 0 where `odd` says it of each picture."""
    contrast: float = math.inf
    """Most contrast."""
    grain: float = math.inf
    """Most grain."""
    light: float = 0.5
    """The film's usual light, 0…0.5. Darker pictures may be less sharp and move less, in proportion."""
    odd: tuple[OddPicture, ...] = ()
    """The film's pictures outside of these ranges, and those at which it stands still."""


def read_life_signs(text: str, path: Path) -> LifeSigns:
    """Parse the metadata `life_signs` of the graph file `path`. Raises `BundleError` for anything else.

    Bundles of 0.1.0 have neither light, contrast and grain nor odd pictures.
    """
    try:
        return _life_signs(read_json(text))
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(f"{path}: life_signs is {quoted(text)}, not ranges of figures; export it again") from error


def _life_signs(given: Any) -> LifeSigns:
    sharpness, *colour = [(_figure(low), _figure(high)) for low, high in (given["sharpness"], *given["colour"])]
    if len(colour) != 3:
        raise ValueError
    motion, stillness = _figure(given["motion"]), _figure(given["stillness"])
    if "odd" not in given:
        return LifeSigns(sharpness, tuple(colour), motion, stillness)
    if len(given["odd"]) > MOST_ODD_PICTURES:
        raise ValueError
    odd = tuple(_odd_picture(*entry) for entry in given["odd"])
    contrast, grain, light = (_figure(given[name]) for name in ("contrast", "grain", "light"))
    if light <= 0:
        raise ValueError
    return LifeSigns(sharpness, tuple(colour), motion, 0.0, contrast, grain, light, odd)


def _odd_picture(stillness: float, sharpness: float, thumbnail: str) -> OddPicture:
    pixels = base64.b64decode(thumbnail, validate=True)
    if len(pixels) != THUMBNAIL_BYTES:
        raise ValueError
    return OddPicture(_figure(stillness), _figure(sharpness), pixels)


def _figure(value: object) -> float:
    return read_figure(value, -LARGEST_FIGURE, LARGEST_FIGURE)
