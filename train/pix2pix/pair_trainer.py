"""One training step on pairs, from top to bottom."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
from torch import Tensor

from train.models.unet import PaperDiscriminator
from train.pix2pix.batches import PairBatches
from train.pix2pix.pairs import Pairs
from train.pix2pix.recipes import PictureRecipe
from train.pix2pix.translator import PairDiscriminators, Translator, TranslatorConfig
from train.runtime.distributed import Team
from train.training.losses import (
    adversarial_loss,
    discriminator_loss,
    feature_matching,
    l1,
    paper_adversarial_loss,
    paper_discriminator_loss,
)
from train.training.trainer import Trainer, TrainingConfig, adam, optimizer_step, placed


class PairTrainer(Trainer):
    """Trainer of a translator and its discriminators on pairs."""

    generator: Translator
    ema: Translator

    def __init__(
        self,
        config: TrainingConfig,
        recipe: PictureRecipe,
        shape: TranslatorConfig,
        pairs: Pairs,
        device: torch.device,
        *,
        bf16: bool,
        team: Team = Team(),  # noqa: B008
    ) -> None:
        super().__init__(config, device, bf16=bf16, team=team)
        self.recipe, self.batches = recipe, PairBatches(pairs)
        self.generator = placed(Translator(shape), device)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False).eval()
        channels = self.generator.reduction.channels
        hinge = recipe.discriminators == "hinge"
        self.discriminators = placed(PairDiscriminators(channels) if hinge else PaperDiscriminator(channels), device)
        self._discriminator_loss = discriminator_loss if hinge else paper_discriminator_loss
        self._adversarial_loss = adversarial_loss if hinge else paper_adversarial_loss
        self._generator, self._discriminators = team.distribute(self.generator), team.distribute(self.discriminators)
        self.optimizer_g = adam([self.generator], config.learning_rate)
        self.optimizer_d = adam([self.discriminators], config.learning_rate)

    @property
    def samples_per_step(self) -> int:
        """Pictures generated per step, over all processes."""
        return self.team.size * self.config.batch

    def step(self) -> dict[str, Tensor]:
        """Train both sides for one step and return its scalars by name, on the device: reading them waits for it."""
        recipe, started = self.recipe, time.perf_counter()
        a, b = self.batches.draw(self.config.batch, self.rng)
        self.waiting_seconds += time.perf_counter() - started
        camera, target = self.to_picture(a), self.to_picture(b)

        with self.autocast():
            reduced = self.generator.reduction(camera)
            fake = self._generator(camera)

            # Discriminators: the pair with the target is real, the pair with the generated picture is fake.
            self.discriminators.requires_grad_(True)
            on_real, on_fake = self._discriminators(reduced, target), self._discriminators(reduced, fake.detach())
            loss_d = self._discriminator_loss(on_real, on_fake)
        optimizer_step(loss_d, self.optimizer_d)

        with self.autocast():
            # Generator. The activations on the real pairs are from before the discriminators' step: close enough.
            self.discriminators.requires_grad_(False)
            on_fake = self.discriminators(reduced, fake)
            loss_adversarial = self._adversarial_loss(on_fake)
            loss_features = feature_matching(on_real, on_fake)
            loss_l1 = l1(fake, target)
            loss_g = loss_adversarial + recipe.lambda_l1 * loss_l1 + recipe.lambda_features * loss_features
        optimizer_step(loss_g, self.optimizer_g)

        self.steps += 1
        self.update_average()
        return {
            "loss/discriminators": loss_d.detach(),
            "loss/adversarial": loss_adversarial.detach(),
            "loss/features": loss_features.detach(),
            "loss/l1": loss_l1.detach(),
        }

    def parts(self) -> dict[str, Any]:
        """Return everything that has a state, by its name in checkpoints."""
        return {
            "generator": self.generator,
            "ema": self.ema,
            "discriminators": self.discriminators,
            "optimizer_g": self.optimizer_g,
            "optimizer_d": self.optimizer_d,
        }
