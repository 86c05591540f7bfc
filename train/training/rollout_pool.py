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
from train.data.simulated_cameras import SimulatedCameras


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
    cameras: SimulatedCameras | None  # in front of each, if the recipe has cameras


class RolloutPool:
    """States of the show as 8-bit pictures, and the cameras in front of them."""

    def __init__(
        self, config: PoolConfig, course: FilmCourse, rng: torch.Generator, *, camera_share: float = 0.0
    ) -> None:
        """Fill the pool with film windows; a camera plays `camera_share` of them."""
        self.config = config
        self.course = course
        self.camera_share = camera_share
        slots = torch.arange(config.states)
        self.cameras = SimulatedCameras.set_up(torch.zeros_like(slots), camera_share, rng) if camera_share else None
        self.contexts = self._film_contexts(slots, rng)

    def draw(self, rng: torch.Generator) -> PoolDraw:
        """Draw different states, and replace some of them by film windows."""
        slots = torch.randperm(self.config.states, generator=rng)[: self.config.drawn]
        renewed = slots[torch.rand(len(slots), generator=rng) < self.config.renewal]
        if len(renewed):
            self.contexts[renewed] = self._film_contexts(renewed, rng)
        return PoolDraw(slots, self.contexts[slots], self.cameras[slots] if self.cameras else None)

    def put_back(self, draw: PoolDraw, frames: Tensor) -> None:
        """Advance drawn states by the frames that were made of them, uint8 [n, 3, h, w]."""
        self.contexts[draw.slots] = torch.cat([draw.contexts[:, 3:], frames.cpu()], 1)
        if self.cameras and draw.cameras:
            self.cameras[draw.slots] = draw.cameras.advanced(self.course)

    def _film_contexts(self, slots: Tensor, rng: torch.Generator) -> Tensor:
        """Return film windows for these slots, uint8 [n, 3K, h, w], and set up cameras in front of other frames."""
        windows = self.course.windows
        film_indices = windows.draw(len(slots), rng)
        if self.cameras:
            seen = self.course.in_view(windows.draw(len(slots), rng))
            self.cameras[slots] = SimulatedCameras.set_up(seen, self.camera_share, rng)
        return windows.contexts(film_indices)

    def state_dict(self) -> dict[str, Any]:
        """Return everything that a resumed training needs."""
        cameras = {"cameras": vars(self.cameras)} if self.cameras else {}
        return {"contexts": self.contexts, **cameras}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` left off."""
        self.contexts = state["contexts"]
        if self.cameras:
            self.cameras = SimulatedCameras(**state["cameras"])
