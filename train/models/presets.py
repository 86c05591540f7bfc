"""Picture sizes and the generators for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from train.models.generator import GeneratorConfig


@dataclass(frozen=True)
class Preset:
    """A size of picture and the generator for it."""

    pixels: int  # width times height, about
    shape: GeneratorConfig


# For a stage on two CPU cores; for stages with a GPU.
PRESETS = {
    "small": Preset(256 * 144, GeneratorConfig()),
    "medium": Preset(512 * 288, GeneratorConfig(channels=(48, 96, 192), blocks=(1, 1, 3))),
    "large": Preset(768 * 432, GeneratorConfig(channels=(48, 96, 192), blocks=(1, 1, 3), scale=6)),
}


class HasMultiple(Protocol):
    """Shape of a network that takes pictures whose sides are multiples of so many pixels."""

    @property
    def multiple(self) -> int:
        """Pixels."""


def natural_size(shape: tuple[int, int], config: HasMultiple, pixels: int) -> tuple[int, int]:
    """The size nearest to `pixels` whose shape is nearest to that given (W, H) and that the network can take."""
    step = config.multiple
    aspect = shape[0] / shape[1]
    sides = range(2 * step, 4 * math.isqrt(pixels) + 2 * step, step)
    sizes = [(w, h) for w in sides for h in sides]

    def misfit(size: tuple[int, int]) -> float:
        w, h = size
        return abs(math.log(w / h / aspect)) + 0.3 * abs(math.log(w * h / pixels))

    near = [s for s in sizes if 0.7 < s[0] * s[1] / pixels < 1.4]
    return min(near, key=misfit)
