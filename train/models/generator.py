"""The generator: a recurrence that predicts the next small frame, and an enlarger that draws the picture.

It is small enough for thirty frames a second on two CPU cores at 256×144. The recurrence works at 1/scale of the
picture's size: a training step costs scale² times less there, and objects of the film are small enough to be learnt
whole. The enlarger is outside of the loop. Nearly all arithmetic suits ONNX Runtime's blocked CPU kernels: dense 3×3
convolutions with zero padding, channels in multiples of 16, ReLU, additive skips and nearest-neighbour resizing. Space
to depth and depth to space do not suit them, and stand only at the two ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.models.film_memory import BANDS, FilmMemory


@dataclass(frozen=True)
class GeneratorConfig:
    """Shape of a generator."""

    context_frames: int = 2  # K, at least 2: the memory compares the last two
    channels: tuple[int, ...] = (64, 128)  # of the recurrence, at 1/2, 1/4, … of the small frame
    blocks: tuple[int, ...] = (1, 3)  # residual blocks at each of these levels
    scale: int = 4  # size of the picture over that of the small frame; even
    enlarger_channels: int = 48  # at the small frame's size
    camera: bool = False  # a camera can play it

    @property
    def cell(self) -> int:
        """Side of a cell of the deepest level, and of the memory, in pixels of the small frame."""
        return int(2 ** len(self.channels))

    @property
    def guide_planes(self) -> int:
        """Planes of the guide: three of the memory, then one of the camera and one of its mix."""
        return 3 + 2 * self.camera

    @property
    def multiple(self) -> int:
        """Number of pixels of which width and height must be multiples."""
        return self.scale * self.cell

    @property
    def least_side(self) -> int:
        """Number of pixels that width and height must have at least: a cell for each band of the memory."""
        return BANDS * self.multiple


class ResidualBlock(nn.Module):
    """relu(x + conv(relu(conv(x)))); the last convolution starts at zero, so a fresh block passes x on."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C, h, w] float to the same shape."""
        return F.relu(x + self.last(F.relu(self.first(x))))


class ResidualU(nn.Module):
    """U-Net of residual blocks that paints a picture."""

    def __init__(self, planes: int, channels: tuple[int, ...], blocks: tuple[int, ...]) -> None:
        """Build the network.

        Args:
            planes: of the input.
            channels: at 1/2, 1/4, … of the picture.
            blocks: residual blocks at each of these levels.
        """
        super().__init__()
        self.stem = nn.Conv2d(4 * planes, channels[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(channels))
        self.encode = nn.ModuleList(_blocks(c, n) for c, n in zip(channels, blocks, strict=True))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in pairwise(channels))
        self.decode = nn.ModuleList(_blocks(c, max(1, n)) for c, n in zip(channels[:-1], blocks[:-1], strict=True))
        self.head = nn.Conv2d(channels[0], 12, 3, padding=1)

    def forward(self, planes: Tensor) -> Tensor:
        """Map [B, planes, h, w] float to [B, 3, h, w] float −1…1."""
        x = F.relu(self.stem(pixel_unshuffle(planes, 2)))
        skips = []
        for blocks, down in zip(self.encode, self.down, strict=False):
            x = blocks(x)
            skips.append(x)
            x = F.relu(down(x))
        x = self.encode[-1](x)
        for up, blocks, skip in zip(reversed(self.up), reversed(self.decode), reversed(skips), strict=True):
            # The convolution before the resize costs a quarter and commutes with repeating pixels.
            x = blocks(F.relu(_doubled(up(x)) + skip))
        return torch.tanh(pixel_shuffle(self.head(x), 2).float())


