"""The generator and the discriminators.

The generator is small enough for thirty frames a second on two CPU cores at 256×144. Nearly all of its arithmetic is
what ONNX Runtime's blocked CPU kernels like: dense 3×3 convolutions with zero padding, channels in multiples of 16,
ReLU, additive skips and nearest-neighbour resizing. What they do not like stands at its two ends only: space to depth
in front, depth to space and one grid sampling behind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.errors import SizeError

# ----------------------------------------------------------------------------
# Generator: (context, noise level, newest frame) -> frame.

FLOW_UNIT = 4.0  # pixels of motion that a head output of 1 means
LEAST_COVER = 0.03  # share of the painted picture in every pixel of every frame


@dataclass(frozen=True)
class GeneratorConfig:
    """Shape of a generator."""

    context_frames: int = 2  # K
    channels: tuple[int, ...] = (32, 64, 96, 128)  # at 1/2, 1/4, 1/8 and 1/16 of the picture
    blocks: tuple[int, ...] = (0, 0, 1, 2)  # residual blocks at each of these

    @property
    def multiple(self) -> int:
        """Width and height must be multiples of this many pixels."""
        return 2 ** len(self.channels)


class Drawing(NamedTuple):
    """What a generator makes of a context."""

    frame: Tensor  # [B, 3, H, W] float, −1…1
    painted: Tensor  # [B, 3, H, W] float, −1…1: the painted picture alone
    flow: Tensor  # [B, 2, H, W] float, pixels (x, y): where each pixel of the newest frame was fetched from


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))); the last convolution starts at zero, so a fresh block is the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, h, w] float -> the same shape."""
        return F.relu(x + self.last(F.relu(self.first(x))))


class Generator(nn.Module):
    """Next-frame network: a U of residual blocks that says where pixels come from and what is painted over them."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.channels
        self.stem = nn.Conv2d(4 * (3 * config.context_frames + 1), widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))
        self.encode = nn.ModuleList(_blocks(c, n) for c, n in zip(widths, config.blocks, strict=True))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in pairwise(widths))
        self.decode = nn.ModuleList(_blocks(c, max(1, n)) for c, n in zip(widths[:-1], config.blocks[:-1], strict=True))
        self.head = nn.Conv2d(widths[0], 24, 3, padding=1)

    def forward(self, context: Tensor, level: Tensor, newest: Tensor) -> Drawing:
        """One frame: the newest one moved, and painted over where that does not do.

        Moving keeps lines as sharp as they are and motion going (as in video prediction by flow, Liu et al. 2017,
        "Deep Voxel Flow"); painting makes what was not there before. A little is painted everywhere and always, or
        nothing would ever mend what drifts.

        Args:
            context: [B, 3K, H, W] float, −1…1, oldest frame first, noise already added.
            level: [B] float, standard deviation of that noise.
            newest: [B, 3, H, W] float, −1…1, the newest context frame without noise.
        """
        plane = level.view(-1, 1, 1, 1).expand(-1, 1, *context.shape[2:])
        x = F.relu(self.stem(F.pixel_unshuffle(torch.cat([context, plane], 1), 2)))
        skips = []
        for blocks, down in zip(self.encode, self.down, strict=False):
            x = blocks(x)
            skips.append(x)
            x = F.relu(down(x))
        x = self.encode[-1](x)
        for up, blocks, skip in zip(reversed(self.up), reversed(self.decode), reversed(skips), strict=True):
            # The convolution before the resize costs a quarter and commutes with repeating pixels.
            x = blocks(F.relu(F.interpolate(up(x), scale_factor=2.0, mode="nearest") + skip))
        paint, cover, flow = F.pixel_shuffle(self.head(x), 2).float().split([3, 1, 2], 1)
        painted = torch.tanh(paint)
        flow = FLOW_UNIT * flow
        moved = _move(newest, flow)
        share = LEAST_COVER + (1 - LEAST_COVER) * torch.sigmoid(cover)
        return Drawing(moved + share * (painted - moved), painted, flow)


def _move(pictures: Tensor, flow: Tensor) -> Tensor:
    """Each pixel of [B, C, H, W] fetched from where flow [B, 2, H, W] (x, y, in pixels) points, edges repeated."""
    height, width = pictures.shape[2:]
    x = torch.arange(width, dtype=torch.float32, device=flow.device) + flow[:, 0]
    y = torch.arange(height, dtype=torch.float32, device=flow.device).view(-1, 1) + flow[:, 1]
    grid = torch.stack([x * (2 / (width - 1)) - 1, y * (2 / (height - 1)) - 1], -1)
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="border", align_corners=True)


def _blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(count)))


def parameter_count(network: nn.Module) -> int:
    """Number of trained numbers."""
    return sum(parameter.numel() for parameter in network.parameters())


def check_size(size: tuple[int, int], config: GeneratorConfig) -> None:
    """Raise SizeError unless the generator can take pictures of `size` (W, H)."""
    width, height = size
    if width % config.multiple or height % config.multiple or min(size) < 2 * config.multiple:
        raise SizeError(
            f"the network cannot take {width}x{height}: width and height must be multiples of "
            f"{config.multiple}, at least {2 * config.multiple}; give another --size, such as 256x144"
        )


def natural_size(shape: tuple[int, int], config: GeneratorConfig, pixels: int = 256 * 144) -> tuple[int, int]:
    """The size nearest to `pixels` whose shape is nearest to the film's (W, H) and that the network can take."""
    step = config.multiple
    aspect = shape[0] / shape[1]
    sizes = [(w, h) for w in range(2 * step, 64 * step, step) for h in range(2 * step, 64 * step, step)]

    def misfit(size: tuple[int, int]) -> float:
        w, h = size
        return abs(math.log(w / h / aspect)) + 0.3 * abs(math.log(w * h / pixels))

    near = [s for s in sizes if 0.7 < s[0] * s[1] / pixels < 1.4]
    return min(near, key=misfit)


