"""A pool of persistent rollouts: training on the network's own past at the price of one step.

States of any age live side by side (Mordvintsev et al. 2020, "Growing Neural Cellular Automata"). Each training
step draws a few, advances them by one frame and puts them back. A young state still has a true next frame in
the film (its drifted context, the true target: Magenta's remedy); an old one is judged by the discriminators alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from cyclopts.types import NonNegativeInt, NormFloat
from torch import Tensor

from train.dataset import FilmWindows


@dataclass(frozen=True)
class PoolConfig:
    """Training on own rollouts."""

    pool: NonNegativeInt = 32
    """States that live in the pool; 0 switches training on own rollouts off. Must be revisited often."""
    young: NonNegativeInt = 24
    """Steps for which a state keeps its true targets."""
    renew: NormFloat = 0.04
    """Chance that a state is replaced by a film window when it is drawn."""


@dataclass(frozen=True)
class PoolDraw:
    """Some states of the pool, about to be advanced."""

    slots: Tensor  # int64 [n], places in the pool
    contexts: Tensor  # uint8 [n, 3K, H, W]
    targets: Tensor  # int64 [n], film index of the true next frame; −1: there is none


class RolloutPool:
    """The states: contexts as 8-bit pictures, their place in the film while young, and their age in steps."""

    def __init__(self, config: PoolConfig, windows: FilmWindows, rng: torch.Generator) -> None:
        self.config = config
        self.windows = windows
        self.targets = windows.draw(config.pool, rng)
        self.contexts = windows.windows(self.targets)[:, :-3].clone()
        self.ages = torch.zeros(config.pool, dtype=torch.int64)

    def draw(self, count: int, rng: torch.Generator) -> PoolDraw:
        """`count` different states, some of them just begun anew from the film."""
        slots = torch.randperm(self.config.pool, generator=rng)[:count]
        renewed = slots[torch.rand(count, generator=rng) < self.config.renew]
        if len(renewed):
            self.targets[renewed] = self.windows.draw(len(renewed), rng)
            self.contexts[renewed] = self.windows.windows(self.targets[renewed])[:, :-3]
            self.ages[renewed] = 0
        return PoolDraw(slots, self.contexts[slots], self.targets[slots])

    def put_back(self, draw: PoolDraw, frames: Tensor) -> None:
        """Advance the drawn states by the frames [n, 3, H, W] uint8 that were made of them."""
        self.contexts[draw.slots] = torch.cat([draw.contexts[:, 3:], frames.cpu()], 1)
        self.ages[draw.slots] += 1
        followed = self.windows.follow(draw.targets)
        followed[self.ages[draw.slots] >= self.config.young] = -1
        self.targets[draw.slots] = followed

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed training needs."""
        return {"contexts": self.contexts, "targets": self.targets, "ages": self.ages}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left off."""
        self.contexts, self.targets, self.ages = state["contexts"], state["targets"], state["ages"]
