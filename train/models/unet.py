"""Networks of pix2pix (Isola et al. 2017): its U-Net for 256×256 pictures, and its discriminator of 70×70 patches.

The paper trains with batches of one, and normalises each batch by its own statistics when it tests, too. That is
instance normalisation, and is written so here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class UNetConfig:
    """Shape of a film's generator that is the paper's U-Net: it leaves no choice."""

    network: Literal["unet256"] = "unet256"
    context_frames: int = 1

    @property
    def camera(self) -> bool:
        """True if a camera can play it."""
        return False

    @property
    def scale(self) -> int:
        """Size of the picture over that which the network sees."""
        return 1

    @property
    def multiple(self) -> int:
        """Width and height must be multiples of this many pixels."""
        return 256

    def padded(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the size (W, H) itself: nothing is padded."""
        return size

    @property
    def least_side(self) -> int:
        """Width and height must be at least this many pixels."""
        return 256


class UNet256(nn.Module):
    """U-Net of the paper (appendix 6.1.1): 54.4 M parameters, 6.0 GMAC at 256×256.

    Dropout is for training only, so that the exported graph is one function of its input. The bottleneck has no
    normalisation: at 256×256 it is a single pixel, which normalisation would set to zero.
    """

    WIDTHS = (64, 128, 256, 512, 512, 512, 512, 512)
    DROPOUT_LAYERS = 3  # the first ones on the way up

    def __init__(self, channels: int = 3) -> None:
        """Make a network with random weights for inputs of so many channels."""
        super().__init__()
        inner = len(self.WIDTHS) - 1
        widths_down = pairwise((channels, *self.WIDTHS))
        self.down = nn.ModuleList(
            _layer(nn.Conv2d, *widths, norm=0 < i < inner) for i, widths in enumerate(widths_down)
        )
        widths_up = [(2 * b if i < inner else b, a) for i, (a, b) in enumerate(pairwise((3, *self.WIDTHS)))]
        self.up = nn.ModuleList(
            _layer(nn.ConvTranspose2d, *widths, norm=i < inner) for i, widths in enumerate(reversed(widths_up))
        )
        self.apply(_initialise)

    def forward(self, seen: Tensor) -> Tensor:
        """Paint pictures, [B, 3, H, W] float −1…1, from [B, channels, H, W] float."""
        x, skips = seen, []
        for down in self.down:
            x = F.leaky_relu(down(x), 0.2)
            skips.append(x)
        skips.pop()
        for number, up in enumerate(self.up):
            x = up(F.relu(x))
            if number < self.DROPOUT_LAYERS:
                x = F.dropout(x, 0.5, self.training)
            if skips:
                x = torch.cat([x, skips.pop()], 1)
        return torch.tanh(x.float())


class PaperDiscriminator(nn.Module):
    """Discriminator of pairs, each of whose verdicts sees 70×70 pixels (appendix 6.1.2)."""

    def __init__(self, channels: int = 3) -> None:
        """Make a network with random weights for inputs of so many channels, beside the picture's three."""
        super().__init__()
        widths = (channels + 3, 64, 128, 256, 512)
        self.layers = nn.ModuleList(
            _layer(nn.Conv2d, a, b, norm=i > 0, stride=2 if i < 3 else 1) for i, (a, b) in enumerate(pairwise(widths))
        )
        self.verdict = nn.Conv2d(widths[-1], 1, 4, padding=1)
        self.apply(_initialise)

    def forward(self, seen: Tensor, shown: Tensor) -> list[list[Tensor]]:
        """Return the activations of all layers, the last of which is the verdict, in a list for one discriminator.

        Args:
            seen: [B, channels, H, W] float, the generator's input.
            shown: [B, 3, H, W] float −1…1, its picture or the real one.
        """
        x, activations = torch.cat([seen, shown], 1), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            activations.append(x)
        return [[*activations, self.verdict(x)]]


def _layer(
    kind: type[nn.Conv2d] | type[nn.ConvTranspose2d], a: int, b: int, *, norm: bool, stride: int = 2
) -> nn.Sequential:
    layers: list[nn.Module] = [kind(a, b, 4, stride=stride, padding=1, bias=not norm)]
    return nn.Sequential(*layers, *([nn.InstanceNorm2d(b, affine=True)] if norm else []))


def _initialise(module: nn.Module) -> None:
    """Draw the weights of one module as in appendix 6.2."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.InstanceNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
