"""What a training step is about: the truth is what the memory guides to, and what is no truth says so."""

from dataclasses import replace

import torch
import torch.nn.functional as F

from train.data.film_windows import FilmWindows
from train.images.pixels import from_bytes
from train.training.batch import next_batch
from train.training.recipes import DEFAULT, RECIPES
from train.training.rollout_pool import RolloutPool


def test_the_truth_is_what_the_memory_guides_to(hats_windows: FilmWindows) -> None:
    recipe, rng = RECIPES[DEFAULT], torch.Generator().manual_seed(0)
    pool = RolloutPool(recipe.pool, hats_windows, rng)
    moments = hats_windows.draw(24, rng, circle=True)
    lesson = next_batch(moments, hats_windows, pool, replace(recipe, turns=0.3), rng)
    assert lesson.following is not None
    assert len(lesson.contexts) == 24 + recipe.pool.drawn
    assert 0 < lesson.whole.sum() < len(lesson.whole)  # some bands have turned
    guide = hats_windows.memory.guide(lesson.following)
    coarse = F.avg_pool2d(from_bytes(lesson.truths), 4)
    assert (guide - coarse).abs().mean() < 0.01
    # Discriminators are shown frames of the film, never a composed one; where nothing turned these are the truth.
    assert torch.equal(lesson.film[:, -3:], hats_windows.small(lesson.targets))
    assert torch.equal(lesson.film[lesson.whole, -3:], lesson.truths[lesson.whole])
    assert not torch.equal(lesson.film[~lesson.whole, -3:], lesson.truths[~lesson.whole])


def test_without_turns_a_moment_is_followed_by_the_next(hats_windows: FilmWindows) -> None:
    recipe, rng = replace(RECIPES[DEFAULT], turns=0.0), torch.Generator().manual_seed(0)
    moments = torch.from_numpy(hats_windows.shots[2][:40:5])
    lesson = next_batch(moments, hats_windows, None, recipe, rng)
    assert torch.equal(lesson.targets, hats_windows.onward(moments))
    assert torch.equal(lesson.truths, hats_windows.small(hats_windows.onward(moments)))
    assert lesson.whole.all()


def test_what_stands_in_for_a_truth_is_known_to(hats_windows: FilmWindows) -> None:
    recipe, rng = RECIPES["pool"], torch.Generator().manual_seed(0)
    pool = RolloutPool(recipe.pool, hats_windows, rng)
    moments = hats_windows.draw(4, rng, circle=False)
    lesson = next_batch(moments, hats_windows, pool, recipe, rng)
    assert lesson.following is None
    assert lesson.known.tolist() == [True] * 4 + [False] * recipe.pool.drawn
    assert torch.equal(lesson.targets[:4], hats_windows.straight(moments))
    assert (lesson.targets[4:] == -1).all()
