"""Steps of the show, and what they are guided to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes
from train.models.show_step import ShowStep

# Visits of the film's three shots: the last one has been stayed in for too long, and the second was never seen.
TOO_LONG = torch.tensor([[0.5, 0.0, 1.0, 20.0, 60.0]])
NEAR, FAR = 80, 60  # film frames of the windows, where a turn is near and where it is not


def noise(seed: int) -> Tensor:
    """Return the noise of a step whose pictures are 48×64, at scale 2."""
    return torch.randn(1, 6, 24, 32, generator=torch.Generator().manual_seed(seed))


def window(course: FilmCourse, place: int) -> tuple[Tensor, Tensor]:
    """Return the film index of a window, [1], and its context at the picture's size."""
    film_index = torch.tensor([course.windows.film_indices[place]])
    return film_index, from_bytes(course.windows.pictures(film_index + torch.tensor([-2, 0]))).flatten(0, 1)[None]


def step(
    show: ShowStep,
    context: Tensor,
    visits: Tensor,
    noise: Tensor,
    temperature: Tensor,
    *,
    movement: Tensor | None = None,
    camera: Tensor | None = None,
    mix: float = 0.0,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Compute a step; without a camera, its picture is black."""
    movement = show.begin(context)["movement"] if movement is None else movement
    camera = torch.zeros(*context.shape[2:], 3, dtype=torch.uint8) if camera is None else camera
    outputs: tuple[Tensor, Tensor, Tensor, Tensor] = show(
        context, visits, movement, noise, temperature, camera, torch.full((1,), mix)
    )
    return outputs


@dataclass
class Watched:
    """A step whose decisions are watched."""

    show: ShowStep
    course: FilmCourse

    def __post_init__(self) -> None:
        self._guides: list[Tensor] = []
        self.show.generator.recurrence.register_forward_pre_hook(lambda module, inputs: self._guides.append(inputs[3]))

    def follows(
        self,
        context: Tensor,
        visits: Tensor,
        noise: Tensor,
        **before_a_camera: Any,
    ) -> int:
        """Return the film frame that the network is guided to, at temperature 1; other arguments as of `step`."""
        step(self.show, context, visits, noise, torch.ones(1), **before_a_camera)
        memory = self.show.generator.memory
        pictures = memory.guide(torch.arange(len(memory.luma)))
        away = (pictures - self._guides.pop()[:, :3]).abs().mean((1, 2, 3))
        assert away.min() == 0
        return int(self.course.remembered[away.argmin()])
