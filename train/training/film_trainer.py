"""The training: reads from top to bottom."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from train.data.film_windows import FilmWindows
from train.images.pixels import from_bytes, to_levels
from train.metrics.perceptual import PerceptualDistance
from train.models.discriminators import Discriminators, PatchDiscriminator
from train.models.generator import Generator, GeneratorConfig
from train.models.show_step import NOISE_PER_TEMPERATURE, add_noise
from train.runtime.distributed import Team
from train.training.batch import next_batch
from train.training.losses import (
    adversarial_loss,
    camera_loss,
    discriminator_loss,
    feature_matching,
    l1,
    mean_known,
    moving_l1,
    split_batch,
)
from train.training.recipes import Recipe
from train.training.rollout_pool import RolloutPool
from train.training.trainer import Trainer, TrainingConfig, adam, optimizer_step, placed

LAMBDA_L1_LINES, LAMBDA_FEATURES_LINES = 50.0, 10.0  # of the enlarger, in every recipe
UNJUDGED = 300  # steps before the enlarger is judged: a discriminator that wins from the start teaches it grids
LINES = 4  # film windows to each one that the enlarger is shown, whose pictures are the costly ones


class FilmTrainer(Trainer):
    """Networks, optimisers, pool and chance: what a checkpoint holds, and one training step."""

    generator: Generator
    ema: Generator
    judges: Discriminators
    only_leads = ("pool",)

    def __init__(
        self,
        config: TrainingConfig,
        recipe: Recipe,
        shape: GeneratorConfig,
        windows: FilmWindows,
        device: torch.device,
        *,
        bf16: bool,
        team: Team = Team(),  # noqa: B008
    ) -> None:
        super().__init__(config, device, bf16=bf16, team=team)
        self.recipe, self.windows = recipe, windows
        memory = copy.deepcopy(windows.memory) if shape.guided else None
        self.generator = placed(Generator(shape, memory), device)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.judges = placed(Discriminators(recipe.judges, shape.context_frames), device)
        self.picture_discriminator = placed(PatchDiscriminator(3, width=24), device)  # of the enlarger's pictures
        self.perceptual = placed(PerceptualDistance(), device) if recipe.lambda_perceptual else None
        self._recurrence, self._enlarger = (
            team.distribute(self.generator.recurrence),
            team.distribute(self.generator.enlarger),
        )
        self._judges, self._line_judge = team.distribute(self.judges), team.distribute(self.picture_discriminator)
        # The rates of both sides are equal.
        self.optimise_g = adam([self.generator], config.learning_rate)
        self.optimise_d = adam([self.judges, self.picture_discriminator], config.learning_rate)
        self.pool = RolloutPool(recipe.pool, windows, self.rng, camera=recipe.cameras) if recipe.pool.pool else None

    @property
    def samples_per_step(self) -> int:
        """Frames made and judged in one step, over all processes."""
        return self.team.size * (self.config.batch + (min(self.recipe.pool.drawn, self.recipe.pool.pool)))

    @property
    def stage(self) -> int:
        """1 from when on the enlarger is judged."""
        return int(self.steps >= UNJUDGED)

    def step(self) -> dict[str, Tensor]:
        """One step of both sides; scalars of it by name (on the device: reading them would wait for it)."""
        moments = self.windows.draw(self.config.batch, self.rng, circle=self.recipe.pool.circle)
        targets, scalars = self._go_on(moments)
        scalars |= self._enlarge(targets)
        self.steps += 1
        self.average()
        return scalars

    def _go_on(self, moments: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Train the recurrence on moments of the film and on states of the pool.

        Returns:
            the film's frames that should have followed, int64 [n], −1 where there is none; scalars.
        """
        recipe, began, scalars = self.recipe, time.perf_counter(), {}
        lesson = next_batch(moments, self.windows, self.pool, self.recipe, self.rng)
        self.waited += time.perf_counter() - began
        context, truth, real = (self._picture(each) for each in (lesson.contexts, lesson.truths, lesson.film))
        known, whole = (flags.float().to(self.device) for flags in (lesson.known, lesson.whole))
        heat = torch.rand(len(context), generator=self.rng) * recipe.noise
        level = NOISE_PER_TEMPERATURE * heat.to(self.device)
        noise = torch.randn(len(context), 1, *context.shape[2:], generator=self.rng).to(self.device)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            camera, mixes = self._placed_if(lesson.camera), self._placed_if(lesson.mixes)
            guide = self.generator.guide(self._placed_if(lesson.following), camera, mixes)
            frame = self._recurrence(add_noise(context, noise, level), level, guide)
            fake = torch.cat([context, frame], 1)

            # Discriminators: the film is real, whatever the generator made of any state is not.
            self.judges.requires_grad_(True)
            # Both at once: half as many calls, and both are judged by the very same weights, which spectral norm
            # makes anew for each call.
            seen_real, seen_fake = split_batch(self._judges(torch.cat([real, fake.detach()])), len(real))
            loss_d = discriminator_loss(seen_real, seen_fake)
        optimizer_step(loss_d, self.optimise_d)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            # Generator. The activations on the real clips are those from before the discriminators' step: near enough.
            self.judges.requires_grad_(False)
            seen_fake = self.judges(fake)
            loss_adversarial = adversarial_loss(seen_fake)
            loss_features = feature_matching(seen_real, seen_fake, whole)
            loss_l1 = moving_l1(frame, truth, known, context[:, -3:]) if recipe.moving else l1(frame, truth, known)
            loss_g = loss_adversarial + recipe.lambda_l1 * loss_l1 + recipe.lambda_features * loss_features
            if camera is not None and mixes is not None and lesson.led is not None:
                led = lesson.led.float().to(self.device)
                loss_camera = camera_loss(frame, truth, camera, mixes, led)
                # A film that is painted well by itself is easily led, and would be led too far.
                loss_g = loss_g + recipe.lambda_camera * loss_l1.detach() * loss_camera
                scalars["loss/camera"] = loss_camera.detach()
            if self.perceptual:  # as large as a picture, since so small a one is not recognised
                scale = float(self.generator.config.scale)
                seen, truly = (F.interpolate(each, scale_factor=scale, mode="bilinear") for each in (frame, truth))
                loss_g = loss_g + recipe.lambda_perceptual * mean_known(known, self.perceptual(seen, truly))
        optimizer_step(loss_g, self.optimise_g)

        if self.pool and lesson.draw:
            count = len(lesson.draw.slots)
            made = to_levels(frame.detach()[-count:]).to(torch.uint8)
            self.pool.put_back(lesson.draw, made, lesson.targets[-count:])
        scalars |= {
            "loss/discriminators": loss_d.detach(),
            "loss/adversarial": loss_adversarial.detach(),
            "loss/features": loss_features.detach(),
            "loss/l1": loss_l1.detach(),
        }
        return lesson.targets, scalars

    def _enlarge(self, targets: Tensor) -> dict[str, Tensor]:
        """Train the enlarger on film frames, whose lines are known.

        On them alone: when dreams were judged too, it learnt to strew specks over what is like nothing in the film.
        """
        count = max(2, self.config.batch // LINES)
        real = self._picture(self.windows.pictures(targets[targets >= 0][:count]))
        known = torch.ones(len(real), device=self.device)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            drawn = self._enlarger(self.generator.reduce(real))
            loss_l1 = l1(drawn, real, known)
            loss_g = LAMBDA_L1_LINES * loss_l1
            if self.perceptual:
                loss_g = loss_g + self.recipe.lambda_perceptual * self.perceptual(drawn, real).mean()
        scalars = {"loss/lines_l1": loss_l1.detach()}
        if not self.stage:
            optimizer_step(loss_g, self.optimise_g)
            return scalars

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            self.picture_discriminator.requires_grad_(True)
            seen_real, seen_fake = split_batch([self._line_judge(torch.cat([real, drawn.detach()]))], len(real))
            loss_d = discriminator_loss(seen_real, seen_fake)
        optimizer_step(loss_d, self.optimise_d)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            self.picture_discriminator.requires_grad_(False)
            seen_fake = [self.picture_discriminator(drawn)]
            loss_features = feature_matching(seen_real, seen_fake, known)
            loss_g = loss_g + adversarial_loss(seen_fake) + LAMBDA_FEATURES_LINES * loss_features
        optimizer_step(loss_g, self.optimise_g)
        return {**scalars, "loss/lines_discriminator": loss_d.detach()}

    def _placed_if(self, tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else tensor.to(self.device)

    def _picture(self, pictures: Tensor) -> Tensor:
        """uint8 from the film or the pool -> float −1…1 on the device."""
        return from_bytes(pictures.to(self.device).contiguous(memory_format=torch.channels_last))

    def parts(self) -> dict[str, Any]:
        """By name, all that has a state."""
        parts = {
            "generator": self.generator,
            "ema": self.ema,
            "judges": self.judges,
            "line_judge": self.picture_discriminator,
            "optimise_g": self.optimise_g,
            "optimise_d": self.optimise_d,
        }
        return {**parts, "pool": self.pool} if self.pool else parts
