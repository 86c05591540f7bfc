"""The generator: a recurrence that predicts the next small frame, and an enlarger that draws the picture.

It is small enough for two CPU cores. The recurrence works at 1/scale of the
picture's size: a training step costs scale² times less there, and objects of the film are small enough to be learnt
whole. The enlarger is outside of the loop. Nearly all arithmetic suits ONNX Runtime's blocked CPU kernels: dense 3×3
convolutions with zero padding, channels in multiples of 16, ReLU, additive skips and nearest-neighbour resizing. Space
to depth and depth to space do not suit them, and stand only at the two ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.models.dramaturgy import Dramaturgy
from train.models.film_memory import FilmMemory
from train.models.guide import enlarged, even_places
from train.models.reduction import reduced, reduced_padded

GATE_BIAS = 3.0  # of a fresh gate, which is open: what is painted must be learnt before what is kept
UNSEEN = 0.25 / 127.5  # a place of the small frame that changes less stands; one that changes twice as much does not
REACH = 1  # places around a change in which the picture is drawn anew
HALF_RANGE = 127.5  # levels of a unit of the range −1…1
LEAST_CHANGE = 1.5 / 127.5  # of a place of the small frame in a step, in the range −1…1


@dataclass(frozen=True)
class GeneratorConfig:
    """Shape of a generator."""

    context_frames: int = 2  # K, at least 2: the memory compares the last two
    channels: tuple[int, ...] = (64, 128)  # of the recurrence, at 1/2, 1/4, … of the small frame; two levels at least
    blocks: tuple[int, ...] = (1, 3)  # residual blocks at each of these levels
    scale: int = 4  # size of the picture over that of the small frame; even
    enlarger_channels: tuple[int, int, int] = (96, 64, 32)  # at a half, the whole and twice the small frame's size

    @property
    def cell(self) -> int:
        """Side of a cell of the deepest level, and of the memory, in pixels of the small frame."""
        return int(2 ** len(self.channels))

    @property
    def multiple(self) -> int:
        """Number of pixels of which width and height of a padded picture are multiples."""
        return self.scale * self.cell

    def padded(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the size (W, H) to which pictures of this size are padded, at the right and at the bottom."""
        width, height = (max(2, -(-side // self.multiple)) * self.multiple for side in size)
        return width, height


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

    def __init__(self, planes: int, channels: tuple[int, ...], blocks: tuple[int, ...], *, painted: int = 3) -> None:
        """Build the network.

        Args:
            planes: of the input.
            channels: at 1/2, 1/4, … of the picture.
            blocks: residual blocks at each of these levels.
            painted: planes of the output.
        """
        super().__init__()
        self.stem = nn.Conv2d(4 * planes, channels[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(channels))
        self.encode = nn.ModuleList(_blocks(c, n) for c, n in zip(channels, blocks, strict=True))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in pairwise(channels))
        self.decode = nn.ModuleList(_blocks(c, max(1, n)) for c, n in zip(channels[:-1], blocks[:-1], strict=True))
        self.head = nn.Conv2d(channels[0], 4 * painted, 3, padding=1)

    def forward(self, planes: Tensor) -> Tensor:
        """Map [B, planes, h, w] float to [B, painted, h, w] float, without limits."""
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
        return pixel_shuffle(self.head(x), 2).float()


class Painted(NamedTuple):
    """Result of the recurrence for a state."""

    frame: Tensor  # [B, 3, h, w] float −1…1, the next small frame
    anew: Tensor  # like `frame`, as painted anew, without anything kept from the last frame


class Recurrence(nn.Module):
    """Next-frame network.

    It paints the frame anew, and a gate for each place: how far to go from the last frame to what is painted. Where the
    two differ by less than `LEAST_CHANGE`, the last frame stays, so that what stands does not flicker. That comes
    before the gate: after it, a half-shut gate would keep what is wrong for ever.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        planes = 3 * config.context_frames + 1 + 3
        self.paint = ResidualU(planes, config.channels, config.blocks, painted=4)

    def forward(self, context: Tensor, noise: Tensor, level: Tensor, guide: Tensor) -> Painted:
        """Predict the next small frame.

        Args:
            context: [B, 3K, h, w] float, −1…1, oldest frame first.
            noise: like `context`, is added to it.
            level: [B] float, standard deviation of that noise.
            guide: [B, 3, rows, columns] float, −1…1, of the film's memory.
        """
        size = [int(side) for side in context.shape[2:]]
        planes = torch.cat([context + noise, level.view(-1, 1, 1, 1).expand(-1, 1, *size), enlarged(guide)], 1)
        painted = self.paint(planes.to(self.paint.stem.weight.dtype))
        anew, gate = torch.tanh(painted[:, :3]), torch.sigmoid(painted[:, 3:] + GATE_BIAS)
        last = context[:, -3:].float()
        change = anew - last
        # Two rectifiers instead of a comparison: what is left of a change is continuous in it.
        change = F.relu(change - LEAST_CHANGE) - F.relu(-change - LEAST_CHANGE)
        return Painted(last + gate * change, anew)


class Packed(NamedTuple):
    """Picture of the enlarger, before its pixels are spread and corrected."""

    pixels: Tensor  # [B, 3, (scale/2)², 2h, 2w] float, in the order of `pixel_shuffle`
    missing: Tensor  # [B, 3, h, w] float, the correction: the small frame less the means of these pixels

    def picture(self) -> Tensor:
        """Return the picture, [B, 3, H, W] float, about −1…1."""
        return spread(self.pixels + _doubled(self.missing)[:, :, None])


class Smooth(nn.Module):
    """Bilinear enlargement of a small frame, packed as the pixels of the enlarger are.

    Of the doubled frame it is one fixed convolution, which costs a fraction of resizing to the picture's size. Its
    weights are no buffer: they stay single floats when a network is halved.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        ahead = (np.arange(scale // 2, dtype=np.float32) + 0.5) / scale
        taps = np.stack([0.5 - ahead, np.full_like(ahead, 0.5), ahead], 1)
        kernels = np.einsum("ai,bj->abij", taps, taps).reshape(-1, 3, 3)
        self._weight = torch.from_numpy(np.tile(kernels, (3, 1, 1))[:, None])

    def forward(self, small: Tensor, rows: int, columns: int) -> Tensor:
        """Map [B, 3, h, w] float to [B, 3 · (scale/2)², 2 · rows, 2 · columns] float, at the top and at the left."""
        padded = F.pad(_doubled(small.float()), (1, 1, 1, 1), mode="replicate")
        doubled = _cropped(padded, 2 * rows + 2, 2 * columns + 2)
        with torch.autocast(small.device.type, enabled=False):  # in half precision, flat skies would not be flat
            return F.conv2d(doubled, self._weight.to(small.device), groups=3)


class Enlarger(nn.Module):
    """Network that enlarges a small frame to a picture, whose reduction is that small frame again.

    Therefore the recurrence never sees what the enlarger adds: the enlarger stays out of the loop, although the state
    is the picture. It works at three sizes of the small frame: halved, to recognise; as it is; and doubled, to draw.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        half, whole, twice = config.enlarger_channels
        self.stem = nn.Conv2d(3, whole, 3, padding=1)
        self.down = nn.Conv2d(whole, half, 3, stride=2, padding=1)
        self.recognise = _blocks(half, 1)
        self.up = nn.Conv2d(half, whole, 3, padding=1)
        self.widen = nn.Conv2d(whole, twice, 3, padding=1)
        self.draw = _blocks(twice, 1)
        self.head = nn.Conv2d(twice, 3 * (config.scale // 2) ** 2, 3, padding=1)
        self.smooth = Smooth(config.scale)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, small: Tensor, rows: int | None = None, columns: int | None = None) -> Packed:
        """Draw the picture of a small frame.

        Args:
            small: [B, 3, h, w] float −1…1.
            rows: of the small frame that are drawn, at the top; None: all.
            columns: that are drawn, at the left; None: all.
        """
        height, width = _size(small)
        rows, columns = rows or height, columns or width
        x = F.relu(self.stem(small.to(self.stem.weight.dtype)))
        x = F.relu(_doubled(self.up(self.recognise(F.relu(self.down(x))))) + x)
        x = self.draw(_doubled(F.relu(self.widen(x))))
        details = _cropped(self.head(x), 2 * rows, 2 * columns)
        pixels = (details.float() + self.smooth(small, rows, columns)).unflatten(1, (3, -1))
        return Packed(pixels, _cropped(small, rows, columns).float() - F.avg_pool2d(pixels.mean(2), 2))


class Generator(nn.Module):
    """All networks of a bundle: reduce the context, predict a small frame, enlarge it."""

    def __init__(self, config: GeneratorConfig, memory: FilmMemory, dramaturgy: Dramaturgy) -> None:
        """Build networks of this shape, around the memory of a film and the order in which its shots are shown."""
        super().__init__()
        self.config = config
        self.memory = memory
        self.dramaturgy = dramaturgy
        self.recurrence = Recurrence(config)
        self.enlarger = Enlarger(config)

    def reduce(self, pictures: Tensor) -> Tensor:
        """Reduce pictures, [B, C, H, W] float, of multiples of the scale, to [B, C, h, w], the mean of their pixels."""
        small: Tensor = reduced(pictures.flatten(0, 1)[..., None], self.config.scale)[:, 0]
        return small.view(-1, pictures.shape[1], *small.shape[1:])

    def reduce_padded(self, pictures: Tensor) -> Tensor:
        """Reduce pictures of any size, [B, C, H, W] float, to [B, C, h, w], padded for the networks."""
        batch, channels, height, width = (int(side) for side in pictures.shape)  # numbers, also while a graph is traced
        scale, padded = self.config.scale, self.config.padded((width, height))
        small = reduced_padded(pictures.reshape(-1, height, width, 1), scale, padded)
        return small.reshape(batch, channels, padded[1] // scale, padded[0] // scale)

    def smooth(self, painted: Painted, guide: Tensor) -> Painted:
        """Replace what is painted by its guide, [B, 3, rows, columns] float −1…1, where that is even.

        Whatever passes leaves errors of a few levels behind. The gate is shut there afterwards, so they would stay, and
        become a weave in the skies.
        """
        batch, channels, height, width = (int(side) for side in painted.frame.shape)
        # Nothing changes shape here, but an exported graph must know it.
        even = enlarged(even_places(guide, self.memory.evenness)).reshape(batch, 1, height, width)
        known = enlarged(guide).reshape(batch, channels, height, width)
        return Painted(*(torch.lerp(each, known, even) for each in painted))

    def picture(self, small: Tensor, last_small: Tensor, last: Tensor) -> Tensor:
        """Enlarge a small frame, [B, 3, h, w] float, to uint8 [B, 3, H, W]; where nothing changes, the picture stands.

        Args:
            small: of the recurrence.
            last_small: like `small`, the frame before it.
            last: [B, 3, H, W] float −1…1, the picture before it, not padded.
        """
        # A ramp, because at a threshold the graph and torch could disagree.
        changes = ((small - last_small).abs().amax(1, keepdim=True) / UNSEEN - 1).clamp(0, 1)
        share = F.max_pool2d(changes, 2 * REACH + 1, stride=1, padding=REACH)
        scale, (height, width) = self.config.scale, _size(last)
        rows, columns = -(-height // scale), -(-width // scale)  # that are seen at least in part
        # Everything is in levels, and as small as can be: at the picture's size, each pass over it takes its time.
        drawn_share, (pixels, missing) = HALF_RANGE * share[:, :, :rows, :columns], self.enlarger(small, rows, columns)
        offset = drawn_share * missing + HALF_RANGE + 0.5  # a half more, so that cutting off the decimals rounds
        packed = _doubled(drawn_share)[:, :, None] * pixels + _doubled(offset)[:, :, None]
        last_share = F.interpolate(HALF_RANGE - drawn_share, scale_factor=(1.0, float(scale)), mode="nearest")
        padded = _padded(last, -width % scale, -height % scale).float()
        stands = last_share[:, :, :, None] * padded.unflatten(2, (-1, scale))
        picture = spread(packed) + stands.flatten(2, 3)
        if padded.shape != last.shape:  # the graph would also copy what it need not crop
            picture = picture[:, :, :height, :width]
        levels: Tensor = picture.clamp(0, 255).to(torch.uint8)
        return levels


def pixel_unshuffle(x: Tensor, scale: int) -> Tensor:
    """Compute `F.pixel_unshuffle`: [B, C, H, W] -> [B, C · scale², H / scale, W / scale].

    One axis after the other, here and below: ONNX Runtime is fast at moving one axis and slow at moving two.
    """
    batch, channels, height, width = (int(side) for side in x.shape)
    rows = x.reshape(batch, channels, height // scale, scale, width).transpose(2, 3)
    columns = rows.reshape(batch, channels, scale, -1, scale).transpose(3, 4)
    return columns.reshape(batch, channels * scale**2, height // scale, width // scale)


def pixel_shuffle(x: Tensor, scale: int) -> Tensor:
    """Compute `F.pixel_shuffle`: [B, C · scale², H, W] -> [B, C, H · scale, W · scale]."""
    batch, channels, height, width = (int(side) for side in x.shape)
    columns = x.reshape(batch, -1, scale, height * width).transpose(2, 3)
    rows = columns.reshape(batch, -1, scale, height, width * scale).transpose(2, 3)
    return rows.reshape(batch, channels // scale**2, height * scale, width * scale)


def spread(pixels: Tensor) -> Tensor:
    """Spread the pixels of `Packed`, [B, 3, n², h, w], to [B, 3, n · h, n · w]."""
    return pixel_shuffle(pixels.flatten(1, 2), math.isqrt(int(pixels.shape[2])))


def _size(x: Tensor) -> tuple[int, int]:
    """Return height and width as numbers, also while a graph is traced."""
    height, width = (int(side) for side in x.shape[2:])
    return height, width


def _padded(x: Tensor, right: int, below: int) -> Tensor:
    # A graph would copy what it need not pad, and below what it need not crop.
    return F.pad(x, (0, right, 0, below), mode="replicate") if right or below else x


def _cropped(x: Tensor, height: int, width: int) -> Tensor:
    if int(x.shape[2]) > height:
        x = x[:, :, :height]
    return x[..., :width] if int(x.shape[3]) > width else x


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def _blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(count)))


def parameter_count(network: nn.Module) -> int:
    """Return the number of trained parameters."""
    return sum(parameter.numel() for parameter in network.parameters())
