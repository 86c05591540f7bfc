"""Ranges that a film's own figures never leave. The bundle carries them, and the collapse guard compares with them."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from live.errors import BundleError


@dataclass(frozen=True)
class LifeSigns:
    """Ranges that the figures of a film's own pictures never leave."""

    sharpness: tuple[float, float]
    """RMS of the Laplacian of luma 0…1: least and most."""
    colour: tuple[tuple[float, float], ...]
    """Mean of red, green and blue, each 0…1: least and most."""
    motion: float
    """Mean absolute difference 0…1 of two frames: a continuation that moves less stands still."""
    stillness: float
    """The most seconds that the film itself stands still."""


def read_life_signs(text: str, path: Path) -> LifeSigns:
    """Parse the metadata `life_signs` of the graph file `path`. Raises `BundleError` for anything else."""
    try:
        given = json.loads(text)
        ranges = [(float(low), float(high)) for low, high in (given["sharpness"], *given["colour"])]
        signs = LifeSigns(ranges[0], tuple(ranges[1:]), float(given["motion"]), float(given["stillness"]))
        numbers = [number for pair in ranges for number in pair] + [signs.motion, signs.stillness]
        if len(signs.colour) != 3 or not all(map(math.isfinite, numbers)):
            raise ValueError
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(f"{path}: life_signs is {text!r}, not ranges of figures; export it again") from error
    return signs
