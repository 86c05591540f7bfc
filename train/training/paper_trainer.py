"""Training of pix2pix from one film frame to the next, which reads from top to bottom in `PaperTrainer.step`."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
from torch import Tensor

from train.data.film_pairs import FilmPairs
from train.data.film_windows import FilmWindows
from train.models.unet import PaperDiscriminator, UNet256
from train.runtime.distributed import Team
from train.training.losses import l1, paper_adversarial_loss, paper_discriminator_loss
from train.training.recipes import PaperRecipe
from train.training.trainer import Trainer, TrainingConfig, adam, optimizer_step, placed


class PaperTrainer(Trainer):
    """Networks and optimizers of a training as in the paper (Isola et al. 2017)."""

    generator: UNet256
    ema: UNet256
    discriminators: PaperDiscriminator

    def __init__(
        self,
        config: TrainingConfig,
        recipe: PaperRecipe,
        windows: FilmWindows,
        device: torch.device,
        *,
        bf16: bool,
        team: Team = Team(),  # noqa: B008
    ) -> None:
        super().__init__(config, device, bf16=bf16, team=team)
        self.recipe, self.windows, self.pairs = recipe, windows, FilmPairs(windows)
        self.generator = placed(UNet256(), device)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False).eval()
        self.discriminators = placed(PaperDiscriminator(), device)
        # A network is called through these where its gradient follows.
        self._generator, self._discriminators = team.distribute(self.generator), team.distribute(self.discriminators)
        self.optimizer_g = adam([self.generator], config.learning_rate)
        self.optimizer_d = adam([self.discriminators], config.learning_rate)

    @property
    def samples_per_step(self) -> int:
        """Frames generated in one step, over all processes."""
        return self.team.size * self.config.batch

    def step(self) -> dict[str, Tensor]:
        """Train both networks by one step on pairs of a film frame and the next."""
        began = time.perf_counter()
        drawn = self.pairs.draw(self.config.batch, self.rng)
        self.waiting_seconds += time.perf_counter() - began
        context, target = (self.to_picture(levels) for levels in drawn)

        with self.autocast():
            frame = self._generator(context)
            self.discriminators.requires_grad_(True)
            real, fake = self._discriminators(context, target), self._discriminators(context, frame.detach())
            loss_d = paper_discriminator_loss(real, fake)
        optimizer_step(loss_d, self.optimizer_d)

        with self.autocast():
            self.discriminators.requires_grad_(False)
            loss_adversarial = paper_adversarial_loss(self.discriminators(context, frame))
            loss_l1 = l1(frame, target)
            loss_g = loss_adversarial + self.recipe.lambda_l1 * loss_l1
        optimizer_step(loss_g, self.optimizer_g)

        self.steps += 1
        self.update_average()
        return {
            "loss/discriminators": loss_d.detach(),
            "loss/adversarial": loss_adversarial.detach(),
            "loss/l1": loss_l1.detach(),
        }

    def parts(self) -> dict[str, Any]:
        """Return by name everything that has a state."""
        return {
            "generator": self.generator,
            "ema": self.ema,
            "discriminators": self.discriminators,
            "optimizer_g": self.optimizer_g,
            "optimizer_d": self.optimizer_d,
        }
