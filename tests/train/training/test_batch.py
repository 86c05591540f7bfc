"""Batches: states and the targets that the course has for them."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes
from train.models.dramaturgy import LEAN
from train.models.film_memory import NO_SHOT
from train.training.batch import Batch, film_batch, pool_batch
from train.training.recipes import GUIDED, FilmRecipe
from train.training.rollout_pool import RolloutPool

UPRIGHT = replace(GUIDED, lean=0.0)
STRAIGHT = replace(UPRIGHT, turn_share=0.0, enter_share=0.0)


def make_batch(course: FilmCourse, recipe: FilmRecipe) -> tuple[Tensor, Batch]:
    """Return the film indices of 24 windows, and a batch of them and of the pool."""
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(recipe.pool, course, recipe.lean, rng)
    film_indices = course.windows.draw(24, rng)
    return film_indices, pool_batch(film_indices, course, pool, recipe, rng)


def make_film_batch(course: FilmCourse, recipe: FilmRecipe) -> tuple[Tensor, Batch]:
    """Return the film indices of all windows, and a batch of them alone."""
    film_indices = torch.from_numpy(course.windows.film_indices)
    return film_indices, film_batch(film_indices, course, recipe, torch.Generator().manual_seed(0))


def targets(course: FilmCourse, contexts: Tensor, *, turn: float = 0.0, enter: int = NO_SHOT) -> Tensor:
    """Return the pictures that come next for states that all turn, or all enter a shot, or do neither."""
    ways = torch.full((len(contexts),), turn), torch.full((len(contexts),), enter)
    return course.targets(contexts, *ways, torch.zeros(len(contexts))).next_pictures


def test_film_windows_come_first_and_the_pool_last(hats_course: FilmCourse) -> None:
    film_indices, batch = make_batch(hats_course, UPRIGHT)
    assert len(batch.contexts) == len(batch.next_pictures) == len(batch.target_frames) == 24 + GUIDED.pool.drawn
    assert torch.equal(batch.contexts[:24], hats_course.windows.contexts(film_indices))
    assert batch.pool_draw is not None
    assert torch.equal(batch.contexts[24:], batch.pool_draw.contexts)


def test_a_batch_of_the_film_alone_has_no_pool(hats_course: FilmCourse) -> None:
    film_indices, batch = make_film_batch(hats_course, UPRIGHT)
    assert torch.equal(batch.contexts, hats_course.windows.contexts(film_indices))
    assert batch.pool_draw is None


def test_targets_are_the_small_frames_that_the_guide_shows(hats_course: FilmCourse) -> None:
    for batch in (make_batch(hats_course, GUIDED)[1], make_film_batch(hats_course, GUIDED)[1]):
        wanted = hats_course.small(hats_course.remembered[batch.next_pictures], batch.lean)
        assert torch.equal(batch.target_frames, wanted)


def test_states_lean_to_both_sides_and_farther_than_in_a_show(hats_course: FilmCourse) -> None:
    _, batch = make_film_batch(hats_course, GUIDED)
    most = GUIDED.lean * LEAN * hats_course.windows.frame_rate
    assert -most <= batch.lean.min() < -0.9 * most
    assert 0.9 * most < batch.lean.max() <= most
    assert GUIDED.lean > 1
    film_indices, pooled = make_batch(hats_course, GUIDED)
    assert torch.equal(pooled.contexts[:24], hats_course.contexts(film_indices, pooled.lean[:24]))
    assert pooled.pool_draw is not None
    assert torch.equal(pooled.lean[24:], pooled.pool_draw.lean)


def test_a_recipe_without_turns_follows_the_course(hats_course: FilmCourse) -> None:
    film_indices, batch = make_batch(hats_course, STRAIGHT)
    assert torch.equal(batch.next_pictures, targets(hats_course, batch.contexts))
    goes_on = ~hats_course.memory.stands_still(from_bytes(batch.contexts))[:24]
    goes_on &= hats_course.shot_of(hats_course.onward(film_indices)) == hats_course.shot_of(film_indices)
    onward = hats_course.remembered[batch.next_pictures][:24] == hats_course.onward(film_indices)
    assert onward[goes_on].float().mean() > 0.8  # the others look the same


def test_states_turn_and_enter_shots_as_often_as_the_recipe_says(hats_course: FilmCourse) -> None:
    _, all_turn = make_film_batch(hats_course, replace(STRAIGHT, turn_share=1.0))
    assert torch.equal(all_turn.next_pictures, targets(hats_course, all_turn.contexts, turn=1.0))
    _, all_enter = make_film_batch(hats_course, replace(STRAIGHT, enter_share=1.0))
    entered = hats_course.memory.entries == all_enter.next_pictures[:, None]
    assert entered.any(1).all()
    assert entered.sum(0).min() > 20  # every shot
    _, some = make_film_batch(hats_course, replace(STRAIGHT, turn_share=0.4, enter_share=0.3))
    straight = targets(hats_course, some.contexts)
    count = len(straight)
    assert 0.2 < (hats_course.memory.entries == some.next_pictures[:, None]).any(1).sum() / count < 0.4
    turnable = straight != targets(hats_course, some.contexts, turn=1.0)
    assert 0.4 < (some.next_pictures != straight)[turnable].float().mean() < 0.75
