"""What one training step is about: states of the show, and what the film says should follow them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.data.film_windows import FilmWindows
from train.data.simulated_cameras import Cameras
from train.images.pixels import from_bytes
from train.models.film_memory import BANDS, MIDDLE
from train.models.show_step import camera_calls
from train.training.recipes import Recipe
from train.training.rollout_pool import PoolDraw, RolloutPool


@dataclass(frozen=True)
class Batch:
    """What one step of the recurrence is about: n states, and what should become of them."""

    contexts: Tensor  # uint8 [n, 3K, h, w]
    following: Tensor | None  # int64 [n, BANDS], which pictures of the generator's memory come next, if it has one
    targets: Tensor  # int64 [n], the film's frames that should follow (of the middle band); −1: there is none
    truths: Tensor  # uint8 [n, 3, h, w], what should follow, composed of bands
    known: Tensor  # bool [n], whether that is a truth for the state, or stands in for one
    whole: Tensor  # bool [n], whether it is also one frame of the film
    film: Tensor  # uint8 [n, 3(K+1), h, w], clips of the film that are as near to it as may be
    draw: PoolDraw | None  # the last of the states, if there is a pool
    camera: Tensor | None = None  # float [n, 1, rows, columns], what cameras see, if there are any
    mixes: Tensor | None = None  # float [n], how closely they are followed
    led: Tensor | None = None  # bool [n], whether one leads away from the truth


def next_batch(
    moments: Tensor, windows: FilmWindows, pool: RolloutPool | None, recipe: Recipe, rng: torch.Generator
) -> Batch:
    """What should follow moments of the film [n], and states drawn from the pool."""
    contexts = windows.contexts(moments)
    draw = pool.draw(rng) if pool else None
    if draw:
        moments, contexts = torch.cat([moments, draw.moments]), torch.cat([contexts, draw.contexts])
    turn = torch.rand(len(contexts), BANDS, generator=rng)
    if recipe.guided:
        return _guided(moments, contexts, turn, draw, windows, recipe, rng)
    targets = windows.onward(moments.clamp(min=0)) if recipe.pool.circle else windows.straight(moments)
    known = targets >= 0
    # Where a state has no truth any more, any clip of the film stands in for "real".
    stand_in = windows.draw(len(moments), rng, circle=recipe.pool.circle)
    shown = torch.where(known, moments, stand_in)
    followed = windows.onward(shown) if recipe.pool.circle else windows.straight(shown)
    truths = windows.small(followed)
    film = torch.cat([windows.contexts(shown), truths], 1)
    return Batch(contexts, None, targets, truths, known, known, film, draw)


def _guided(
    moments: Tensor,
    contexts: Tensor,
    turn: Tensor,
    draw: PoolDraw | None,
    windows: FilmWindows,
    recipe: Recipe,
    rng: torch.Generator,
) -> Batch:
    """What the generator's memory will say should follow, of each band by itself; `turn` is of 0…1."""
    memory, drawn = windows.memory, len(draw.slots) if draw else 0
    own = len(contexts) - drawn  # windows of the film
    cameras = camera = mixes = led = None
    if recipe.cameras:
        cameras = Cameras.set_up(windows.onward(moments[:own]), recipe.cameras, rng)
        cameras.strange[:] = False  # what these see is what comes next
        contexts[:own] = windows.contexts(moments[:own], cameras.views)
        if draw and draw.cameras:
            cameras = cameras.beside(draw.cameras)
        camera, mixes = cameras.guides(windows, rng), cameras.mixes
        led = (mixes > 0) & (torch.arange(len(mixes)) >= own)
    states = from_bytes(contexts)
    alone = 1.0 if mixes is None else 1 - mixes[:, None]  # who is led does not wander off
    turn = (turn < recipe.turns * alone).float()
    calls = None if mixes is None else camera_calls(torch.randn(len(mixes), BANDS, generator=rng), mixes)
    places = memory.look_up(states, camera, calls)
    following = memory.follow(places, states, turn, mixes)
    shown = torch.from_numpy(windows.moments)[places[:, MIDDLE]]
    nexts = windows.remembered[following]
    targets = nexts[:, MIDDLE].clone()
    truths = windows.composed(nexts)
    whole = (nexts == nexts[:, :1]).all(1)
    views = None
    if cameras is not None:
        # Before a camera that shows what comes next, that is the truth; where it shows a part, of that part.
        facing = ((cameras.mixes > 0) & (torch.arange(len(contexts)) < own)).nonzero()[:, 0]
        shown[facing], targets[facing] = moments[facing], cameras.moments[facing]
        if len(facing):
            truths[facing] = windows.small(cameras.moments[facing], cameras.views[facing])
        whole[facing] = True
        views = torch.where((torch.arange(len(contexts)) < own)[:, None], cameras.views, torch.tensor([0.0, 0, 1, 0]))
    film = torch.cat([windows.contexts(shown, views), windows.small(targets, views)], 1)
    known = torch.ones(len(contexts), dtype=torch.bool)
    return Batch(contexts, following, targets, truths, known, whole, film, draw, camera, mixes, led)
