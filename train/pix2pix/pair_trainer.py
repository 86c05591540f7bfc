"""One training step on pairs, from top to bottom."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
from torch import Tensor

from train.images.pixels import from_bytes
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
        self.judges = placed(PairDiscriminators(channels) if hinge else PaperDiscriminator(channels), device)
        self._discriminator_loss = discriminator_loss if hinge else paper_discriminator_loss
        self._adversarial_loss = adversarial_loss if hinge else paper_adversarial_loss
        self._generator, self._judges = team.distribute(self.generator), team.distribute(self.judges)
        self.optimise_g = adam([self.generator], config.learning_rate)
        self.optimise_d = adam([self.judges], config.learning_rate)

    @property
    def samples_per_step(self) -> int:
        """Pictures generated per step, over all processes."""
        return self.team.size * self.config.batch

    def step(self) -> dict[str, Tensor]:
        """Train both sides for one step and return its scalars by name, on the device: reading them waits for it."""
        recipe, started = self.recipe, time.perf_counter()
        a, b = self.batches.draw(self.config.batch, self.rng)
        self.waited += time.perf_counter() - started
        camera, target = self._to_device(a), self._to_device(b)
        mask = torch.ones(len(target), device=self.device)  # every sample has a target

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            reduced = self.generator.reduction(camera)
            fake = self._generator(camera)

            # Discriminators: the pair with the target is real, the pair with the generated picture is fake.
            self.judges.requires_grad_(True)
            on_real, on_fake = self._judges(reduced, target), self._judges(reduced, fake.detach())
            loss_d = self._discriminator_loss(on_real, on_fake)
        optimizer_step(loss_d, self.optimise_d)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            # Generator. The activations on the real pairs are from before the discriminators' step: close enough.
            self.judges.requires_grad_(False)
            on_fake = self.judges(reduced, fake)
            loss_adversarial = self._adversarial_loss(on_fake)
            loss_features = feature_matching(on_real, on_fake, mask)
            loss_l1 = l1(fake, target, mask)
            loss_g = loss_adversarial + recipe.lambda_l1 * loss_l1 + recipe.lambda_features * loss_features
        optimizer_step(loss_g, self.optimise_g)

        self.steps += 1
        self.average()
        return {
            "loss/discriminators": loss_d.detach(),
            "loss/adversarial": loss_adversarial.detach(),
            "loss/features": loss_features.detach(),
            "loss/l1": loss_l1.detach(),
        }

    def _to_device(self, pictures: Tensor) -> Tensor:
        """Move uint8 pictures to the device as float −1…1."""
        return from_bytes(pictures.to(self.device).contiguous(memory_format=torch.channels_last))

    def parts(self) -> dict[str, Any]:
        """Return everything that has a state, by its name in checkpoints."""
        return {
            "generator": self.generator,
            "ema": self.ema,
            "judges": self.judges,
            "optimise_g": self.optimise_g,
            "optimise_d": self.optimise_d,
        }
