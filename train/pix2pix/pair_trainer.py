"""One training step on pairs: reads from top to bottom."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
from torch import Tensor

from train.images.pixels import from_bytes
from train.pix2pix.batches import PairBatches
from train.pix2pix.pairs import Pairs
from train.pix2pix.recipes import PictureRecipe
from train.pix2pix.translator import PairDiscriminators, PaperDiscriminator, Translator, TranslatorConfig
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
    """A translator, its discriminators and what they learn from."""

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
        self.recipe, self.lessons = recipe, PairBatches(pairs)
        self.generator = placed(Translator(shape), device)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False).eval()
        planes = self.generator.reduce.planes
        hinge = recipe.judges == "hinge"
        self.judges = placed(PairDiscriminators(planes) if hinge else PaperDiscriminator(planes), device)
        self._judge_loss = discriminator_loss if hinge else paper_discriminator_loss
        self._adversarial_loss = adversarial_loss if hinge else paper_adversarial_loss
        self._generator, self._judges = team.share(self.generator), team.share(self.judges)
        self.optimise_g = adam([self.generator], config.learning_rate)
        self.optimise_d = adam([self.judges], config.learning_rate)

    @property
    def samples_per_step(self) -> int:
        """Pictures made and judged in one step, over all processes."""
        return self.team.size * self.config.batch

    def step(self) -> dict[str, Tensor]:
        """One step of both sides; scalars of it by name (on the device: reading them would wait for it)."""
        recipe, began = self.recipe, time.perf_counter()
        a, b = self.lessons.draw(self.config.batch, self.rng)
        self.waited += time.perf_counter() - began
        camera, truth = self._picture(a), self._picture(b)
        known = torch.ones(len(truth), device=self.device)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            seen = self.generator.reduce(camera)
            picture = self._generator(camera)

            # Discriminators: the true pair is real, that with the painted picture is not.
            self.judges.requires_grad_(True)
            judged_real, judged_fake = self._judges(seen, truth), self._judges(seen, picture.detach())
            loss_d = self._judge_loss(judged_real, judged_fake)
        optimizer_step(loss_d, self.optimise_d)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            # Generator. The activations on the real pairs are those from before the discriminators' step: near enough.
            self.judges.requires_grad_(False)
            judged_fake = self.judges(seen, picture)
            loss_adversarial = self._adversarial_loss(judged_fake)
            loss_features = feature_matching(judged_real, judged_fake, known)
            loss_l1 = l1(picture, truth, known)
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

    def _picture(self, pictures: Tensor) -> Tensor:
        """uint8 -> float −1…1 on the device."""
        return from_bytes(pictures.to(self.device).contiguous(memory_format=torch.channels_last))

    def parts(self) -> dict[str, Any]:
        """By name, all that has a state."""
        return {
            "generator": self.generator,
            "ema": self.ema,
            "judges": self.judges,
            "optimise_g": self.optimise_g,
            "optimise_d": self.optimise_d,
        }
