"""Batch of one training step: states of the show, and their targets."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.data.film_course import FilmCourse, Targets
from train.data.simulated_cameras import SimulatedCameras
from train.models.film_memory import NO_SHOT
from train.models.show_step import camera_calls
from train.training.recipes import FilmRecipe
from train.training.rollout_pool import PoolDraw, RolloutPool


@dataclass(frozen=True)
class CameraInputs:
    """Camera inputs of the n states of a batch."""

    guides: Tensor  # float −1…1 [n, 1, rows, columns], 0 without a camera
    mixes: Tensor  # float [n], 0…1, how closely each is followed
    loss_mask: Tensor  # bool [n], True if the camera asks for something else than the target


@dataclass(frozen=True)
class Batch:
    """n states and their targets. States of the pool come last."""

    contexts: Tensor  # uint8 [n, 3K, h, w]
    next_pictures: Tensor  # int64 [n], pictures of the generator's memory that come next
    target_frames: Tensor  # uint8 [n, 3, h, w]
    pool_draw: PoolDraw | None
    cameras: CameraInputs | None


def film_batch(film_indices: Tensor, course: FilmCourse, recipe: FilmRecipe, rng: torch.Generator) -> Batch:
    """Make a batch of film windows alone, int64 [n], without cameras."""
    contexts = course.windows.contexts(film_indices)
    targets = course.targets(contexts, *_ways(len(contexts), course, recipe, rng))
    return _batch(contexts, targets, None, None)


def pool_batch(
    film_indices: Tensor, course: FilmCourse, pool: RolloutPool, recipe: FilmRecipe, rng: torch.Generator
) -> Batch:
    """Make a batch of film windows, int64 [n], and of states of the pool."""
    drawn = pool.draw(rng)
    contexts = torch.cat([course.windows.contexts(film_indices), drawn.contexts])
    turn, enter = _ways(len(contexts), course, recipe, rng)
    if drawn.cameras is not None:
        return _with_cameras(film_indices, contexts, turn, enter, drawn, drawn.cameras, course, recipe, rng)
    return _batch(contexts, course.targets(contexts, turn, enter), drawn, None)


def _ways(count: int, course: FilmCourse, recipe: FilmRecipe, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw which states turn, float [count], and which shot each enters, int64 [count]."""
    turn, leave = torch.rand(2, count, generator=rng)
    shots = torch.randint(len(course.windows.shots), (count,), generator=rng)
    return (turn < recipe.turn_share).float(), torch.where(leave < recipe.enter_share, shots, NO_SHOT)


def _with_cameras(
    film_indices: Tensor,
    contexts: Tensor,
    turn: Tensor,
    enter: Tensor,
    drawn: PoolDraw,
    pool_cameras: SimulatedCameras,
    course: FilmCourse,
    recipe: FilmRecipe,
    rng: torch.Generator,
) -> Batch:
    """Set up cameras in front of the film windows, and look at all states through their cameras."""
    own = len(film_indices)
    # They see the frame that comes next.
    cameras = SimulatedCameras.set_up(course.in_view(film_indices), recipe.camera_share, rng)
    cameras.foreign[:] = False
    cameras = cameras.beside(pool_cameras)
    mixes, is_own = cameras.mixes, torch.arange(len(contexts)) < own
    guides = cameras.guides(course, rng)
    # A state that follows a camera does not wander.
    wanders = torch.rand(len(mixes), generator=rng) >= mixes
    turn, enter = turn * wanders, torch.where(wanders, enter, NO_SHOT)
    call = camera_calls(torch.randn(len(mixes), generator=rng), mixes)
    targets = course.targets(contexts, turn, enter, guides, call, mixes)
    played = (mixes[:own] > 0).nonzero()[:, 0]
    targets = course.targets_in_view(targets, played, film_indices[played])
    return _batch(contexts, targets, drawn, CameraInputs(guides, mixes, (mixes > 0) & ~is_own))


def _batch(contexts: Tensor, targets: Targets, drawn: PoolDraw | None, cameras: CameraInputs | None) -> Batch:
    return Batch(contexts, targets.next_pictures, targets.frames, drawn, cameras)
