"""Picture sizes and the generators for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from train.errors import SizeError
from train.models.generator import GeneratorConfig


@dataclass(frozen=True)
class Preset:
    """Picture size and the shape of its generator."""

    pixels: int  # width times height, approximately
    shape: GeneratorConfig


LARGE = GeneratorConfig(channels=(64, 128, 192), blocks=(1, 2, 3), enlarger_channels=(64, 64, 32))

# small is for weak machines and browsers, medium for two good CPU cores, wall for a GPU.
PRESETS = {
    "small": Preset(256 * 144, GeneratorConfig()),
    "medium": Preset(768 * 432, LARGE),
    "wall": Preset(1280 * 720, LARGE),
}
DEFAULT_PRESET = "medium"


class Sized(Protocol):
    """Configuration of a network that takes pictures of certain sizes only."""

    @property
    def multiple(self) -> int:
        """Number of pixels of which width and height must be multiples."""

    @property
    def least_side(self) -> int:
        """Number of pixels that width and height must have at least."""


def check_size(size: tuple[int, int], config: Sized) -> None:
    """Raise SizeError unless a network can take pictures of `size` (W, H)."""
    step, least = config.multiple, config.least_side
    if all(side % step == 0 and side >= least for side in size):
        return
    width, height = (max(-(-least // step), round(side / step)) * step for side in size)
    raise SizeError(
        f"the network cannot take {size[0]}x{size[1]}: width and height must be multiples of {step}, and at least "
        f"{least}; give --size {width}x{height}"
    )


def natural_size(shape: tuple[int, int], step: int, pixels: int) -> tuple[int, int]:
    """Return the size (W, H) that fits best.

    Args:
        shape: wanted width and height, or their ratio.
        step: number of pixels of which width and height must be multiples.
        pixels: wanted number of pixels.
    """
    aspect = shape[0] / shape[1]
    sides = range(2 * step, 4 * math.isqrt(pixels) + 2 * step, step)
    sizes = [(w, h) for w in sides for h in sides]

    def misfit(size: tuple[int, int]) -> float:
        w, h = size
        return abs(math.log(w / h / aspect)) + 0.3 * abs(math.log(w * h / pixels))

    near = [s for s in sizes if 0.7 < s[0] * s[1] / pixels < 1.4]
    return min(near, key=misfit)
