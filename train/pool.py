"""A pool of persistent rollouts: training on the network's own past at the price of one step.

States of any age live side by side (Mordvintsev et al. 2020, "Growing Neural Cellular Automata"). Each training
step draws a few, advances them by one frame and puts them back. A state has a place in the film, and so a true next
frame (its drifted context, the true target: Magenta's remedy). What has drifted too long for that is anchored anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from train.dataset import FilmWindows


@dataclass(frozen=True)
class PoolConfig:
    """Training on own rollouts."""

    pool: int = 32  # states that live in the pool; 0 switches it off. Must be revisited often
    drawn: int = 8  # of them advanced in a training step
    truth: int = 24  # steps for which a state keeps its place in the film
    after: Literal["anchor", "orphan", "renew"] = "anchor"
    """What becomes of a state then: the film's moment most like it is its new place (as in video textures, Schödl et
    al. 2000), and over a cut the film goes on in its next shot, from the last one to the first; or it has no truth
    any more; or a film window replaces it. The last two also at a cut."""
    renew: float = 0.02  # chance that a state is replaced by a film window when it is drawn


@dataclass(frozen=True)
class PoolDraw:
    """Some states of the pool, about to be advanced."""

    slots: Tensor  # int64 [n], places in the pool
    contexts: Tensor  # uint8 [n, 3K, h, w]
    targets: Tensor  # int64 [n], film index of the true next frame; −1: there is none


class RolloutPool:
    """The states: contexts as 8-bit pictures, their places in the film, and since when they have had them."""

    def __init__(self, config: PoolConfig, windows: FilmWindows, rng: torch.Generator) -> None:
        self.config = config
        self.windows = windows
        self.targets = torch.zeros(config.pool, dtype=torch.int64)
        self.since = torch.zeros(config.pool, dtype=torch.int64)  # steps
        self.contexts = windows.windows(windows.draw(config.pool, rng))[:, :-3].clone()
        self._begin(torch.arange(config.pool), rng)

    def draw(self, rng: torch.Generator) -> PoolDraw:
        """Different states, some of them just begun anew from the film."""
        slots = torch.randperm(self.config.pool, generator=rng)[: self.config.drawn]
        lost = (self.targets[slots] < 0) if self.config.after == "renew" else torch.zeros(len(slots), dtype=torch.bool)
        self._begin(slots[lost | (torch.rand(len(slots), generator=rng) < self.config.renew)], rng)
        return PoolDraw(slots, self.contexts[slots], self.targets[slots])

    def _begin(self, slots: Tensor, rng: torch.Generator) -> None:
        if len(slots):
            begun = self.windows.draw(len(slots), rng)
            self.contexts[slots] = self.windows.windows(begun)[:, :-3]
            self.targets[slots] = begun if self.config.truth else -1
            self.since[slots] = 0

    def put_back(self, draw: PoolDraw, frames: Tensor) -> None:
        """Advance the drawn states by the frames [n, 3, h, w] uint8 that were made of them."""
        contexts = torch.cat([draw.contexts[:, 3:], frames.cpu()], 1)
        since = self.since[draw.slots] + 1
        if self.config.after == "anchor":
            followed, cut = self.windows.follow(draw.targets)
            since[cut] = 0
            old = since >= self.config.truth
            if old.any():
                followed[old] = self.windows.most_like(contexts[old])
                since[old] = 0
        else:
            followed, cut = self.windows.follow(draw.targets)
            followed[cut | (since >= self.config.truth)] = -1
        self.contexts[draw.slots], self.targets[draw.slots], self.since[draw.slots] = contexts, followed, since

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed training needs."""
        return {"contexts": self.contexts, "targets": self.targets, "since": self.since}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left off."""
        self.contexts, self.targets, self.since = state["contexts"], state["targets"], state["since"]
