"""Generators without memory and their discriminators: ours, fast on a CPU, and the paper's, for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.images.pixels import from_bytes, to_levels
from train.models.discriminators import PatchDiscriminator
from train.models.generator import ResidualU
from train.models.unet import UNet256
from train.pix2pix.camera_guide import camera_guide
from train.pix2pix.pairs import Use


@dataclass(frozen=True)
class TranslatorConfig:
    """Shape of a translator."""

    use: Use = "pairs"
    network: Literal["residual", "unet256"] = "residual"
    channels: tuple[int, ...] = (32, 64, 128, 256)  # of the residual network, at 1/2, 1/4, … of the picture size
    blocks: tuple[int, ...] = (0, 1, 1, 2)  # residual blocks at each of these sizes

    @property
    def multiple(self) -> int:
        """Width and height must be multiples of this many pixels."""
        return 256 if self.network == "unet256" else int(2 ** len(self.channels))

    @property
    def least_side(self) -> int:
        """Width and height must be at least this many pixels."""
        return max(32, self.multiple)


@dataclass(frozen=True)
class PicturePreset:
    """Picture size and the channels for it."""

    side: int  # of a square picture; other shapes get about as many pixels
    channels: tuple[int, ...]


# "small" suits a stage with two CPU cores, the others a stage with a GPU.
PICTURE_PRESETS = {
    "small": PicturePreset(256, (32, 64, 128, 256)),
    "medium": PicturePreset(512, (48, 96, 192, 384)),
    "wall": PicturePreset(768, (48, 96, 192, 384)),
}


class Reduction(nn.Module):
    """The part of a camera picture that the generator sees.

    A generator of pairs sees all of it. A generator of pictures sees only where light and dark are: the objects come
    from the pictures that it was trained on.
    """

    CELL = 16  # pixels per cell of light and dark

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.use = use
        self.channels = 3 if use == "pairs" else 1

    def forward(self, camera: Tensor) -> Tensor:
        """Reduce [B, 3, H, W] float −1…1 to [B, channels, H, W] float, about −1…1."""
        if self.use == "pairs":
            return camera
        height, width = camera.shape[2:]
        guide = camera_guide(camera, (height // self.CELL, width // self.CELL))
        return F.interpolate(guide, scale_factor=float(self.CELL), mode="bilinear")


class Translator(nn.Module):
    """Generator without memory: reduces the camera picture, and makes a new picture of the result."""

    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        self.config = config
        self.reduction = Reduction(config.use)
        channels = self.reduction.channels
        self.network: nn.Module = (
            UNet256(channels) if config.network == "unet256" else ResidualU(channels, config.channels, config.blocks)
        )

    def forward(self, camera: Tensor) -> Tensor:
        """Translate [B, 3, H, W] float −1…1; the result has the same shape and range."""
        picture: Tensor = self.network(self.reduction(camera))
        return (
            torch.tanh(picture) if isinstance(self.network, ResidualU) else picture
        )  # the U-Net has limits of its own


class CameraStep(nn.Module):
    """The graph that is exported: from camera to frame, both uint8 RGB [H, W, 3]."""

    def __init__(self, translator: Translator) -> None:
        super().__init__()
        self.translator = translator

    def forward(self, camera: Tensor) -> Tensor:
        """Return the frame for a camera picture."""
        picture = self.translator(from_bytes(camera.permute(2, 0, 1)[None]))
        return to_levels(picture)[0].permute(1, 2, 0).to(torch.uint8)


# ----------------------------------------------------------------------------
# Discriminators of pairs: what the generator sees, and what it shows.


class PairDiscriminators(nn.Module):
    """Two PatchGANs on pairs, at full and half size (as in pix2pixHD, Wang et al. 2018)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.at_full_size, self.at_half_size = PatchDiscriminator(channels + 3), PatchDiscriminator(channels + 3)

    def forward(self, seen: Tensor, shown: Tensor) -> list[list[Tensor]]:
        """Return the activations of each on [B, channels, H, W] and [B, 3, H, W]; the last of each is the verdict."""
        pair = torch.cat([seen, shown], 1)
        return [self.at_full_size(pair), self.at_half_size(F.avg_pool2d(pair, 2))]
