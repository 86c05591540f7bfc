"""The discriminator of pairs, for the recipes of pictures."""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn


class PatchDiscriminator(nn.Module):
    """PatchGAN (Isola et al. 2017, §3.2.2) with spectral norm (Miyato et al. 2018)."""

    def __init__(self, in_channels: int, width: int = 32) -> None:
        super().__init__()
        widths = [in_channels, width, 2 * width, 4 * width]
        layers: list[nn.Module] = [nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths)]
        layers.append(nn.Conv2d(widths[-1], widths[-1], 3, padding=1))
        layers.append(nn.Conv2d(widths[-1], 1, 3, padding=1))
        self.layers = nn.ModuleList(nn.utils.parametrizations.spectral_norm(layer) for layer in layers)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Return the activations of every layer; the last is the verdict on each patch, [B, 1, h, w].

        Args:
            pictures: [B, C, H, W] float, −1…1.
        """
        x, activations = pictures, []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
            activations.append(x)
        return [*activations, self.layers[-1](x)]
