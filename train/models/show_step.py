"""One step of the show, in torch: exactly the arithmetic of the exported graph.

Training, rollouts and the export all use this module, so that they cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from train.images.pixels import from_bytes, to_levels
from train.models.camera_guide import camera_guide
from train.models.film_memory import NO_SHOT
from train.models.generator import Generator
from train.models.unet import UNet256

NOISE_PER_TEMPERATURE = 0.015  # standard deviation of the noise at temperature 1, in the −1…1 range of the context
TURN = 2.0  # a state turns where temperature times its number exceeds this: one step in 44 at temperature 1
DISSOLVE = 0.3  # share of the way to what follows a jump inside of a shot, in a step; two or three show it
CALL_POWER = 6  # of the mix: at mix 0.5 a camera calls at one step in 64, every five seconds at twelve frames a second


def first_context(film_end: np.ndarray, context_frames: int) -> Tensor:
    """Turn the last K film frames, of uint8 RGB [n, H, W, 3], into a context, [1, 3K, H, W] float −1…1."""
    return from_bytes(torch.from_numpy(film_end[-context_frames:]).permute(0, 3, 1, 2).flatten(0, 1)[None])


def draw_noise(shape: tuple[int, ...], seed: int) -> Iterator[np.ndarray]:
    """Yield the noise of a rollout, float32 of this shape, standard normal: that of the stage with the same seed."""
    rng = np.random.default_rng(seed)
    while True:
        yield rng.standard_normal(shape, dtype=np.float32)


def random_number(noise: Tensor) -> Tensor:
    """Return one standard normal number for each state, [B] float.

    It is the sum of the noise over the standard deviation of that sum. It hardly depends on any single number.

    Args:
        noise: [B, C, h, w] float, standard normal.
    """
    count = math.prod(int(side) for side in noise.shape[1:])  # a number, also while a graph is traced
    drawn: Tensor = noise.sum((1, 2, 3)) / count**0.5
    return drawn


def turns(drawn: Tensor, temperature: Tensor) -> Tensor:
    """Return which states turn to another place of their shot: [B] float, 0 or 1.

    Args:
        drawn: [B] float, of `random_number`.
        temperature: [B] float, ≥ 0.
    """
    return (temperature * drawn > TURN).float()


def camera_calls(drawn: Tensor, mix: Tensor) -> Tensor:
    """Return whether a camera calls the continuation to the place of the film that resembles it: [B] float, 0 or 1.

    At mix 1 it calls in every step. At a lower mix, the film continues by itself for longer after each call.

    Args:
        drawn: [B] float, of `random_number`. A call needs a low number and a turn a high one, so that they hardly ever
            coincide.
        mix: [B] float, 0…1.
    """
    share = (1 + torch.erf(drawn / 2**0.5)) / 2  # uniform, 0…1
    return (share <= mix**CALL_POWER).float() * (mix > 0)


class ShowStep(nn.Module):
    """Graph of the bundle contract.

    (context, visits, noise, temperature[, camera, camera_mix]) -> (frame, next_context, next_visits).
    """

    output_names = ("frame", "next_context", "next_visits")

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator
        self.context_frames = generator.config.context_frames
        camera_names = ("camera", "camera_mix") if generator.config.camera else ()
        self.input_names = ("context", "visits", "noise", "temperature", *camera_names)

    def begin(self, context: Tensor) -> dict[str, Tensor]:
        """Return the state of a continuation that begins with a context, [1, 3K, H, W] float −1…1: inputs by name."""
        return {"context": context, "visits": torch.zeros(1, self.generator.dramaturgy.numbers, device=context.device)}

    def noise_shape(self, height: int, width: int) -> tuple[int, ...]:
        """Return the shape of the noise for pictures of this size: (1, 3K, h, w), that of the padded small context."""
        config = self.generator.config
        padded_width, padded_height = config.padded((width, height))
        return 1, 3 * config.context_frames, padded_height // config.scale, padded_width // config.scale

    def forward(
        self,
        context: Tensor,
        visits: Tensor,
        noise: Tensor,
        temperature: Tensor,
        camera: Tensor | None = None,
        camera_mix: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Compute one step.

        Args:
            context: [1, 3K, H, W] float or half, −1…1, oldest frame first.
            visits: [1, n] float, of `train.models.dramaturgy`; zeros at the beginning.
            noise: of `noise_shape`, float, standard normal. It is added to the context (GameNGen, Valevski et al. 2024,
                §3.2.1), independently for each channel.
            temperature: [1] float, ≥ 0.
            camera: uint8 RGB [H, W, 3]; this and the next only for a generator that a camera can play.
            camera_mix: [1] float, 0…1; at 0 the result is bit for bit that without a camera.

        Returns:
            frame uint8 RGB [H, W, 3], next_context like context, next_visits like visits. The frame that is fed back is
            the one that is shown, quantised to 8 bits (as in DIAMOND, Alonso et al. 2024): the screen shows all of the
            state but its notes.
        """
        generator, memory = self.generator, self.generator.memory
        level = NOISE_PER_TEMPERATURE * temperature
        small_context = generator.reduce(generator.pad(context).float())
        camera_light = calls = None
        drawn = random_number(noise)
        if camera is not None and camera_mix is not None:
            seen = generator.pad(from_bytes(camera.permute(2, 0, 1)[None]))
            camera_light = camera_guide(seen, memory.cells)
            calls = camera_calls(drawn, camera_mix)
            temperature = temperature * (1 - camera_mix)  # while a camera leads, there are no random turns
        memory_indices = memory.look_up(small_context, camera_light, calls)
        chance = temperature[:, None] * noise.flatten(1)[:, : generator.dramaturgy.shots]
        enter, next_visits = generator.dramaturgy(
            memory.shot_of(memory_indices), memory.at_end(memory_indices), visits, chance
        )
        if calls is not None:
            enter = torch.where(calls > 0, NO_SHOT, enter)
        turn = turns(drawn, temperature)
        next_pictures = memory.follow(memory_indices, small_context, turn, enter, camera_mix)
        guide = generator.guide(next_pictures, camera_light, camera_mix)
        small = generator.recurrence(small_context, level.view(-1, 1, 1, 1) * noise, level, guide).frame
        # The state is found at the end of its shot again until it is more like what follows, and so dissolves into it.
        dissolves = memory.jumps(memory_indices) & (enter == NO_SHOT)
        share = torch.where(dissolves, DISSOLVE, 1.0).view(-1, 1, 1, 1)
        small = torch.lerp(small_context[:, -3:], small, share)
        kept = context[:, 3:]
        # Of two frames, this is all: a slice of a slice would be another copy in the graph.
        last = kept if self.context_frames == 2 else kept[:, -3:]
        levels = generator.picture(small, small_context[:, -3:], last)
        newest = from_bytes(levels).to(context.dtype)
        return levels[0].permute(1, 2, 0), torch.cat([kept, newest], 1), next_visits


