"""Generators without memory and their discriminators: ours, fast on a CPU, and those of the paper, to compare."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.errors import SizeError
from train.images.pixels import from_bytes, to_levels
from train.models.camera_guide import camera_guide
from train.models.discriminators import PatchDiscriminator
from train.models.generator import ResidualU
from train.pix2pix.pairs import Size, Use


@dataclass(frozen=True)
class TranslatorConfig:
    """Shape of a translator."""

    use: Use = "pairs"
    network: Literal["residual", "unet256"] = "residual"
    channels: tuple[int, ...] = (32, 64, 128, 256)  # of the residual network, at 1/2, 1/4, … of the picture
    blocks: tuple[int, ...] = (0, 1, 1, 2)  # residual blocks at each of these

    @property
    def multiple(self) -> int:
        """Width and height must be multiples of this many pixels."""
        return 256 if self.network == "unet256" else int(2 ** len(self.channels))


@dataclass(frozen=True)
class Preset:
    """A size of picture and the channels for it."""

    side: int  # of a square, and about as many pixels for another shape
    channels: tuple[int, ...]


# For a stage on two CPU cores; for stages with a GPU.
PRESETS = {
    "small": Preset(256, (32, 64, 128, 256)),
    "medium": Preset(512, (48, 96, 192, 384)),
    "large": Preset(768, (48, 96, 192, 384)),
}


class Reduction(nn.Module):
    """What is seen of a camera: all of it by a generator of pairs; of pictures, only where light and dark is.

    What things are is left to the pictures that were learnt.
    """

    CELL = 16

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.use = use
        self.planes = 3 if use == "pairs" else 1

    def forward(self, camera: Tensor) -> Tensor:
        """[B, 3, H, W] float −1…1 -> [B, planes, H, W] float, about −1…1."""
        if self.use == "pairs":
            return camera
        height, width = camera.shape[2:]
        guide = camera_guide(camera, (height // self.CELL, width // self.CELL))
        return F.interpolate(guide, scale_factor=float(self.CELL), mode="bilinear")


class UNet256(nn.Module):
    """The paper's U-Net for 256×256 (Isola et al. 2017, appendix 6.1.1): 54.4 M parameters, 6.0 GMAC.

    Batch norm over a batch of one is instance norm, and is written so; dropout is for training alone, so that the
    exported graph is one function of the camera.
    """

    WIDTHS = (64, 128, 256, 512, 512, 512, 512, 512)
    DROPPED = 3  # of the layers on the way up, the first ones

    def __init__(self, planes: int) -> None:
        super().__init__()
        inner = len(self.WIDTHS) - 1
        ways_down = pairwise((planes, *self.WIDTHS))
        self.down = nn.ModuleList(
            _paper_layer(nn.Conv2d, *widths, norm=0 < i < inner) for i, widths in enumerate(ways_down)
        )
        ways_up = [(2 * b if i < inner else b, a) for i, (a, b) in enumerate(pairwise((3, *self.WIDTHS)))]
        self.up = nn.ModuleList(
            _paper_layer(nn.ConvTranspose2d, *widths, norm=i < inner) for i, widths in enumerate(reversed(ways_up))
        )
        self.apply(_paper_weights)

    def forward(self, seen: Tensor) -> Tensor:
        """[B, planes, H, W] float -> [B, 3, H, W] float −1…1."""
        x, skips = seen, []
        for down in self.down:
            x = F.leaky_relu(down(x), 0.2)
            skips.append(x)
        skips.pop()
        for number, up in enumerate(self.up):
            x = up(F.relu(x))
            if number < self.DROPPED:
                x = F.dropout(x, 0.5, self.training)
            if skips:
                x = torch.cat([x, skips.pop()], 1)
        return torch.tanh(x.float())


class Translator(nn.Module):
    """What a bundle holds: reduce the camera, paint the picture."""

    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        self.config = config
        self.reduce = Reduction(config.use)
        planes = self.reduce.planes
        self.network: nn.Module = (
            UNet256(planes) if config.network == "unet256" else ResidualU(planes, config.channels, config.blocks)
        )

    def forward(self, camera: Tensor) -> Tensor:
        """[B, 3, H, W] float −1…1 -> the same."""
        return self.network(self.reduce(camera))


class CameraStep(nn.Module):
    """camera -> frame, both uint8 RGB [H, W, 3]: the graph of the bundle contract."""

    def __init__(self, translator: Translator) -> None:
        super().__init__()
        self.translator = translator

    def forward(self, camera: Tensor) -> Tensor:
        """One step, of which nothing is remembered."""
        picture = self.translator(from_bytes(camera.permute(2, 0, 1)[None]))
        return to_levels(picture)[0].permute(1, 2, 0).to(torch.uint8)


def check_size(size: Size, config: TranslatorConfig) -> None:
    """Raise SizeError unless the translator can take pictures of `size`."""
    width, height = size
    step = config.multiple
    if width % step or height % step or min(size) < 32:
        raise SizeError(
            f"the network cannot take {width}x{height}: width and height must be multiples of {step}, at least 32; "
            "give another --size, such as 256x256"
        )


# ----------------------------------------------------------------------------
# Discriminators: is this what should be shown for that?


class PairDiscriminators(nn.Module):
    """PatchGANs on pairs of what is seen and what is shown, at two sizes (as in pix2pixHD, Wang et al. 2018)."""

    def __init__(self, planes: int) -> None:
        super().__init__()
        self.judges = nn.ModuleList(PatchDiscriminator(planes + 3) for _ in range(2))

    def forward(self, seen: Tensor, shown: Tensor) -> list[list[Tensor]]:
        """Activations of each on [B, planes, H, W] and [B, 3, H, W] float; the last of each is the verdict."""
        pair = torch.cat([seen, shown], 1)
        full, half = self.judges
        return [full(pair), half(F.avg_pool2d(pair, 2))]


class PaperDiscriminator(nn.Module):
    """The paper's discriminator of pairs, which sees 70×70 pixels (Isola et al. 2017, appendix 6.1.2)."""

    def __init__(self, planes: int) -> None:
        super().__init__()
        widths = (planes + 3, 64, 128, 256, 512)
        self.layers = nn.ModuleList(
            _paper_layer(nn.Conv2d, a, b, norm=i > 0, stride=2 if i < 3 else 1)
            for i, (a, b) in enumerate(pairwise(widths))
        )
        self.verdict = nn.Conv2d(widths[-1], 1, 4, padding=1)
        self.apply(_paper_weights)

    def forward(self, seen: Tensor, shown: Tensor) -> list[list[Tensor]]:
        """As of `PairDiscriminators`, which are many."""
        x, activations = torch.cat([seen, shown], 1), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            activations.append(x)
        return [[*activations, self.verdict(x)]]


def _paper_layer(
    kind: type[nn.Conv2d] | type[nn.ConvTranspose2d], a: int, b: int, *, norm: bool, stride: int = 2
) -> nn.Sequential:
    layers: list[nn.Module] = [kind(a, b, 4, stride=stride, padding=1, bias=not norm)]
    return nn.Sequential(*layers, *([nn.InstanceNorm2d(b, affine=True)] if norm else []))


def _paper_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.InstanceNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
