"""What one training step is about: states of the show, and what the film says should follow them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.dataset import FilmWindows
from train.memory import BANDS, MIDDLE
from train.pool import PoolDraw, RolloutPool
from train.recipes import Recipe
from train.step import from_bytes


@dataclass(frozen=True)
class Lesson:
    """What one step of the recurrence is about: n states, and what should become of them."""

    contexts: Tensor  # uint8 [n, 3K, h, w]
    following: Tensor | None  # int64 [n, BANDS], which pictures of the generator's memory come next, if it has one
    targets: Tensor  # int64 [n], the film's frames that should follow (of the middle band); −1: there is none
    truths: Tensor  # uint8 [n, 3, h, w], what should follow, composed of bands
    known: Tensor  # bool [n], whether that is a truth for the state, or stands in for one
    whole: Tensor  # bool [n], whether it is also one frame of the film
    film: Tensor  # uint8 [n, 3(K+1), h, w], clips of the film that are as near to it as may be
    draw: PoolDraw | None  # the last of the states, if there is a pool


def next_lesson(
    moments: Tensor, windows: FilmWindows, pool: RolloutPool | None, recipe: Recipe, rng: torch.Generator
) -> Lesson:
    """What should follow moments of the film [n], and states drawn from the pool."""
    contexts = windows.contexts(moments)
    draw = pool.draw(rng) if pool else None
    if draw:
        moments, contexts = torch.cat([moments, draw.moments]), torch.cat([contexts, draw.contexts])
    turn = (torch.rand(len(contexts), BANDS, generator=rng) < recipe.turns).float()
    if recipe.guided:
        # What the generator's memory will say, of each band by itself.
        memory = windows.memory
        states = from_bytes(contexts)
        places = memory.look_up(states)
        following = memory.follow(places, states, turn)
        shown = torch.from_numpy(windows.moments)[places[:, MIDDLE]]
        nexts = windows.remembered[following]
        targets = followed = nexts[:, MIDDLE]
        truths, known = windows.composed(nexts), torch.ones(len(contexts), dtype=torch.bool)
        whole = (nexts == nexts[:, :1]).all(1)
    else:
        following = None
        targets = windows.onward(moments.clamp(min=0)) if recipe.pool.circle else windows.straight(moments)
        known = whole = targets >= 0
        # Where a state has no truth any more, any clip of the film stands in for "real".
        stand_in = windows.draw(len(moments), rng, circle=recipe.pool.circle)
        shown = torch.where(known, moments, stand_in)
        followed = windows.onward(shown) if recipe.pool.circle else windows.straight(shown)
        truths = windows.small(followed)
    film = torch.cat([windows.contexts(shown), windows.small(followed)], 1)
    return Lesson(contexts, following, targets, truths, known, whole, film, draw)
