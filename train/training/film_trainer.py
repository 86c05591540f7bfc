"""Training of a film's generator, which reads from top to bottom in `FilmTrainer.step`."""

from __future__ import annotations

import copy
import math
import time
from typing import Any

import torch
from torch import Tensor

from train.data.film_course import FilmCourse
from train.images.pixels import to_levels
from train.models.generator import Generator, GeneratorConfig
from train.models.show_step import NOISE_PER_TEMPERATURE
from train.runtime.distributed import Team
from train.training.batch import Batch, film_batch, pool_batch
from train.training.losses import l1, moving_l1
from train.training.recipes import FilmRecipe
from train.training.rollout_pool import RolloutPool
from train.training.trainer import Trainer, TrainingConfig, adam, optimizer_step, placed, set_rate

BETAS = (0.9, 0.99)  # of Adam: nothing here is trained against a discriminator
WARM_UP_STEPS = 100  # in which the learning rates rise
LAST_RATE = 0.05  # of a learning rate, at the end of its stage


class FilmTrainer(Trainer):
    """Networks, optimizers and pool of a film's training.

    In the first stage, the recurrence learns from film frames alone; in the second, also to go on from its own frames.
    The enlarger learns from film frames in both.
    """

    generator: Generator
    ema: Generator
    only_leader = ("pool",)
    last_stage = 1

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
        self.generator = placed(Generator(generator_config, copy.deepcopy(course.memory), course.dramaturgy), device)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        # A network is called through these where its gradient follows.
        self._recurrence = team.distribute(self.generator.recurrence)
        self._enlarger = team.distribute(self.generator.enlarger)
        self.optimizer_recurrence = adam([self.generator.recurrence], config.learning_rate, BETAS)
        self.optimizer_enlarger = adam([self.generator.enlarger], config.learning_rate, BETAS)
        self.pool = RolloutPool(recipe.pool, course, recipe.lean, self.rng)

    @property
    def stage(self) -> int:
        """0 while it learns from film frames alone, then 1. However long a training is, it has both."""
        return int(self.budget_share >= self.recipe.film_share)

    @property
    def samples_per_step(self) -> int:
        """Frames generated in one step, over all processes."""
        pool = self.recipe.pool
        return self.team.size * (self.config.batch + self.stage * min(pool.drawn, pool.states))

    def step(self) -> dict[str, Tensor]:
        """Train the networks by one step."""
        self._set_rates()
        began = time.perf_counter()
        film_indices = self.windows.draw(self.config.batch, self.rng)
        if self.stage:
            batch = pool_batch(film_indices, self.course, self.pool, self.recipe, self.rng)
        else:
            batch = film_batch(film_indices, self.course, self.recipe, self.rng)
        side = self.recipe.crop_side * self.generator.config.scale
        crops = self.windows.crops(self.recipe.crops, side, self.rng)
        self.waiting_seconds += time.perf_counter() - began

        frames, scalars = self._train_recurrence(batch)
        if batch.pool_draw:
            drawn = to_levels(frames[-len(batch.pool_draw.slots) :]).to(torch.uint8)
            self.pool.put_back(batch.pool_draw, drawn)
        # It learns from film frames alone. When it also learned from generated frames, it drew specks on
        # everything that was unlike the film.
        scalars |= self._train_enlarger(self.to_picture(crops))

        self.steps += 1
        self.update_average()
        return scalars

    def _set_rates(self) -> None:
        """Lower the learning rates as half a cosine, the recurrence's in each stage and the enlarger's over both."""
        recipe, done, film = self.recipe, self.budget_share, self.recipe.film_share
        rise = self.config.learning_rate * min(1.0, (self.steps + 1) / WARM_UP_STEPS)
        of_recurrence = _fall(recipe.pool_rate, (done - film) / (1 - film)) if self.stage else _fall(1.0, done / film)
        set_rate(self.optimizer_recurrence, rise * of_recurrence)
        set_rate(self.optimizer_enlarger, rise * _fall(recipe.enlarger_rate, done))

    def _train_recurrence(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Train the recurrence; return the generated small frames and scalars."""
        recipe = self.recipe
        context, target = self.to_picture(batch.contexts), self.to_picture(batch.target_frames)
        temperature = torch.rand(len(context), generator=self.rng) * recipe.noise
        level = NOISE_PER_TEMPERATURE * temperature.to(self.device)
        noise = level.view(-1, 1, 1, 1) * torch.randn(context.shape, generator=self.rng).to(self.device)
        with self.autocast():
            guide = self.generator.memory.guide(batch.next_pictures.to(self.device), batch.lean.to(self.device))
            frame, anew = self.generator.smooth(self._recurrence(context, noise, level, guide), guide)
        last = context[:, -3:]
        loss_l1 = moving_l1(frame, target, last)
        # The gate would shut if what is painted behind it were not judged by itself.
        loss = loss_l1 + moving_l1(anew, target, last)
        copying = moving_l1(last, target, last)
        scalars = {"loss/l1": loss_l1.detach(), "loss/over_copying": (loss_l1 / copying).detach()}
        optimizer_step(loss, self.optimizer_recurrence)
        return frame.detach(), scalars

    def _train_enlarger(self, real: Tensor) -> dict[str, Tensor]:
        """Train the enlarger on crops of film frames [n, 3, H, W]; return scalars."""
        with self.autocast():
            loss = l1(self._enlarger(self.generator.reduce(real)).picture(), real)
        optimizer_step(loss, self.optimizer_enlarger)
        return {"loss/lines_l1": loss.detach()}

    def parts(self) -> dict[str, Any]:
        """Return by name everything that has a state."""
        return {
            "generator": self.generator,
            "ema": self.ema,
            "optimizer_recurrence": self.optimizer_recurrence,
            "optimizer_enlarger": self.optimizer_enlarger,
            "pool": self.pool,
        }


def _fall(first: float, share: float) -> float:
    """Return the factor of a learning rate that falls from `first`, as half a cosine, after this share of its steps."""
    return first * (LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * min(1.0, share))) / 2)
