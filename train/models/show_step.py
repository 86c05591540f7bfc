"""One step of the show, in torch: the very arithmetic that the exported graph does.

Training, rollouts and the export all go through here, so that they cannot disagree.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from train.images.pixels import from_bytes, to_levels
from train.models.camera_guide import camera_guide
from train.models.film_memory import MIDDLE, bands
from train.models.generator import Generator

NOISE_PER_TEMPERATURE = 0.015  # standard deviation, in the −1…1 range of the context, that temperature 1 adds
TURN = 2.0  # temperature times a standard normal number from which on a band turns: one step in 44 at temperature 1

CALM = 6  # power of the mix: by half a camera calls at one step in 64, every five seconds of a film of twelve frames


def first_context(film_end: np.ndarray, context_frames: int) -> Tensor:
    """The last K of film frames uint8 RGB [n, H, W, 3] as a context, [1, 3K, H, W] float −1…1."""
    return from_bytes(torch.from_numpy(film_end[-context_frames:]).permute(0, 3, 1, 2).flatten(0, 1)[None])


def add_noise(context: Tensor, noise: Tensor, level: Tensor) -> Tensor:
    """Context augmentation (GameNGen, Valevski et al. 2024, §3.2.1), from one plane of noise.

    Every channel gets the same plane shifted by another offset: as good as independent noise, while
    the stage need draw and carry only [1, 1, H, W].

    Args:
        context: [B, 3K, H, W] float.
        noise: [B, 1, H, W] float, standard normal.
        level: [B] float, standard deviation.
    """
    height, width = noise.shape[-2:]
    channels = context.shape[1]
    shifted = [torch.roll(noise, (c * height // channels, c * width // channels), dims=(2, 3)) for c in range(channels)]
    return context + level.view(-1, 1, 1, 1) * torch.cat(shifted, 1)


def chances(noise: Tensor) -> Tensor:
    """What decides of each band of the picture: [B, BANDS] float, standard normal.

    The weighted sum of a plane of noise, over its standard deviation, is a standard normal number of its own, which
    hardly any of its pixels knows.

    Args:
        noise: [B, 1, H, W] float, standard normal.
    """
    height, width = noise.shape[-2:]
    parts = bands(width).to(noise.device)
    # As a product of matrices, ONNX Runtime adds up columns three times as fast.
    columns = torch.ones(1, height, device=noise.device) @ noise.squeeze(1)
    return columns.squeeze(1) @ (parts / (height**0.5 * parts.norm(dim=1, keepdim=True))).T


def turns(drawn: Tensor, temperature: Tensor) -> Tensor:
    """Which bands chance takes elsewhere: [B, BANDS] float, 0 or 1.

    Args:
        drawn: [B, BANDS] float, of `chances`.
        temperature: [B] float, ≥ 0.
    """
    return (temperature[:, None] * drawn > TURN).float()


def called(drawn: Tensor, mix: Tensor) -> Tensor:
    """Whether a camera calls the dream to the moment that suits it: [B] float, 0 or 1.

    At mix 1 in every step. The less closely it is followed, the longer the film goes on from there by itself.

    Args:
        drawn: [B, BANDS] float, of `chances`: its other end, so that a turn and a call are not one.
        mix: [B] float, 0…1.
    """
    share = (1 + torch.erf(drawn[:, MIDDLE] / 2**0.5)) / 2  # uniform, 0…1
    return (share <= mix**CALM).float() * (mix > 0)


class ShowStep(nn.Module):
    """(context, noise, temperature[, camera, camera_mix]) -> (frame, next_context): the graph of the contract."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(
        self,
        context: Tensor,
        noise: Tensor,
        temperature: Tensor,
        camera: Tensor | None = None,
        camera_mix: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """One step.

        Args:
            context: [1, 3K, H, W] float or half, −1…1, oldest frame first.
            noise: [1, 1, H, W] float, standard normal.
            temperature: [1] float, ≥ 0.
            camera: uint8 RGB [H, W, 3]; this and the next only for a generator that a camera can play.
            camera_mix: [1] float, 0…1; at 0 the film goes on bit for bit as if there were no camera.

        Returns:
            frame uint8 RGB [H, W, 3], next_context like context. What is fed back is what was shown,
            quantised to 8 bits (as in DIAMOND, Alonso et al. 2024): the state can be read off the screen.
        """
        generator, memory = self.generator, self.generator.memory
        level = NOISE_PER_TEMPERATURE * temperature
        # The mean of scale² independent numbers has 1/scale of their deviation.
        small_noise = generator.reduce(noise) * generator.config.scale
        small_context = generator.reduce(context.float())
        seen = following = None
        if memory is not None:
            if camera is not None and camera_mix is not None:
                seen = camera_guide(from_bytes(camera.permute(2, 0, 1)[None]), memory.cells)
                temperature = temperature * (1 - camera_mix)  # who is led does not wander off
            drawn = chances(noise)
            places = memory.look_up(small_context, seen, None if camera_mix is None else called(drawn, camera_mix))
            following = memory.follow(places, small_context, turns(drawn, temperature), camera_mix)
        guide = generator.guide(following, seen, camera_mix)
        small = generator.recurrence(add_noise(small_context, small_noise, level), level, guide)
        picture = generator.enlarger(small)
        levels = to_levels(picture)
        frame = levels.squeeze(0).to(torch.uint8).permute(1, 2, 0)
        return frame, torch.cat([context[:, 3:], from_bytes(levels).to(context.dtype)], 1)
