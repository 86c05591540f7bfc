"""Imagined cameras, so that a generator learns to follow a real one.

They film the film, each in a light and with faults of its own. One that only ever saw whole frames of the film would
teach the generator to take a guide for the name of a moment, and to ignore what a hand does: so some of them see it
mirrored or a part of it, and before some moves a shape that the film does not have, or they stand in a room of which
the film knows nothing, as a webcam does.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import pi

import torch
import torch.nn.functional as F
from torch import Tensor

from train.data.film_windows import FilmWindows
from train.images.pixels import from_bytes
from train.models.camera_guide import camera_guide, normalise_exposure

CLOSELY = 0.6  # share of cameras that are followed as closely as may be; the others by any mix
MIRRORED = 0.5  # share that sees a mirror image
CLOSE = 0.5  # share that sees a part,
CLOSEST = 1.6  # enlarged so many times at most
STRANGE = 0.5  # share before which something moves that the film does not have;
ROOMS = 0.5  # of these, share that does not see the film at all, but a room:
ROOM = (3, 4)  # rows and columns of light and dark
LIGHT = 0.6  # the most that light from one side adds, in the range −1…1 of a guide
NOISE = 0.1  # deviation of what a cell is wrong by
SPEED = 0.12  # of the picture's width or height that a strange shape moves in a step, at most
CHANCES = 11 + ROOM[0] * ROOM[1]  # numbers that a light, its faults, a shape and a room are made of


@dataclass
class Cameras:
    """n cameras and what each films now."""

    mixes: Tensor  # float [n], 0…1, how closely each is followed; 0: there is none
    moments: Tensor  # int64 [n], the film frame that it sees
    views: Tensor  # float [n, 4], which part of it: left, top and size as shares of the frame; and 1 if mirrored
    chances: Tensor  # float [n, CHANCES], 0…1, of its light and faults
    strange: Tensor  # bool [n], whether something moves before it that the film does not have
    ages: Tensor  # int64 [n], steps since it was set up

    @classmethod
    def set_up(cls, moments: Tensor, share: float, rng: torch.Generator) -> Cameras:
        """Cameras for a share of n states, before film frames int64 [n]."""
        count = len(moments)
        there, closely, mirrored, close, strange = (torch.rand(count, generator=rng) for _ in range(5))
        mixes = torch.where(closely < CLOSELY, 1.0, torch.rand(count, generator=rng)) * (there < share)
        # A state that goes on in part by itself sees the film as it is.
        free = mixes == 1
        size = torch.where(free & (close < CLOSE), 1 / (1 + (CLOSEST - 1) * torch.rand(count, generator=rng)), 1.0)
        left, top = torch.rand(2, count, generator=rng) * (1 - size)
        return cls(
            mixes,
            moments,
            torch.stack([left, top, size, (free & (mirrored < MIRRORED)).float()], 1),
            torch.rand(count, CHANCES, generator=rng),
            strange < STRANGE,
            torch.zeros(count, dtype=torch.int64),
        )

    def __len__(self) -> int:
        return len(self.mixes)

    def __getitem__(self, slots: Tensor) -> Cameras:
        return Cameras(*(getattr(self, each.name)[slots] for each in fields(self)))

    def __setitem__(self, slots: Tensor, others: Cameras) -> None:
        for each in fields(self):
            getattr(self, each.name)[slots] = getattr(others, each.name)

    def beside(self, others: Cameras) -> Cameras:
        """These and others."""
        return Cameras(*(torch.cat([getattr(both, each.name) for both in (self, others)]) for each in fields(self)))

    def advanced(self, windows: FilmWindows) -> Cameras:
        """The same a step later."""
        onward = windows.onward(self.moments)
        return Cameras(self.mixes, onward, self.views, self.chances, self.strange, self.ages + 1)

    def guides(self, windows: FilmWindows, rng: torch.Generator) -> Tensor:
        """What the generator is told of each: float −1…1 [n, 1, rows, columns], 0 where there is no camera."""
        rows, columns = windows.cells
        seen = camera_guide(from_bytes(windows.small(self.moments, self.views)), windows.cells)
        room = self.chances[:, -ROOM[0] * ROOM[1] :].view(-1, 1, *ROOM) - 0.5
        room = normalise_exposure(F.interpolate(room, (rows, columns), mode="bilinear"))
        seen = torch.where((self.strange & (self.chances[:, 0] < ROOMS)).view(-1, 1, 1, 1), room, seen)
        angle, light, gamma, x, y, across, down, wide, high, bright = self.chances.T[1:11, :, None, None, None]
        right = torch.linspace(-1, 1, columns)
        below = torch.linspace(-1, 1, rows)[:, None]
        seen = seen.sign() * seen.abs() ** (0.6 + gamma)
        seen = seen + LIGHT * light * (right * torch.cos(2 * pi * angle) + below * torch.sin(2 * pi * angle))
        # An ellipse with a soft edge that goes back and forth.
        age = self.ages.view(-1, 1, 1, 1)
        there = _swing(x + age * SPEED * (across - 0.5)), _swing(y + age * SPEED * (down - 0.5))
        far = ((right - there[0]) / (0.15 + 0.4 * wide)).square() + ((below - there[1]) / (0.2 + 0.5 * high)).square()
        shape = torch.sigmoid(6 * (1 - far.sqrt())) * self.strange.view(-1, 1, 1, 1)
        seen = normalise_exposure(torch.lerp(seen, torch.where(bright < 0.5, -1.0, 1.0), shape))
        seen = (seen + NOISE * torch.randn(seen.shape, generator=rng)).clamp(-1, 1)
        return seen * (self.mixes > 0).view(-1, 1, 1, 1)


def _swing(place: Tensor) -> Tensor:
    """Back and forth between −1 and 1, once in two units."""
    return 2 * (place % 2 - 1).abs() - 1
