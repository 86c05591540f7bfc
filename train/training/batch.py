"""Batch of one training step: states of the show, and their targets."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.data.film_course import FilmCourse, Targets
from train.data.simulated_cameras import SimulatedCameras
from train.models.film_memory import BANDS
from train.models.show_step import camera_calls
from train.training.recipes import FilmRecipe
from train.training.rollout_pool import PoolDraw, RolloutPool

WHOLE_VIEW = torch.tensor([0.0, 0.0, 1.0, 0.0])  # of a camera that sees the whole frame


@dataclass(frozen=True)
class CameraInputs:
    """Camera inputs of the n states of a batch."""

    guides: Tensor  # float −1…1 [n, 1, rows, columns], 0 without a camera
    mixes: Tensor  # float [n], 0…1, how closely each is followed
    loss_mask: Tensor  # bool [n], True if the camera asks for something else than the target


@dataclass(frozen=True)
class Batch:
    """n states, their targets, and clips of the film to compare with. States of the pool come last."""

    contexts: Tensor  # uint8 [n, 3K, h, w]
    next_pictures: Tensor  # int64 [n, BANDS], pictures of the generator's memory that come next, band by band
    target_frames: Tensor  # uint8 [n, 3, h, w], composed of bands
    target_indices: Tensor  # int64 [n], film frames that the targets are of (their middle band)
    mask: Tensor  # bool [n], True if the target is one film frame, the last of `real_clips`
    real_clips: Tensor  # uint8 [n, 3(K+1), h, w], clips of the film that are as near to the targets as possible
    pool_draw: PoolDraw
    cameras: CameraInputs | None


def next_batch(
    film_indices: Tensor, course: FilmCourse, pool: RolloutPool, recipe: FilmRecipe, rng: torch.Generator
) -> Batch:
    """Make a batch of film windows, int64 [n], and of states of the pool."""
    drawn = pool.draw(rng)
    contexts = torch.cat([course.windows.contexts(film_indices), drawn.contexts])
    turn = torch.rand(len(contexts), BANDS, generator=rng)
    if drawn.cameras is not None:
        return _with_cameras(film_indices, contexts, turn, drawn, drawn.cameras, course, recipe, rng)
    targets = course.targets(contexts, (turn < recipe.turn_share).float())
    return _batch(contexts, targets, drawn, None, None, course)


def _with_cameras(
    film_indices: Tensor,
    contexts: Tensor,
    turn: Tensor,
    drawn: PoolDraw,
    pool_cameras: SimulatedCameras,
    course: FilmCourse,
    recipe: FilmRecipe,
    rng: torch.Generator,
) -> Batch:
    """Set up cameras in front of the film windows, and look at all states through their cameras."""
    own = len(film_indices)
    # They see the frame that comes next, as a whole or in part; the window sees the same part.
    cameras = SimulatedCameras.set_up(course.in_view(film_indices), recipe.camera_share, rng)
    cameras.foreign[:] = False
    contexts[:own] = course.windows.contexts(film_indices, cameras.views)
    cameras = cameras.beside(pool_cameras)
    mixes, is_own = cameras.mixes, torch.arange(len(contexts)) < own
    guides = cameras.guides(course, rng)
    turn = (turn < recipe.turn_share * (1 - mixes[:, None])).float()  # a state that follows a camera does not wander
    call = camera_calls(torch.randn(len(mixes), BANDS, generator=rng), mixes)
    targets = course.targets(contexts, turn, guides, call, mixes)
    played = (mixes[:own] > 0).nonzero()[:, 0]
    targets = course.targets_in_view(targets, played, film_indices[played], cameras.views[played])
    views = torch.where(is_own[:, None], cameras.views, WHOLE_VIEW)
    return _batch(contexts, targets, drawn, CameraInputs(guides, mixes, (mixes > 0) & ~is_own), views, course)


def _batch(
    contexts: Tensor,
    targets: Targets,
    drawn: PoolDraw,
    cameras: CameraInputs | None,
    views: Tensor | None,
    course: FilmCourse,
) -> Batch:
    windows = course.windows
    clips = torch.cat([windows.contexts(targets.found, views), windows.small(targets.film_indices, views)], 1)
    return Batch(
        contexts=contexts,
        next_pictures=targets.next_pictures,
        target_frames=targets.frames,
        target_indices=targets.film_indices,
        mask=targets.whole,
        real_clips=clips,
        pool_draw=drawn,
        cameras=cameras,
    )
