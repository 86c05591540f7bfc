"""Short real trainings of a film's generator: they learn, and resume exactly."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from train.data.film import load_film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.errors import RunError
from train.images.pixels import from_bytes
from train.models.generator import GeneratorConfig
from train.models.show_step import NOISE_PER_TEMPERATURE
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.training.film_trainer import FilmTrainer
from train.training.loop import train
from train.training.losses import l1
from train.training.options import Budget
from train.training.recipes import GUIDED, FilmRecipe
from train.training.rollout_pool import PoolConfig
from train.training.trainer import TrainingConfig

SMALL = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)
SHORT = replace(GUIDED, pool=PoolConfig(states=4, drawn=2), crop_side=12)
POOL_ALONE = replace(SHORT, film_share=0.0)
CONFIG = TrainingConfig(batch=2)
FAST = replace(CONFIG, learning_rate=4e-3)


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
    """Train up to a step, as at the beginning of a long budget, and return a loss of each step."""
    return [float(trained.step()[name]) for _ in range(trained.steps, steps)]


def snapshot(network: torch.nn.Module) -> list[torch.Tensor]:
    return [weight.detach().clone() for weight in network.parameters()]


def changed(network: torch.nn.Module, before: list[torch.Tensor]) -> list[bool]:
    """Return for each weight whether it is another than before."""
    return [not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True)]


def test_it_learns(hats_course: FilmCourse) -> None:
    values = losses(trainer(hats_course, FAST), 60)
    assert sum(values[-10:]) < 0.7 * sum(values[:10])


def test_the_enlarger_learns(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course, FAST)
    pictures = from_bytes(hats_course.windows.pictures(torch.from_numpy(hats_course.windows.film_indices[::9])))

    @torch.no_grad()
    def error() -> float:
        return float(l1(trained.generator.enlarger(trained.generator.reduce(pictures)).picture(), pictures))

    before = error()
    losses(trained, 60)
    assert error() < 0.9 * before


# ----------------------------------------------------------------------------
# The two stages.


def test_only_the_second_stage_has_a_pool_and_the_enlarger_learns_in_both(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course)
    recurrence, enlarger = trained.generator.recurrence, trained.generator.enlarger
    for stage in (0, 1):
        trained.budget_share = stage * SHORT.film_share
        before = snapshot(recurrence), snapshot(enlarger), trained.pool.contexts.clone()
        assert trained.stage == stage
        scalars = trained.step()
        assert set(scalars) == {"loss/l1", "loss/over_copying", "loss/lines_l1"}
        assert all(torch.isfinite(value) for value in scalars.values())
        assert any(changed(recurrence.paint.head, before[0][-2:]))
        assert all(changed(enlarger.head, before[1][-2:]))
        assert torch.equal(trained.pool.contexts, before[2]) == (stage == 0)


def test_the_stage_follows_the_budget(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course, recipe=replace(SHORT, film_share=0.5))
    stages = []
    for trained.budget_share in (0.0, 0.49, 0.5, 1.0):
        stages.append((trained.stage, trained.samples_per_step))
    assert stages == [(0, 2), (0, 2), (1, 4), (1, 4)]
    small_pool = trainer(hats_course, recipe=replace(POOL_ALONE, pool=PoolConfig(states=1, drawn=4)))
    assert small_pool.samples_per_step == 3


def test_the_recurrences_rate_falls_in_each_stage_and_the_enlargers_over_both(hats_course: FilmCourse) -> None:
    recipe = replace(SHORT, film_share=2 / 3, pool_rate=0.5, enlarger_rate=1.5)
    trained = trainer(hats_course, replace(CONFIG, learning_rate=0.1), recipe=recipe)

    def rates(steps: int) -> tuple[float, float]:
        """Return the rates of the recurrence and of the enlarger at a step of 6000."""
        trained.steps, trained.budget_share = steps, steps / 6000
        trained._set_rates()
        recurrence, enlarger = (
            optimizer.param_groups[0]["lr"] for optimizer in (trained.optimizer_recurrence, trained.optimizer_enlarger)
        )
        return recurrence, enlarger

    assert rates(0) == pytest.approx((0.001, 0.0015), rel=0.01)
    assert rates(49) == pytest.approx((0.05, 0.075), rel=0.01)
    assert rates(100) == pytest.approx((0.1, 0.15), rel=0.01)
    assert rates(2000) == pytest.approx((0.0525, 0.114375), rel=0.01)
    assert rates(3999) == pytest.approx((0.005, 0.043125), rel=0.01)
    assert rates(4000) == pytest.approx((0.05, 0.043125), rel=0.01)
    assert rates(5000) == pytest.approx((0.02625, 0.017046), rel=0.01)
    assert rates(6000) == pytest.approx((0.0025, 0.0075))


def test_the_enlarger_learns_from_crops_of_whole_places(
    hats_course: FilmCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = trainer(hats_course, recipe=replace(SHORT, crops=3, crop_side=10))
    drawn = []
    crops = hats_course.windows.crops

    def watched(count: int, side: int, rng: torch.Generator) -> torch.Tensor:
        drawn.append((count, side))
        return crops(count, side, rng)

    monkeypatch.setattr(hats_course.windows, "crops", watched)
    seen: list[torch.Size] = []
    trained.generator.enlarger.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape))
    losses(trained, 1)
    assert drawn == [(3, 20)]
    assert seen == [(3, 3, 10, 10)]


def test_what_is_painted_behind_a_shut_gate_learns_too(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course, recipe=SHORT)
    bias = trained.generator.recurrence.paint.head.bias
    assert bias is not None
    with torch.no_grad():
        bias[12:] = -40.0
    before = snapshot(trained.generator.recurrence)
    losses(trained, 1)
    weight = trained.generator.recurrence.paint.head.weight
    assert not torch.equal(weight[:12], before[-2][:12])


def test_a_loss_tells_how_much_better_than_copying_it_is(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course)
    bias = trained.generator.recurrence.paint.head.bias
    assert bias is not None
    with torch.no_grad():
        bias[12:] = -40.0  # the gate is shut: the last frame is copied
        trained.generator.memory.evenness.fill_(-1.0)  # and nothing is even
    assert losses(trained, 1, "loss/over_copying") == [pytest.approx(1.0)]


# ----------------------------------------------------------------------------
# Average, noise, pool.


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
    noises: list[torch.Tensor] = []
    levels: list[torch.Tensor] = []
    trained = trainer(hats_course, recipe=replace(SHORT, noise=noise))

    def watch(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        noises.append(inputs[1].detach())
        levels.append(inputs[2].detach())

    trained.generator.recurrence.register_forward_pre_hook(watch)
    losses(trained, 1)
    assert (levels[0] > 0).all() == (noise > 0)
    assert levels[0].max() <= noise * NOISE_PER_TEMPERATURE
    assert noises[0].flatten(1).std(1).tolist() == pytest.approx(levels[0].tolist(), rel=0.1)


def test_the_pool_grows_older(hats_course: FilmCourse) -> None:
    trained = trainer(hats_course, recipe=POOL_ALONE)
    before = trained.pool.contexts.clone()
    losses(trained, 9)
    assert (trained.pool.contexts != before).flatten(1).any(1).all()


@pytest.mark.parametrize("split", [0.3, 0.6])
def test_a_resumed_training_equals_the_uninterrupted_one(hats_course: FilmCourse, tmp_path: Path, split: int) -> None:
    """In either stage."""
    recipe, budget = replace(SHORT, film_share=split), Budget(steps=6)
    whole = trainer(hats_course, recipe=recipe)
    train(whole, budget, on_step=lambda scalars: False)
    first = trainer(hats_course, recipe=recipe)
    train(first, budget, on_step=lambda scalars: first.steps == 3)
    save_checkpoint(tmp_path / "c.pt", first.state_dict())
    # The checkpoint replaces whatever it started with.
    second = trainer(hats_course, replace(CONFIG, seed=99), recipe=recipe)
    second.load_state_dict(load_checkpoint(tmp_path / "c.pt"))
    train(second, budget, on_step=lambda scalars: False)
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
    trained = trainer(hats_course, FAST, bf16=True)
    dtypes: set[torch.dtype] = set()
    trained.generator.recurrence.paint.stem.register_forward_hook(lambda module, inputs, x: dtypes.add(x.dtype))
    values = losses(trained, 40)
    assert sum(values[-10:]) < 0.8 * sum(values[:10])
    assert dtypes == {torch.bfloat16}
    assert next(trained.generator.parameters()).dtype == torch.float32


@pytest.mark.parametrize("size", [(102, 62), (58, 30), (16, 70)])
def test_every_even_size_is_trained(size: tuple[int, int], hats_cut: Path, tmp_path: Path) -> None:
    shape = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=6)
    film = load_film(hats_cut, size, "crop", tmp_path)
    windows = FilmWindows(
        film, find_story(film), context_frames=2, stride=2, scale=shape.scale, padded=shape.padded(size)
    )
    trained = trainer(FilmCourse(windows, cell=shape.cell), recipe=POOL_ALONE, generator_config=shape)
    assert all(np.isfinite(losses(trained, 2)))
