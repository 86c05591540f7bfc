"""Pool of persistent rollouts: training on the network's own past at the price of one step.

States of any age live side by side (Mordvintsev et al. 2020, "Growing Neural Cellular Automata"). Each training step
draws a few, advances them by one frame and puts them back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from train.data.film_course import FilmCourse


@dataclass(frozen=True)
class PoolConfig:
    """Size of a pool, and how fast it is renewed."""

    states: int = 32  # few enough that each is drawn often
    drawn: int = 4  # of them, in a training step
    renewal: float = 0.1  # chance that a drawn state is replaced by a film window


@dataclass(frozen=True)
class PoolDraw:
    """States of the pool that are about to be advanced."""

    slots: Tensor  # int64 [n], places in the pool
    contexts: Tensor  # uint8 [n, 3K, h, w]
    lean: Tensor  # float [n], in pictures of the memory


class RolloutPool:
    """States of the show as 8-bit pictures."""

    def __init__(self, config: PoolConfig, course: FilmCourse, lean: float, rng: torch.Generator) -> None:
        """Fill the pool with film windows; `lean` is the temperature up to which time leans in them."""
        self.config = config
        self.course = course
        self._most = lean
        self.contexts, self.lean = self._film_windows(config.states, rng)

    def draw(self, rng: torch.Generator) -> PoolDraw:
        """Draw different states, and replace some of them by film windows."""
        slots = torch.randperm(self.config.states, generator=rng)[: self.config.drawn]
        renewed = slots[torch.rand(len(slots), generator=rng) < self.config.renewal]
        if len(renewed):
            self.contexts[renewed], self.lean[renewed] = self._film_windows(len(renewed), rng)
        return PoolDraw(slots, self.contexts[slots], self.lean[slots])

    def put_back(self, draw: PoolDraw, frames: Tensor) -> None:
        """Advance drawn states by the frames that were made of them, uint8 [n, 3, h, w]."""
        self.contexts[draw.slots] = torch.cat([draw.contexts[:, 3:], frames.cpu()], 1)

    def _film_windows(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return the contexts of film windows, uint8 [count, 3K, h, w], and how far they lean: float [count]."""
        lean = self.course.draw_leans(count, self._most, rng)
        return self.course.contexts(self.course.windows.draw(count, rng), lean), lean

    def state_dict(self) -> dict[str, Any]:
        """Return everything that a resumed training needs."""
        return {"contexts": self.contexts, "lean": self.lean}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` left off."""
        self.contexts, self.lean = state["contexts"], state["lean"]
