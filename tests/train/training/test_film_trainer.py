"""The training itself, for real and short: it learns, its remedies can be switched off, it resumes exactly."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from train.data.film import Film
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.errors import RunError
from train.models.generator import GeneratorConfig
from train.models.show_step import NOISE_PER_TEMPERATURE
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.training.film_trainer import FilmTrainer, TrainingConfig
from train.training.loop import train
from train.training.recipes import DEFAULT, RECIPES, Recipe

SMALL = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)  # guided
CPU = torch.device("cpu")


def recipe(pool: int = 4, noise: float = 2.0) -> Recipe:
    after = RECIPES[DEFAULT].pool
    return replace(RECIPES[DEFAULT], noise=noise, pool=replace(after, pool=pool, drawn=min(pool, 2)))


def training(windows: FilmWindows, recipe: Recipe = recipe(), **config: float) -> FilmTrainer:  # noqa: B008
    return FilmTrainer(TrainingConfig(batch=2, **config), recipe, SMALL, windows, CPU, bf16=False)  # type: ignore[arg-type]


def losses(run: FilmTrainer, steps: int, name: str = "loss/l1") -> list[float]:
    values: list[float] = []
    train(run, steps=steps, minutes=None, on_step=lambda scalars: bool(values.append(float(scalars[name]))))
    return values


def test_it_learns(hats_windows: FilmWindows) -> None:
    values = losses(training(hats_windows, learning_rate=2e-3), 200)
    assert sum(values[-10:]) < 0.7 * sum(values[:10])


def test_the_averaged_generator_follows_slowly(hats_windows: FilmWindows) -> None:
    run = training(hats_windows)
    before = run.ema.recurrence.paint.head.weight.clone()
    losses(run, 1)
    decay = 2 / 11  # after the first step there is little to average
    assert torch.allclose(
        run.ema.recurrence.paint.head.weight, decay * before + (1 - decay) * run.generator.recurrence.paint.head.weight
    )
    assert not torch.equal(before, run.generator.recurrence.paint.head.weight)


def test_noise_can_be_switched_off(hats_windows: FilmWindows) -> None:
    seen: list[torch.Tensor] = []
    for noise in (0.0, 2.0):
        run = training(hats_windows, recipe(noise=noise))
        run.generator.recurrence.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[1].detach()))
        losses(run, 1)
    assert (seen[0] == 0).all()
    assert (seen[1] > 0).all()
    assert seen[1].max() <= 2 * NOISE_PER_TEMPERATURE


def test_own_rollouts_can_be_switched_off(hats_windows: FilmWindows) -> None:
    batches: list[int] = []
    for pool in (0, 4):
        run = training(hats_windows, recipe(pool=pool))
        run.generator.recurrence.register_forward_pre_hook(lambda module, inputs: batches.append(len(inputs[0])))
        losses(run, 1)
        assert (run.pool is None) == (pool == 0)
    assert batches == [2, 4]


def test_the_pool_grows_older_while_training(hats_windows: FilmWindows) -> None:
    run = training(hats_windows)
    assert run.pool is not None
    begun = run.pool.contexts.clone()
    losses(run, 8)
    assert (run.pool.contexts != begun).flatten(1).any(1).all()


def test_a_resumed_training_is_the_uninterrupted_one(hats_windows: FilmWindows, tmp_path: Path) -> None:
    whole = training(hats_windows)
    losses(whole, 6)
    first = training(hats_windows)
    losses(first, 3)
    save_checkpoint(tmp_path / "c.pt", first.state_dict())
    second = training(hats_windows, seed=99)  # whatever it began with is overwritten
    second.load_state_dict(load_checkpoint(tmp_path / "c.pt"))
    losses(second, 6)
    assert second.steps == 6
    for a, b in zip(whole.generator.parameters(), second.generator.parameters(), strict=True):
        assert torch.equal(a, b)


def test_minutes_are_counted_over_all_sessions(hats_windows: FilmWindows) -> None:
    run = training(hats_windows)
    run.seconds = 60.0  # of an earlier session
    train(run, steps=None, minutes=1.0, on_step=lambda scalars: pytest.fail("the time was up already"))


def test_a_burst_training_is_never_saved(hats_windows: FilmWindows) -> None:
    run = training(hats_windows)
    with torch.no_grad():
        run.generator.recurrence.paint.head.bias[3] = float("nan")
    with pytest.raises(RunError, match="burst before step 0"):
        run.state_dict()


def test_a_checkpoint_of_other_networks_is_refused(hats_windows: FilmWindows) -> None:
    other = FilmTrainer(
        TrainingConfig(batch=2), recipe(), replace(SMALL, channels=(16, 16)), hats_windows, CPU, bf16=False
    )
    with pytest.raises(RunError, match="another version"):
        training(hats_windows).load_state_dict(other.state_dict())


def test_bf16_learns_too(hats_windows: FilmWindows) -> None:
    run = FilmTrainer(TrainingConfig(batch=2, learning_rate=2e-3), recipe(), SMALL, hats_windows, CPU, bf16=True)
    dtypes: set[torch.dtype] = set()
    convolution = run.generator.recurrence.paint.stem
    convolution.register_forward_hook(lambda module, inputs, output: dtypes.add(output.dtype))
    values = losses(run, 100)
    assert dtypes == {torch.bfloat16}
    assert sum(values[-10:]) < 0.8 * sum(values[:10])
    assert {weight.dtype for weight in run.generator.parameters()} == {torch.float32}


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_trains(hats_film: Film, name: str) -> None:
    frames = RECIPES[name].context_frames
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=frames, stride=2, scale=2)
    camera = RECIPES[name].cameras > 0
    shape = replace(SMALL, context_frames=frames, guided=RECIPES[name].guided, camera=camera)
    run = FilmTrainer(TrainingConfig(batch=2), RECIPES[name], shape, windows, CPU, bf16=False)
    before = copy.deepcopy(run.generator)
    assert all(value == value for value in losses(run, 2))
    for part in ("recurrence.paint.stem", "enlarger.stem"):
        assert not torch.equal(before.get_submodule(part).weight, run.generator.get_submodule(part).weight), part


@pytest.mark.parametrize("name", ["rollouts", "pool", "clip"])
def test_the_enlarger_is_shown_nothing_that_is_not_told(hats_film: Film, name: str) -> None:
    """With a batch of one, states without a truth come next to it: film frame −1 would be the end card."""
    frames = RECIPES[name].context_frames
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=frames, stride=2, scale=2)
    shape = replace(SMALL, context_frames=frames, guided=False)
    run = FilmTrainer(TrainingConfig(batch=1), RECIPES[name], shape, windows, CPU, bf16=False)
    shown: list[torch.Tensor] = []
    pictures = windows.pictures
    windows.pictures = lambda indices: (shown.append(indices), pictures(indices))[1]  # type: ignore[method-assign]
    losses(run, 4)
    assert torch.cat(shown).min() >= 0


def test_the_enlarger_learns_the_lines(hats_film: Film) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=2)
    run = FilmTrainer(TrainingConfig(batch=2, learning_rate=2e-3), recipe(), SMALL, windows, CPU, bf16=False)
    values = losses(run, 80, "loss/lines_l1")
    assert sum(values[-8:]) < 0.9 * sum(values[:8])
