"""A pool of persistent rollouts: training on the network's own past at the price of one step.

States of any age live side by side (Mordvintsev et al. 2020, "Growing Neural Cellular Automata"). Each training
step draws a few, advances them by one frame and puts them back. A state has a place in the film, and so a true next
frame (its drifted context, the true target: Magenta's remedy). What has drifted from its place is given another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from train.data.film_windows import FilmWindows
from train.data.simulated_cameras import Cameras


@dataclass(frozen=True)
class PoolConfig:
    """Training on own rollouts."""

    pool: int = 32  # states that live in the pool; 0 switches it off. Must be revisited often
    drawn: int = 8  # of them advanced in a training step
    truth: int = 24  # steps for which a state keeps its place in the film
    after: Literal["anchor", "keep", "orphan", "renew"] = "orphan"
    """What becomes of a state then: the film's moment most like it is its new place (as video textures find their
    transitions, Schödl et al. 2000); or it keeps its own; or it has no truth any more; or a film window replaces it.
    The last two also at a cut."""
    renew: float = 0.1  # chance that a state is replaced by a film window when it is drawn

    @property
    def circle(self) -> bool:
        """Whether the film goes on after a cut and after its end, and never stands still."""
        return self.after in ("anchor", "keep")


@dataclass(frozen=True)
class PoolDraw:
    """Some states of the pool, about to be advanced."""

    slots: Tensor  # int64 [n], places in the pool
    contexts: Tensor  # uint8 [n, 3K, h, w]
    moments: Tensor  # int64 [n], moment of the film that each is taken for; −1: none
    cameras: Cameras | None  # what plays each, if the recipe has cameras


class RolloutPool:
    """The states: contexts as 8-bit pictures, their places in the film, and since when they have had them."""

    def __init__(self, config: PoolConfig, windows: FilmWindows, rng: torch.Generator, *, camera: float = 0.0) -> None:
        """`camera` is the share of states that a camera plays."""
        self.config = config
        self.windows = windows
        self.camera = camera
        self.moments = torch.zeros(config.pool, dtype=torch.int64)
        self.since = torch.zeros(config.pool, dtype=torch.int64)  # steps
        every = torch.arange(config.pool)
        self.cameras = Cameras.set_up(self.moments, camera, rng) if camera else None
        self.contexts = windows.contexts(self._begin(every, rng))

    def draw(self, rng: torch.Generator) -> PoolDraw:
        """Different states, some of them just begun anew from the film."""
        slots = torch.randperm(self.config.pool, generator=rng)[: self.config.drawn]
        lost = (self.moments[slots] < 0) if self.config.after == "renew" else torch.zeros(len(slots), dtype=torch.bool)
        fresh = slots[lost | (torch.rand(len(slots), generator=rng) < self.config.renew)]
        if len(fresh):
            self.contexts[fresh] = self.windows.contexts(self._begin(fresh, rng))
        cameras = self.cameras[slots] if self.cameras else None
        return PoolDraw(slots, self.contexts[slots], self.moments[slots], cameras)

    def _begin(self, slots: Tensor, rng: torch.Generator) -> Tensor:
        """Give states new places in the film: moments [n]."""
        begun = self.windows.draw(len(slots), rng, circle=self.config.circle)
        self.moments[slots] = begun if self.config.truth else -1
        self.since[slots] = 0
        if self.cameras:  # that see another moment than the state's
            seen = self.windows.draw(len(slots), rng, circle=True)
            self.cameras[slots] = Cameras.set_up(self.windows.onward(seen), self.camera, rng)
        return begun

    def put_back(self, draw: PoolDraw, frames: Tensor, targets: Tensor) -> None:
        """Advance the drawn states by the frames [n, 3, h, w] uint8 that were made of them.

        Args:
            draw: what `draw` gave.
            frames: the newest of each state.
            targets: int64 [n], the film's frames that these should have been; −1: there was none.
        """
        contexts = torch.cat([draw.contexts[:, 3:], frames.cpu()], 1)
        since = self.since[draw.slots] + 1
        moments = targets.clone()
        old = since >= self.config.truth
        if not self.config.circle:
            moments[old | (self.windows.straight(targets) < 0)] = -1
        elif self.config.after == "anchor" and old.any():
            moments[old] = self.windows.most_like(contexts[old])
            since[old] = 0
        self.contexts[draw.slots], self.moments[draw.slots], self.since[draw.slots] = contexts, moments, since
        if self.cameras and draw.cameras:
            self.cameras[draw.slots] = draw.cameras.advanced(self.windows)

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed training needs."""
        cameras = {"cameras": vars(self.cameras)} if self.cameras else {}
        return {"contexts": self.contexts, "moments": self.moments, "since": self.since, **cameras}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left off."""
        self.contexts, self.moments, self.since = state["contexts"], state["moments"], state["since"]
        if self.cameras:
            self.cameras = Cameras(**state["cameras"])
