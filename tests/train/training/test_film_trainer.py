"""Short real trainings of a film's generator: they learn, and resume exactly."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from train.data.film_course import FilmCourse
from train.errors import RunError
from train.models.generator import GeneratorConfig
from train.models.show_step import NOISE_PER_TEMPERATURE
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.training.film_trainer import FilmTrainer
from train.training.loop import train
from train.training.recipes import CAMERA, GUIDED, FilmRecipe
from train.training.rollout_pool import PoolConfig
from train.training.trainer import TrainingConfig

SMALL = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)
SHORT = replace(GUIDED, pool=PoolConfig(states=4, drawn=2))
CONFIG = TrainingConfig(batch=2)


def trainer(
    course: FilmCourse,
    config: TrainingConfig = CONFIG,
    *,
    recipe: FilmRecipe = SHORT,
    generator_config: GeneratorConfig = SMALL,
    bf16: bool = False,
) -> FilmTrainer:
    return FilmTrainer(config, recipe, generator_config, course, torch.device("cpu"), bf16=bf16)


def losses(trained: FilmTrainer, steps: int, name: str = "loss/l1") -> list[float]:
    """Train, and return a loss of each step."""
    values: list[float] = []

    def on_step(scalars: dict[str, torch.Tensor]) -> bool:
        values.append(float(scalars[name]))
        return False

    train(trained, steps=steps, minutes=None, on_step=on_step)
    return values


def test_it_learns(hats_course: FilmCourse) -> None:
    values = losses(trainer(hats_course, replace(CONFIG, learning_rate=2e-3)), 200)
    assert sum(values[-10:]) < 0.7 * sum(values[:10])


def test_the_enlarger_learns(hats_course: FilmCourse) -> None:
    values = losses(trainer(hats_course, replace(CONFIG, learning_rate=2e-3)), 80, "loss/lines_l1")
    assert sum(values[-8:]) < 0.9 * sum(values[:8])


@pytest.mark.parametrize("recipe", [GUIDED, CAMERA], ids=lambda recipe: recipe.name)
def test_every_network_is_trained(hats_course: FilmCourse, recipe: FilmRecipe) -> None:
    generator_config = replace(SMALL, camera=recipe.camera_share > 0)
    trained = trainer(hats_course, recipe=recipe, generator_config=generator_config)
    weights = [
        next(network.parameters())
        for network in (
            trained.generator.recurrence,
            trained.generator.enlarger.head,
            trained.discriminators.frame,
            trained.discriminators.clip,
            trained.picture_discriminator,
        )
    ]
    before = copy.deepcopy(weights)
    trained.steps = recipe.enlarger_l1_steps  # from here on, the enlarger has a discriminator
    scalars = trained.step()
    assert ("loss/camera" in scalars) == (recipe is CAMERA)
    assert all(torch.isfinite(value) for value in scalars.values())
    assert not any(torch.equal(old, new) for old, new in zip(before, weights, strict=True))


def test_the_averaged_generator_follows_slowly(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course)
    before = trained.ema.recurrence.paint.head.weight.clone()
    losses(trained, 1)
    decay = 2 / 11  # after the first step there is little to average
    now = trained.generator.recurrence.paint.head.weight
    assert torch.allclose(trained.ema.recurrence.paint.head.weight, decay * before + (1 - decay) * now)
    assert not torch.equal(before, now)


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_contexts_get_noise_up_to_the_temperature_of_the_recipe(hats_course: FilmCourse, noise: float) -> None:
    levels: list[torch.Tensor] = []
    trained = trainer(hats_course, recipe=replace(SHORT, noise=noise))
    trained.generator.recurrence.register_forward_pre_hook(lambda module, inputs: levels.append(inputs[1].detach()))
    losses(trained, 1)
    assert (levels[0] > 0).all() == (noise > 0)
    assert levels[0].max() <= noise * NOISE_PER_TEMPERATURE


def test_the_pool_grows_older(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course)
    before = trained.pool.contexts.clone()
    losses(trained, 8)
    assert (trained.pool.contexts != before).flatten(1).any(1).all()


def test_a_resumed_training_equals_the_uninterrupted_one(hats_course: FilmCourse, tmp_path: Path) -> None:
    whole = trainer(hats_course)
    losses(whole, 6)
    first = trainer(hats_course)
    losses(first, 3)
    save_checkpoint(tmp_path / "c.pt", first.state_dict())
    second = trainer(hats_course, replace(CONFIG, seed=99))  # the checkpoint replaces whatever it started with
    second.load_state_dict(load_checkpoint(tmp_path / "c.pt"))
    losses(second, 6)
    assert second.steps == 6
    for a, b in zip(whole.generator.parameters(), second.generator.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_diverged_training_is_never_saved(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course)
    with torch.no_grad():
        trained.generator.recurrence.paint.head.weight[3] = float("nan")
    with pytest.raises(RunError, match="diverged before step 0"):
        trained.state_dict()


def test_a_checkpoint_of_other_networks_is_refused(hats_course: FilmCourse) -> None:
    other = trainer(hats_course, generator_config=replace(SMALL, channels=(16, 16)))
    with pytest.raises(RunError, match="is that of other networks"):
        trainer(hats_course).load_state_dict(other.state_dict())


def test_bf16_learns_too(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course, replace(CONFIG, learning_rate=2e-3), bf16=True)
    dtypes: set[torch.dtype] = set()
    trained.generator.recurrence.paint.stem.register_forward_hook(lambda module, inputs, x: dtypes.add(x.dtype))
    values = losses(trained, 60)
    assert sum(values[-10:]) < 0.8 * sum(values[:10])
    assert dtypes == {torch.bfloat16}
    assert next(trained.generator.parameters()).dtype == torch.float32
