"""Picture sizes and the generators for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from train.models.generator import GeneratorConfig


@dataclass(frozen=True)
class Preset:
    """Picture size and the shape of its generator."""

    pixels: int  # width times height, approximately
    shape: GeneratorConfig


# small is for a stage on two CPU cores, the others for a stage with a GPU.
PRESETS = {
    "small": Preset(256 * 144, GeneratorConfig()),
    "medium": Preset(512 * 288, GeneratorConfig(channels=(48, 96, 192), blocks=(1, 1, 3))),
    "large": Preset(768 * 432, GeneratorConfig(channels=(48, 96, 192), blocks=(1, 1, 3), scale=6)),
}


class HasMultiple(Protocol):
    """Configuration of a network that needs sides of a multiple of some number of pixels."""

    @property
    def multiple(self) -> int:
        """That number."""


def natural_size(shape: tuple[int, int], config: HasMultiple, pixels: int) -> tuple[int, int]:
    """Return the size (W, H) that a network can take and that fits best.

    Args:
        shape: wanted width and height, or their ratio.
        config: of the network.
        pixels: wanted number of pixels.
    """
    step = config.multiple
    aspect = shape[0] / shape[1]
    sides = range(2 * step, 4 * math.isqrt(pixels) + 2 * step, step)
    sizes = [(w, h) for w in sides for h in sides]

    def misfit(size: tuple[int, int]) -> float:
        w, h = size
        return abs(math.log(w / h / aspect)) + 0.3 * abs(math.log(w * h / pixels))

    near = [s for s in sizes if 0.7 < s[0] * s[1] / pixels < 1.4]
    return min(near, key=misfit)
