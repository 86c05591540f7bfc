"""Discriminators of frames and clips."""

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
            pictures: [B, C, H, W] float, −1…1: one frame, or the frames of a clip.
        """
        x, activations = pictures, []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
            activations.append(x)
        return [*activations, self.layers[-1](x)]


DISCRIMINATORS = ("frame", "clip", "pair")


class Discriminators(nn.Module):
    """The discriminators that a recipe names."""

    def __init__(self, names: tuple[str, ...], context_frames: int, width: int = 32) -> None:
        """Build the discriminators.

        Args:
            names: of DISCRIMINATORS: "frame" sees the newest frame; "clip" the K context frames and the newest;
                "pair" the newest context frame and the newest, as in pix2pix.
            context_frames: K.
            width: channels of the first layer.
        """
        super().__init__()
        channels = {"frame": 3, "clip": 3 * (context_frames + 1), "pair": 6}
        self._channels = [channels[name] for name in names]
        self.of_clips = nn.ModuleDict({name: PatchDiscriminator(channels[name], width) for name in names})

    def forward(self, clip: Tensor) -> list[list[Tensor]]:
        """Return each discriminator's activations on small clips [B, 3(K+1), h, w], oldest frame first."""
        return [
            discriminator(clip[:, -channels:])
            for discriminator, channels in zip(self.of_clips.values(), self._channels, strict=True)
        ]
