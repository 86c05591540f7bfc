"""Training of a film's generator, which reads from top to bottom in `FilmTrainer.step`."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
from torch import Tensor

from train.data.film_course import FilmCourse
from train.images.pixels import to_levels
from train.models.discriminators import Discriminators, PatchDiscriminator
from train.models.generator import Generator, GeneratorConfig
from train.models.show_step import NOISE_PER_TEMPERATURE, add_noise
from train.runtime.distributed import Team
from train.training.batch import Batch, next_batch
from train.training.losses import (
    adversarial_loss,
    camera_loss,
    discriminator_loss,
    feature_matching,
    l1,
    moving_l1,
    split_batch,
)
from train.training.recipes import FilmRecipe
from train.training.rollout_pool import RolloutPool
from train.training.trainer import Trainer, TrainingConfig, adam, optimizer_step, placed


class FilmTrainer(Trainer):
    """Networks, optimizers and pool of a film's training."""

    generator: Generator
    ema: Generator
    discriminators: Discriminators
    only_leader = ("pool",)

    def __init__(
        self,
        config: TrainingConfig,
        recipe: FilmRecipe,
        generator_config: GeneratorConfig,
        course: FilmCourse,
        device: torch.device,
        *,
        bf16: bool,
        team: Team = Team(),  # noqa: B008
    ) -> None:
        super().__init__(config, device, bf16=bf16, team=team)
        self.recipe, self.course, self.windows = recipe, course, course.windows
        self.generator = placed(Generator(generator_config, copy.deepcopy(course.memory)), device)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.discriminators = placed(Discriminators(generator_config.context_frames), device)
        self.picture_discriminator = placed(PatchDiscriminator(3, width=24), device)  # of the enlarger's pictures
        # A network is called through these where its gradient follows.
        self._recurrence = team.distribute(self.generator.recurrence)
        self._enlarger = team.distribute(self.generator.enlarger)
        self._discriminators = team.distribute(self.discriminators)
        self._picture_discriminator = team.distribute(self.picture_discriminator)
        self.optimizer_g = adam([self.generator], config.learning_rate)
        self.optimizer_d = adam([self.discriminators, self.picture_discriminator], config.learning_rate)
        self.pool = RolloutPool(recipe.pool, course, self.rng, camera_share=recipe.camera_share)

    @property
    def samples_per_step(self) -> int:
        """Frames generated in one step, over all processes."""
        return self.team.size * (self.config.batch + min(self.recipe.pool.drawn, self.recipe.pool.states))

    @property
    def stage(self) -> int:
        """1 once the enlarger has a discriminator, 0 before."""
        return int(self.steps >= self.recipe.enlarger_l1_steps)

    def step(self) -> dict[str, Tensor]:
        """Train all networks by one step on film windows and on states of the pool."""
        began = time.perf_counter()
        film_indices = self.windows.draw(self.config.batch, self.rng)
        batch = next_batch(film_indices, self.course, self.pool, self.recipe, self.rng)
        self.waiting_seconds += time.perf_counter() - began

        frames, scalars = self._train_recurrence(batch)
        drawn = batch.pool_draw
        self.pool.put_back(drawn, to_levels(frames[-len(drawn.slots) :]).to(torch.uint8))

        # The enlarger learns from film frames alone. When it also learned from generated frames, it drew specks on
        # everything that was unlike the film.
        count = max(2, self.config.batch // self.recipe.windows_per_picture)
        pictures = self.windows.pictures(batch.target_indices[:count])
        scalars |= self._train_enlarger(self.to_picture(pictures))

        self.steps += 1
        self.update_average()
        return scalars

    def _train_recurrence(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Train the recurrence and its discriminators; return the generated small frames and scalars."""
        recipe = self.recipe
        context, target, real = (
            self.to_picture(levels) for levels in (batch.contexts, batch.target_frames, batch.real_clips)
        )
        mask = batch.mask.float().to(self.device)
        temperature = torch.rand(len(context), generator=self.rng) * recipe.noise
        level = NOISE_PER_TEMPERATURE * temperature.to(self.device)
        noise = torch.randn(len(context), 1, *context.shape[2:], generator=self.rng).to(self.device)
        camera = mixes = None
        if batch.cameras:
            camera, mixes = batch.cameras.guides.to(self.device), batch.cameras.mixes.to(self.device)

        with self.autocast():
            guide = self.generator.guide(batch.next_pictures.to(self.device), camera, mixes)
            frame = self._recurrence(add_noise(context, noise, level), level, guide)
            fake = torch.cat([context, frame], 1)

            # Discriminators: clips of the film are real, clips that end with a generated frame are not. Both go through
            # in one batch: that is half as many calls, and the same weights for both, which spectral norm computes
            # anew in each call.
            self.discriminators.requires_grad_(True)
            seen_real, seen_fake = split_batch(self._discriminators(torch.cat([real, fake.detach()])), len(real))
            loss_d = discriminator_loss(seen_real, seen_fake)
        optimizer_step(loss_d, self.optimizer_d)

        with self.autocast():
            # Generator. The activations on real clips are those from before the discriminators' step: near enough.
            self.discriminators.requires_grad_(False)
            seen_fake = self.discriminators(fake)
            loss_adversarial = adversarial_loss(seen_fake)
            loss_features = feature_matching(seen_real, seen_fake, mask)
            loss_l1 = moving_l1(frame, target, context[:, -3:])
            loss_g = loss_adversarial + recipe.lambda_l1 * loss_l1 + recipe.lambda_features * loss_features
            scalars = {
                "loss/discriminators": loss_d.detach(),
                "loss/adversarial": loss_adversarial.detach(),
                "loss/features": loss_features.detach(),
                "loss/l1": loss_l1.detach(),
            }
            if batch.cameras and camera is not None and mixes is not None:
                camera_mask = batch.cameras.loss_mask.float().to(self.device)
                loss_camera = camera_loss(frame, target, camera, mixes, camera_mask)
                # Times the L1: the camera would lead a film that is painted well too far.
                loss_g = loss_g + recipe.lambda_camera * loss_l1.detach() * loss_camera
                scalars["loss/camera"] = loss_camera.detach()
        optimizer_step(loss_g, self.optimizer_g)
        return frame.detach(), scalars

    def _train_enlarger(self, real: Tensor) -> dict[str, Tensor]:
        """Train the enlarger, and later its discriminator, on pictures of the film [n, 3, H, W]; return scalars."""
        with self.autocast():
            enlarged = self._enlarger(self.generator.reduce(real))
            loss_l1 = l1(enlarged, real)
            loss_g = self.recipe.enlarger_lambda_l1 * loss_l1
        scalars = {"loss/lines_l1": loss_l1.detach()}
        if not self.stage:
            optimizer_step(loss_g, self.optimizer_g)
            return scalars

        with self.autocast():
            self.picture_discriminator.requires_grad_(True)
            pictures = torch.cat([real, enlarged.detach()])
            seen_real, seen_fake = split_batch([self._picture_discriminator(pictures)], len(real))
            loss_d = discriminator_loss(seen_real, seen_fake)
        optimizer_step(loss_d, self.optimizer_d)

        with self.autocast():
            self.picture_discriminator.requires_grad_(False)
            seen_fake = [self.picture_discriminator(enlarged)]
            loss_features = feature_matching(seen_real, seen_fake)
            loss_g = loss_g + adversarial_loss(seen_fake) + self.recipe.enlarger_lambda_features * loss_features
        optimizer_step(loss_g, self.optimizer_g)
        return {**scalars, "loss/lines_discriminator": loss_d.detach()}

    def parts(self) -> dict[str, Any]:
        """Return by name everything that has a state."""
        return {
            "generator": self.generator,
            "ema": self.ema,
            "discriminators": self.discriminators,
            "picture_discriminator": self.picture_discriminator,
            "optimizer_g": self.optimizer_g,
            "optimizer_d": self.optimizer_d,
            "pool": self.pool,
        }
