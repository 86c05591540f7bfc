"""Batch of one training step: states of the show, and what should follow them."""

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
    """What cameras see of the n states of a batch."""

    guides: Tensor  # float −1…1 [n, 1, rows, columns], 0 without a camera
    mixes: Tensor  # float [n], 0…1, how closely each is followed
    loss_mask: Tensor  # bool [n], whether the camera asks for something else than the target


@dataclass(frozen=True)
class Batch:
    """n states, what should follow them, and clips of the film to compare with. States of the pool come last."""

    contexts: Tensor  # uint8 [n, 3K, h, w]
    next_pictures: Tensor  # int64 [n, BANDS], pictures of the generator's memory that come next, band by band
    target_frames: Tensor  # uint8 [n, 3, h, w], composed of bands
    target_indices: Tensor  # int64 [n], film frames that the targets are of (their middle band)
    mask: Tensor  # bool [n], whether the target is one film frame, the last of `real_clips`
    real_clips: Tensor  # uint8 [n, 3(K+1), h, w], clips of the film that are as near to the targets as possible
    pool_draw: PoolDraw
    cameras: CameraInputs | None


def next_batch(
    film_indices: Tensor, course: FilmCourse, pool: RolloutPool, recipe: FilmRecipe, rng: torch.Generator
) -> Batch:
    """Make a batch of film windows, int64 [n], and of states of the pool."""
    windows, own = course.windows, len(film_indices)
    drawn = pool.draw(rng)
    contexts = torch.cat([windows.contexts(film_indices), drawn.contexts])
    turn = torch.rand(len(contexts), BANDS, generator=rng)
    if drawn.cameras is None:
        targets = course.targets(contexts, (turn < recipe.turn_share).float())
        real_clips = torch.cat([windows.contexts(targets.found), windows.small(targets.film_indices)], 1)
        return _batch(contexts, targets, real_clips, drawn, None)

    # Cameras in front of film windows see the frame that comes next, as a whole or in part; so does then the window.
    cameras = SimulatedCameras.set_up(course.onward(film_indices), recipe.camera_share, rng)
    cameras.foreign[:] = False
    contexts[:own] = windows.contexts(film_indices, cameras.views)
    cameras = cameras.beside(drawn.cameras)
    mixes, is_own = cameras.mixes, torch.arange(len(contexts)) < own
    guides = cameras.guides(course, rng)
    turn = (turn < recipe.turn_share * (1 - mixes[:, None])).float()  # a state that follows a camera does not wander
    call = camera_calls(torch.randn(len(mixes), BANDS, generator=rng), mixes)
    targets = course.targets(contexts, turn, guides, call, mixes)
    # The frame that such a camera sees is the target of its window.
    facing = ((mixes > 0) & is_own).nonzero()[:, 0]
    targets.found[facing], targets.film_indices[facing] = film_indices[facing], cameras.film_indices[facing]
    if len(facing):
        targets.frames[facing] = windows.small(cameras.film_indices[facing], cameras.views[facing])
    targets.whole[facing] = True
    views = torch.where(is_own[:, None], cameras.views, WHOLE_VIEW)
    real_clips = torch.cat([windows.contexts(targets.found, views), windows.small(targets.film_indices, views)], 1)
    return _batch(contexts, targets, real_clips, drawn, CameraInputs(guides, mixes, (mixes > 0) & ~is_own))


def _batch(
    contexts: Tensor, targets: Targets, real_clips: Tensor, drawn: PoolDraw, cameras: CameraInputs | None
) -> Batch:
    return Batch(
        contexts=contexts,
        next_pictures=targets.next_pictures,
        target_frames=targets.frames,
        target_indices=targets.film_indices,
        mask=targets.whole,
        real_clips=real_clips,
        pool_draw=drawn,
        cameras=cameras,
    )