# ----------------------------------------------------------------------------
# Discriminators: is this picture, is this clip, of the film?


class PatchDiscriminator(nn.Module):
    """PatchGAN (Isola et al. 2017, §3.2.2) with spectral norm (Miyato et al. 2018), at 1/scale of the size."""

    def __init__(self, in_channels: int, scale: int, width: int) -> None:
        super().__init__()
        self.scale = scale
        widths = [in_channels, width, 2 * width, 4 * width]
        layers: list[nn.Module] = [nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths)]
        layers.append(nn.Conv2d(widths[-1], widths[-1], 3, padding=1))
        layers.append(nn.Conv2d(widths[-1], 1, 3, padding=1))
        self.layers = nn.ModuleList(nn.utils.parametrizations.spectral_norm(layer) for layer in layers)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """The activations of every layer; the last is the verdict on each patch, [B, 1, h, w].

        Args:
            pictures: [B, C, H, W] float, −1…1: one frame, or the frames of a clip.
        """
        x = F.avg_pool2d(pictures, self.scale) if self.scale > 1 else pictures
        activations = []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
            activations.append(x)
        return [*activations, self.layers[-1](x)]


class Judges(nn.Module):
    """All discriminators: one sees the newest frame, two see the clip of K context frames and the newest."""

    def __init__(self, context_frames: int, width: int = 32) -> None:
        super().__init__()
        clip = 3 * (context_frames + 1)
        self.frame = PatchDiscriminator(3, scale=1, width=width)
        self.clip = PatchDiscriminator(clip, scale=1, width=width)
        self.coarse_clip = PatchDiscriminator(clip, scale=2, width=width)

    def forward(self, clip: Tensor) -> list[list[Tensor]]:
        """Activations of each judge on clips [B, 3(K+1), H, W], oldest frame first."""
        return [self.frame(clip[:, -3:]), self.clip(clip), self.coarse_clip(clip)]