class Recurrence(nn.Module):
    """Next-frame network."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        planes = 3 * config.context_frames + 1 + config.guide_planes
        self.cell = config.cell
        self.paint = ResidualU(planes, config.channels, config.blocks)

    def forward(self, context: Tensor, level: Tensor, guide: Tensor | None) -> Tensor:
        """Predict the next small frame, [B, 3, h, w] float −1…1.

        Args:
            context: [B, 3K, h, w] float, −1…1, oldest frame first, noise already added.
            level: [B] float, standard deviation of that noise.
            guide: [B, guide_planes, rows, columns] float, −1…1, in cells; None for a generator that is not guided.
        """
        planes = [context, level.view(-1, 1, 1, 1).expand(-1, 1, *context.shape[2:])]
        if guide is not None:
            planes.append(F.interpolate(guide, scale_factor=float(self.cell), mode="bilinear"))
        frame: Tensor = self.paint(torch.cat(planes, 1).to(self.paint.stem.weight.dtype))
        return frame


class Enlarger(nn.Module):
    """Network that enlarges a small frame to a picture, whose reduction is that small frame again.

    Therefore the recurrence never sees what the enlarger adds: the enlarger stays out of the loop, although the state
    is the picture. It works at three sizes of the small frame: halved, to recognise; as it is; and doubled, to draw.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.scale = config.scale
        width = config.enlarger_channels
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.down = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.recognise = _blocks(2 * width, 2)
        self.up = nn.Conv2d(2 * width, width, 3, padding=1)
        self.place = _blocks(width, 1)
        narrow = width // 3  # of four times as many pixels
        self.widen = nn.Conv2d(width, narrow, 3, padding=1)
        self.draw = _blocks(narrow, 1)
        self.head = nn.Conv2d(narrow, 3 * (config.scale // 2) ** 2, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, small: Tensor) -> Tensor:
        """Map [B, 3, h, w] float −1…1 to [B, 3, H, W] float, about −1…1."""
        x = F.relu(self.stem(small.to(self.stem.weight.dtype)))
        features = self.recognise(F.relu(self.down(x)))
        x = self.place(F.relu(_doubled(self.up(features)) + x))
        x = self.draw(_doubled(F.relu(self.widen(x))))
        small = small.float()
        smooth = F.interpolate(small, scale_factor=float(self.scale), mode="bilinear")
        drawn = smooth + pixel_shuffle(self.head(x).float(), self.scale // 2)
        missing = small - F.avg_pool2d(drawn, self.scale)
        return drawn + F.interpolate(missing, scale_factor=float(self.scale), mode="nearest")


class Generator(nn.Module):
    """All networks of a bundle: reduce the context, predict a small frame, enlarge it."""

    def __init__(self, config: GeneratorConfig, memory: FilmMemory) -> None:
        """Build networks of this shape, around the memory of a film."""
        super().__init__()
        self.config = config
        self.memory = memory
        self.recurrence = Recurrence(config)
        self.enlarger = Enlarger(config)

    def reduce(self, pictures: Tensor) -> Tensor:
        """Reduce [B, C, H, W] float to [B, C, h, w], the mean of scale×scale pixels."""
        return F.avg_pool2d(pictures, self.config.scale)

    def guide(self, next_pictures: Tensor, camera: Tensor | None = None, mix: Tensor | None = None) -> Tensor:
        """Return the guide of the recurrence, [B, guide_planes, rows, columns] float −1…1.

        Args:
            next_pictures: int64 [B, BANDS], the pictures of the memory that come next.
            camera: [B, 1, rows, columns] float −1…1, of `train.models.camera_guide`; None without a camera.
            mix: [B] float 0…1; at 0 the camera has no effect.
        """
        guide = self.memory.guide(next_pictures)
        if camera is None or mix is None:
            return guide
        mix = mix.view(-1, 1, 1, 1)
        return torch.cat([guide, mix * camera, mix.expand_as(camera)], 1)


def pixel_unshuffle(x: Tensor, scale: int) -> Tensor:
    """Compute `F.pixel_unshuffle`: [B, C, H, W] -> [B, C · scale², H / scale, W / scale].

    One axis after the other, here and below: ONNX Runtime is fast at moving one axis and slow at moving two.
    """
    batch, channels, height, width = x.shape
    rows = x.reshape(batch, channels, height // scale, scale, width).transpose(2, 3)
    columns = rows.reshape(batch, channels, scale, -1, scale).transpose(3, 4)
    return columns.reshape(batch, channels * scale**2, height // scale, width // scale)


def pixel_shuffle(x: Tensor, scale: int) -> Tensor:
    """Compute `F.pixel_shuffle`: [B, C · scale², H, W] -> [B, C, H · scale, W · scale]."""
    batch, channels, height, width = x.shape
    columns = x.reshape(batch, -1, scale, height * width).transpose(2, 3)
    rows = columns.reshape(batch, -1, scale, height, width * scale).transpose(2, 3)
    return rows.reshape(batch, channels // scale**2, height * scale, width * scale)


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def _blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(count)))


def parameter_count(network: nn.Module) -> int:
    """Return the number of trained parameters."""
    return sum(parameter.numel() for parameter in network.parameters())
