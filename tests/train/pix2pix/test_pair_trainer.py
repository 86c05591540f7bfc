"""Training on pairs: it learns, and a resumed training is the uninterrupted one."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.train.pictures import discs
from train.models.unet import PaperDiscriminator, UNet256
from train.pix2pix.pair_trainer import PairTrainer
from train.pix2pix.pairs import Pairs
from train.pix2pix.recipes import PICTURE_RECIPES
from train.pix2pix.translator import TranslatorConfig
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.training.loop import train
from train.training.options import Budget
from train.training.trainer import TrainingConfig

SMALL = TranslatorConfig(channels=(16, 32), blocks=(0, 1))
CPU = torch.device("cpu")


def make_trainer(pairs: Pairs, seed: int = 0, *, bf16: bool = False) -> PairTrainer:
    return PairTrainer(TrainingConfig(2, 2e-3, seed=seed), PICTURE_RECIPES["hinge"], SMALL, pairs, CPU, bf16=bf16)


def l1_losses(trainer: PairTrainer, steps: int) -> list[float]:
    """Train up to this number of steps, and return the L1 loss of each."""
    losses: list[float] = []

    def on_step(scalars: dict[str, Tensor]) -> bool:
        losses.append(float(scalars["loss/l1"]))
        return False

    train(trainer, Budget(steps=steps), on_step=on_step)
    return losses


def weights(network: nn.Module) -> Tensor:
    return torch.cat([weight.detach().flatten() for weight in network.parameters()])


@pytest.mark.parametrize("bf16", [False, True])
def test_the_l1_loss_falls(pairs: Pairs, bf16: bool) -> None:
    losses = l1_losses(make_trainer(pairs, bf16=bf16), 50)
    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])


def test_the_averaged_generator_follows_the_generator(pairs: Pairs) -> None:
    trainer = make_trainer(pairs)
    first = weights(trainer.generator)
    l1_losses(trainer, 6)
    assert 0 < (weights(trainer.ema) - first).norm() < (weights(trainer.generator) - first).norm()


def test_a_resumed_training_is_the_uninterrupted_one(pairs: Pairs, tmp_path: Path) -> None:
    whole = make_trainer(pairs)
    l1_losses(whole, 6)
    first = make_trainer(pairs)
    l1_losses(first, 3)
    save_checkpoint(tmp_path / "c.pt", first.state_dict())
    second = make_trainer(pairs, seed=99)  # its own weights are replaced by those of the checkpoint
    second.load_state_dict(load_checkpoint(tmp_path / "c.pt"))
    l1_losses(second, 6)
    assert torch.equal(weights(whole.generator), weights(second.generator))
    assert torch.equal(weights(whole.ema), weights(second.ema))


def test_the_papers_recipe_trains_the_papers_networks() -> None:
    a, b = (np.stack(side) for side in zip(*discs(4, (256, 256)), strict=True))
    pairs = Pairs("pairs", tuple("0123"), a, b, "", "")
    recipe = PICTURE_RECIPES["paper"]
    trainer = PairTrainer(recipe.defaults, recipe, TranslatorConfig(network="unet256"), pairs, CPU, bf16=False)
    scalars = trainer.step()
    assert isinstance(trainer.generator.network, UNet256)
    assert isinstance(trainer.discriminators, PaperDiscriminator)
    assert float(scalars["loss/discriminators"]) == pytest.approx(np.log(2), abs=0.2)  # halved, at chance level
    assert torch.equal(weights(trainer.ema), weights(trainer.generator))  # the recipe does not average