class PaperStep(nn.Module):
    """Graph of a bundle whose generator is the paper's U-Net: (context) -> (frame, next_context)."""

    input_names = ("context",)
    output_names = ("frame", "next_context")
    context_frames = 1

    def __init__(self, generator: UNet256) -> None:
        super().__init__()
        self.generator = generator

    def begin(self, context: Tensor) -> dict[str, Tensor]:
        """Return the state of a continuation that begins with a context, [1, 3, H, W] float −1…1: inputs by name."""
        return {"context": context}

    def noise_shape(self, height: int, width: int) -> tuple[int, ...]:
        """Return the shape of no noise."""
        return (0,)

    def forward(self, context: Tensor) -> tuple[Tensor, Tensor]:
        """Compute one step of `context`, [1, 3, H, W] float or half, −1…1; returns what `ShowStep` does."""
        frame, newest = show_picture(self.generator(context))
        return frame, newest.to(context.dtype)


FilmGenerator = Generator | UNet256


def show_step(generator: FilmGenerator) -> ShowStep | PaperStep:
    """Return the step of a show with this generator; it takes the inputs `input_names`, in their order."""
    return ShowStep(generator) if isinstance(generator, Generator) else PaperStep(generator)


def advance(step: ShowStep | PaperStep, inputs: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute one step from inputs by name, of which others than the step's are ignored.

    Returns:
        frame uint8 RGB [H, W, 3], and the next state: inputs by name.
    """
    outputs = dict(zip(step.output_names, step(*(inputs[name] for name in step.input_names)), strict=True))
    return outputs.pop("frame"), {name.removeprefix("next_"): value for name, value in outputs.items()}


def show_picture(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Quantise a picture, [1, 3, H, W] float: the frame, uint8 RGB [H, W, 3], and the same as float −1…1."""
    levels = to_levels(picture)
    return levels.squeeze(0).to(torch.uint8).permute(1, 2, 0), from_bytes(levels)
