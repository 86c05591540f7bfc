"""Ranges of figures that a film's own pictures never leave, as its bundle carries them."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from live.errors import BundleError


@dataclass(frozen=True)
class LifeSigns:
    """What a film's own pictures never leave."""

    sharpness: tuple[float, float]
    """RMS of the Laplacian of luma 0…1: least, most."""
    colour: tuple[tuple[float, float], ...]
    """Mean of each channel 0…1, red, green, blue: least, most."""
    motion: float
    """Mean absolute difference 0…1 of two frames: what moves less, stands still."""
    stillness: float
    """Seconds that the film itself stands still at most."""


def read_life_signs(text: str, path: Path) -> LifeSigns:
    """Parse the metadata `life_signs` of the graph file `path`. Raises `BundleError`."""
    try:
        told = json.loads(text)
        ranges = [(float(low), float(high)) for low, high in (told["sharpness"], *told["colour"])]
        signs = LifeSigns(ranges[0], tuple(ranges[1:]), float(told["motion"]), float(told["stillness"]))
        numbers = [number for pair in ranges for number in pair] + [signs.motion, signs.stillness]
        if len(signs.colour) != 3 or not all(map(math.isfinite, numbers)):
            raise ValueError
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(f"{path}: life_signs is {text!r}, not ranges of figures; export it again") from error
    return signs
