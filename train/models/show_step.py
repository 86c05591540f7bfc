"""One step of the show, in torch: exactly the arithmetic of the exported graph.

Training, rollouts and the export all use this module, so that they cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.images.pixels import from_bytes, to_levels
from train.models.camera_motion import PLANES, CameraMotion, Movement, drag
from train.models.film_memory import NO_SHOT
from train.models.generator import Generator
from train.models.reduction import reduced_padded
from train.models.unet import UNet256

NOISE_PER_TEMPERATURE = 0.015  # standard deviation of the noise at temperature 1, in the −1…1 range of the context
TURN = 2.0  # a state turns where temperature times its number exceeds this: one step in 44 at temperature 1
DISSOLVE = 0.3  # share of the way to what follows a jump inside of a shot, in a step; two or three show it
MOST_PLACES = 64  # in a row, in which a camera's movement is found
AWAY = 0.5  # of the film's circle: how far away the moment lies that is seen where something moves
LEAST_WEIGHT = 0.05  # of a cell in which something moves: where all of it moves, the picture is still looked up
MOST_MOVING = 0.5  # share of the picture: when so much of it moves, no other moment is seen


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


class Look(NamedTuple):
    """Context and movement of a step, as a camera leaves them."""

    shown: Tensor  # [B, 3, h, w] float −1…1, the small frame that is on the screen
    context: Tensor  # [B, 3K, h, w] float −1…1, the small context, dragged by the camera
    weights: Tensor  # [B, 1, rows, columns] float 0…1, how much each cell counts when the memory is looked up
    held: Tensor  # [B] float 0…1, how far time is held where nothing moves
    movement: Movement
    next_movement: Tensor


class ShowStep(nn.Module):
    """Graph of the bundle contract.

    (context, visits, movement, noise, temperature, camera, camera_mix) -> (frame, next_context, next_visits,
    next_movement).
    """

    input_names = ("context", "visits", "movement", "noise", "temperature", "camera", "camera_mix")
    output_names = ("frame", "next_context", "next_visits", "next_movement")

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator
        self.context_frames = generator.config.context_frames
        rows, columns = generator.memory.cells
        per_cell = next(number for number in (4, 2, 1) if number * columns <= MOST_PLACES or number == 1)
        self.motion = CameraMotion((per_cell * rows, per_cell * columns), float(generator.dramaturgy.step_seconds))

    def begin(self, context: Tensor) -> dict[str, Tensor]:
        """Return the state of a continuation that begins with a context, [1, 3K, H, W] float −1…1: inputs by name."""
        return {
            "context": context,
            "visits": torch.zeros(1, self.generator.dramaturgy.numbers, device=context.device),
            "movement": torch.zeros(1, PLANES, *self.motion.places, device=context.device),
        }

    def noise_shape(self, height: int, width: int) -> tuple[int, ...]:
        """Return the shape of the noise for pictures of this size: (1, 3K, h, w), that of the padded small context."""
        config = self.generator.config
        padded_width, padded_height = config.padded((width, height))
        return 1, 3 * config.context_frames, padded_height // config.scale, padded_width // config.scale

    def look(self, context: Tensor, movement: Tensor, camera: Tensor, camera_mix: Tensor) -> Look:
        """Find what moves in front of the camera, and drag the small context along; arguments as of `forward`."""
        generator, mix = self.generator, camera_mix.view(-1, 1, 1, 1)
        small = generator.reduce_padded(context.float())
        found, next_movement = self.motion(self._places(camera), movement)
        return Look(
            shown=small[:, -3:],
            context=drag(small, mix * found.flow),
            weights=F.avg_pool2d(
                1 - (1 - LEAST_WEIGHT) * mix * found.moving, self.motion.places[0] // generator.memory.cells[0]
            ),
            # More than the mix, because a dream that goes on at half its pace hides a hand.
            held=found.lively * (1 - (1 - camera_mix).square()),
            movement=found,
            next_movement=next_movement,
        )

    def forward(
        self,
        context: Tensor,
        visits: Tensor,
        movement: Tensor,
        noise: Tensor,
        temperature: Tensor,
        camera: Tensor,
        camera_mix: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Compute one step.

        Args:
            context: [1, 3K, H, W] float or half, −1…1, oldest frame first.
            visits: [1, n] float, of `train.models.dramaturgy`; zeros at the beginning.
            movement: [1, PLANES, r, c] float, of `train.models.camera_motion`; zeros at the beginning.
            noise: of `noise_shape`, float, standard normal. It is added to the context (GameNGen, Valevski et al. 2024,
                §3.2.1), independently for each channel.
            temperature: [1] float, ≥ 0.
            camera: uint8 RGB [H, W, 3].
            camera_mix: [1] float, 0…1; at 0 the frame is bit for bit the same whatever the camera sees.

        Returns:
            frame uint8 RGB [H, W, 3], next_context like context, next_visits like visits, next_movement like movement.
            The frame that is fed back is the one that is shown, quantised to 8 bits (as in DIAMOND, Alonso et al.
            2024): the screen shows all of the state but its notes.
        """
        generator, memory = self.generator, self.generator.memory
        level = NOISE_PER_TEMPERATURE * temperature
        look = self.look(context, movement, camera, camera_mix)
        drawn = random_number(noise)
        # States are looked up as they lean, or time would run on too slowly or too fast.
        memory_indices = memory.look_up(look.context, look.weights, self._lean(visits, temperature))
        chance = temperature[:, None] * noise.flatten(1)[:, : generator.dramaturgy.shots]
        enter, next_visits = generator.dramaturgy(
            memory.shot_of(memory_indices), memory.at_end(memory_indices), visits, chance
        )
        turn = turns(drawn, temperature * (1 - look.held))  # while time is held, there are no random turns
        next_pictures = memory.follow(memory_indices, look.context, turn, enter, look.held)
        guide = self._guide(next_pictures, look.movement, camera_mix, self._lean(next_visits, temperature))
        painted = generator.recurrence(look.context, level.view(-1, 1, 1, 1) * noise, level, guide)
        small = generator.smooth(painted, guide).frame
        # The state is found at the end of its shot again until it is more like what follows, and so dissolves into it.
        dissolves = memory.jumps(memory_indices) & (enter == NO_SHOT)
        share = torch.where(dissolves, DISSOLVE, 1.0).view(-1, 1, 1, 1)
        now = F.interpolate(look.movement.now, small.shape[2:], mode="bilinear")
        share = share * (1 - look.held.view(-1, 1, 1, 1) * (1 - now))
        small = torch.lerp(look.context[:, -3:], small, share)
        kept = context[:, 3:]
        # Of two frames, this is all: a slice of a slice would be another copy in the graph.
        last = kept if self.context_frames == 2 else kept[:, -3:]
        levels = generator.picture(small, look.shown, last)
        newest = from_bytes(levels).to(context.dtype)
        return levels[0].permute(1, 2, 0), torch.cat([kept, newest], 1), next_visits, look.next_movement

    def _places(self, camera: Tensor) -> Tensor:
        """Return a camera picture, uint8 RGB [H, W, 3], as the mean colours of its places, float −1…1 [1, 3, r, c]."""
        height, width = (int(side) for side in camera.shape[:2])
        padded = self.generator.config.padded((width, height))
        return from_bytes(reduced_padded(camera[None].float(), padded[1] // self.motion.places[0], padded))

    def _lean(self, visits: Tensor, temperature: Tensor) -> Tensor:
        """Return by how many pictures of the memory the right edge of the picture is ahead of the left: float [B]."""
        dramaturgy, memory = self.generator.dramaturgy, self.generator.memory
        return memory.pictures_per_step / dramaturgy.step_seconds * dramaturgy.lean(visits, temperature)

    def _guide(self, next_pictures: Tensor, found: Movement, camera_mix: Tensor, lean: Tensor) -> Tensor:
        """Return the guide, [B, 3, rows, columns]: where something moves, another moment of the film, dragged along."""
        memory, mix = self.generator.memory, camera_mix.view(-1, 1, 1, 1)
        guide = memory.guide(next_pictures, lean)
        count = int(memory.luma.shape[0])  # a number, also while a graph is traced
        # In floats: not every provider divides integers.
        place = next_pictures.float() + AWAY * count + found.moments
        elsewhere = memory.guide((place - count * (place / count).floor()).clamp(0, count - 1).long())
        # Where all of the picture moved, it would change places with the other moment in every few steps.
        tapered = (2 - found.moving.mean((1, 2, 3), keepdim=True) / MOST_MOVING * 2).clamp(0, 1)
        moving = F.interpolate(mix * tapered * found.moving, guide.shape[2:], mode="bilinear")
        return drag(torch.lerp(guide, elsewhere, moving), mix * found.dragged)


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
