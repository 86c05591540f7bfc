"""Batch of one training step: states of the show, and their targets."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.data.film_course import FilmCourse
from train.models.film_memory import NO_SHOT
from train.training.recipes import FilmRecipe
from train.training.rollout_pool import PoolDraw, RolloutPool


@dataclass(frozen=True)
class Batch:
    """n states and their targets. States of the pool come last."""

    contexts: Tensor  # uint8 [n, 3K, h, w]
    next_pictures: Tensor  # int64 [n], pictures of the generator's memory that come next
    target_frames: Tensor  # uint8 [n, 3, h, w]
    lean: Tensor  # float [n], of states, targets and guides, in pictures of the memory
    pool_draw: PoolDraw | None


def film_batch(film_indices: Tensor, course: FilmCourse, recipe: FilmRecipe, rng: torch.Generator) -> Batch:
    """Make a batch of film windows alone, int64 [n]."""
    lean = course.draw_leans(len(film_indices), recipe.lean, rng)
    return _batch(course.contexts(film_indices, lean), lean, None, course, recipe, rng)


def pool_batch(
    film_indices: Tensor, course: FilmCourse, pool: RolloutPool, recipe: FilmRecipe, rng: torch.Generator
) -> Batch:
    """Make a batch of film windows, int64 [n], and of states of the pool."""
    drawn = pool.draw(rng)
    lean = course.draw_leans(len(film_indices), recipe.lean, rng)
    contexts = torch.cat([course.contexts(film_indices, lean), drawn.contexts])
    return _batch(contexts, torch.cat([lean, drawn.lean]), drawn, course, recipe, rng)


def _batch(
    contexts: Tensor,
    lean: Tensor,
    drawn: PoolDraw | None,
    course: FilmCourse,
    recipe: FilmRecipe,
    rng: torch.Generator,
) -> Batch:
    """Draw which states turn and which enter another shot, and find their targets."""
    count = len(contexts)
    turn, leave = torch.rand(2, count, generator=rng)
    shots = torch.randint(len(course.windows.shots), (count,), generator=rng)
    enter = torch.where(leave < recipe.enter_share, shots, NO_SHOT)
    targets = course.targets(contexts, (turn < recipe.turn_share).float(), enter, lean)
    return Batch(contexts, targets.next_pictures, targets.frames, lean, drawn)
