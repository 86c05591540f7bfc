"""Simulated cameras, from which a generator learns to follow a real one.

They film the film, each in a light and with faults of its own. A generator that saw only whole film frames through
them would learn a guide as the name of a film frame, and would ignore a moving hand. So some cameras see a moving shape
that is not in the film, and some stand in a room that is not in the film, as a webcam does.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import pi

import torch
import torch.nn.functional as F
from torch import Tensor

from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes
from train.models.camera_guide import camera_guide, normalise_exposure

FULL_MIX_SHARE = 0.6  # of cameras are followed as closely as possible; the others by a random mix
FOREIGN_SHARE = 0.5  # of cameras see a moving shape that is not in the film
ROOM_SHARE = 0.5  # of these see a room instead of the film
ROOM = (3, 4)  # rows and columns of light and dark in a room
LIGHT = 0.6  # most that light from one side adds, in the range −1…1 of a guide
NOISE = 0.1  # standard deviation of the error of a cell
SPEED = 0.12  # most that a foreign shape moves in a step, in picture widths or heights
TRAITS = 11 + ROOM[0] * ROOM[1]  # random numbers that define the light, the faults, the shape and the room


@dataclass
class SimulatedCameras:
    """n cameras, and the film frame in front of each."""

    mixes: Tensor  # float [n], 0…1, how closely each is followed; 0: there is no camera
    film_indices: Tensor  # int64 [n], film frame that it sees
    traits: Tensor  # float [n, TRAITS], 0…1, random
    foreign: Tensor  # bool [n], True if it sees a moving shape that is not in the film
    ages: Tensor  # int64 [n], steps since it was set up

    @classmethod
    def set_up(cls, film_indices: Tensor, share: float, rng: torch.Generator) -> SimulatedCameras:
        """Set up cameras in front of film frames, int64 [n]; a share of them is really there."""
        count = len(film_indices)
        there, full_mix, foreign = (torch.rand(count, generator=rng) for _ in range(3))
        mixes = torch.where(full_mix < FULL_MIX_SHARE, 1.0, torch.rand(count, generator=rng)) * (there < share)
        return cls(
            mixes=mixes,
            film_indices=film_indices,
            traits=torch.rand(count, TRAITS, generator=rng),
            foreign=foreign < FOREIGN_SHARE,
            ages=torch.zeros(count, dtype=torch.int64),
        )

    def __len__(self) -> int:
        return len(self.mixes)

    def __getitem__(self, slots: Tensor) -> SimulatedCameras:
        return SimulatedCameras(*(getattr(self, field.name)[slots] for field in fields(self)))

    def __setitem__(self, slots: Tensor, others: SimulatedCameras) -> None:
        for field in fields(self):
            getattr(self, field.name)[slots] = getattr(others, field.name)

    def beside(self, others: SimulatedCameras) -> SimulatedCameras:
        """Return these cameras, followed by others."""
        names = [field.name for field in fields(self)]
        return SimulatedCameras(*(torch.cat([getattr(self, name), getattr(others, name)]) for name in names))

    def advanced(self, course: FilmCourse) -> SimulatedCameras:
        """Return the cameras one step later."""
        onward = course.onward(self.film_indices)
        return SimulatedCameras(self.mixes, onward, self.traits, self.foreign, self.ages + 1)

    def guides(self, course: FilmCourse, rng: torch.Generator) -> Tensor:
        """Return the guide that the generator gets of each: float −1…1 [n, 1, rows, columns], 0 without a camera."""
        rows, columns = course.cells
        seen = camera_guide(from_bytes(course.windows.small(self.film_indices)), course.cells)
        room = self.traits[:, -ROOM[0] * ROOM[1] :].view(-1, 1, *ROOM) - 0.5
        room = normalise_exposure(F.interpolate(room, (rows, columns), mode="bilinear"))
        in_room = self.foreign & (self.traits[:, 0] < ROOM_SHARE)
        seen = torch.where(in_room.view(-1, 1, 1, 1), room, seen)
        angle, light, gamma, x, y, across, down, wide, high, bright = self.traits.T[1:11, :, None, None, None]
        right = torch.linspace(-1, 1, columns)
        below = torch.linspace(-1, 1, rows)[:, None]
        seen = seen.sign() * seen.abs() ** (0.6 + gamma)
        seen = seen + LIGHT * light * (right * torch.cos(2 * pi * angle) + below * torch.sin(2 * pi * angle))
        # The foreign shape is an ellipse with a soft edge that moves back and forth.
        age = self.ages.view(-1, 1, 1, 1)
        centre = _back_and_forth(x + age * SPEED * (across - 0.5)), _back_and_forth(y + age * SPEED * (down - 0.5))
        distance = ((right - centre[0]) / (0.15 + 0.4 * wide)).square()
        distance = distance + ((below - centre[1]) / (0.2 + 0.5 * high)).square()
        shape = torch.sigmoid(6 * (1 - distance.sqrt())) * self.foreign.view(-1, 1, 1, 1)
        seen = normalise_exposure(torch.lerp(seen, torch.where(bright < 0.5, -1.0, 1.0), shape))
        seen = (seen + NOISE * torch.randn(seen.shape, generator=rng)).clamp(-1, 1)
        return seen * (self.mixes > 0).view(-1, 1, 1, 1)


def _back_and_forth(place: Tensor) -> Tensor:
    """Return a number that goes from 1 to −1 and back in two units of `place`."""
    return 2 * (place % 2 - 1).abs() - 1
