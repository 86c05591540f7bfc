"""Batches: targets are those of the course, and real clips are clips of the film."""

from dataclasses import replace

import torch

from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes
from train.models.camera_guide import camera_guide
from train.training.batch import Batch, next_batch
from train.training.recipes import CAMERA, GUIDED, FilmRecipe
from train.training.rollout_pool import RolloutPool


def make_batch(course: FilmCourse, recipe: FilmRecipe) -> tuple[torch.Tensor, Batch]:
    """Return the film indices of 24 windows, and a batch of them and of the pool."""
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(recipe.pool, course, rng, camera_share=recipe.camera_share)
    film_indices = course.windows.draw(24, rng)
    return film_indices, next_batch(film_indices, course, pool, recipe, rng)


def test_film_windows_come_first_and_the_pool_last(hats_course: FilmCourse) -> None:
    film_indices, batch = make_batch(hats_course, GUIDED)
    assert len(batch.contexts) == 24 + GUIDED.pool.drawn
    assert torch.equal(batch.contexts[:24], hats_course.windows.contexts(film_indices))
    assert torch.equal(batch.contexts[24:], batch.pool_draw.contexts)
    assert batch.cameras is None


def test_real_clips_end_with_a_film_frame(hats_course: FilmCourse) -> None:
    _, batch = make_batch(hats_course, replace(GUIDED, turn_share=0.3))
    assert torch.equal(batch.real_clips[:, -3:], hats_course.windows.small(batch.target_indices))
    # It is the target where all bands are of one frame; discriminators never see a composed one.
    assert 0 < batch.mask.sum() < len(batch.mask)
    assert torch.equal(batch.real_clips[batch.mask, -3:], batch.target_frames[batch.mask])
    assert not torch.equal(batch.real_clips[~batch.mask, -3:], batch.target_frames[~batch.mask])


def test_a_recipe_without_turns_has_none(hats_course: FilmCourse) -> None:
    film_indices, batch = make_batch(hats_course, replace(GUIDED, turn_share=0.0))
    states = from_bytes(batch.contexts)
    targets = hats_course.targets(batch.contexts, torch.zeros(len(states), 3))
    assert torch.equal(batch.next_pictures, targets.next_pictures)
    moving = ~hats_course.memory.stands_still(states)[:24]
    onward = (batch.target_indices[:24] == hats_course.onward(film_indices))[moving]
    assert onward.float().mean() > 0.8  # the others look the same


def test_a_window_with_a_camera_is_followed_by_the_frame_that_the_camera_sees(hats_course: FilmCourse) -> None:
    film_indices, batch = make_batch(hats_course, replace(CAMERA, turn_share=0.3))
    assert batch.cameras is not None
    played = (batch.cameras.mixes > 0)[:24]
    assert 0 < played.sum() < 24
    targets, clips = batch.target_frames[:24][played], batch.real_clips[:24][played]
    seen = camera_guide(from_bytes(targets), hats_course.cells).flatten(1)
    assert torch.cosine_similarity(seen, batch.cameras.guides[:24][played].flatten(1)).mean() > 0.6
    assert torch.equal(clips[:, -3:], targets)
    assert torch.equal(clips[:, :-3], batch.contexts[:24][played])
    assert torch.equal(batch.target_indices[:24][played], hats_course.onward(film_indices[played]))


def test_the_camera_loss_counts_in_the_pool_alone(hats_course: FilmCourse) -> None:
    _, batch = make_batch(hats_course, CAMERA)
    assert batch.cameras is not None
    assert not batch.cameras.loss_mask[:24].any()
    assert torch.equal(batch.cameras.loss_mask[24:], batch.cameras.mixes[24:] > 0)
