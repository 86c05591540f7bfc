"""Movement in front of a camera, and what it does to the picture.

Only what moves counts: light and furniture do nothing. Where something moves, the picture is dragged along with it,
time runs, and another moment of the film is seen; elsewhere time stands meanwhile. It is part of the exported graph,
and needs no training.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LUMA = (0.299, 0.587, 0.114)  # BT.601
SURROUNDINGS = 9  # places: light and dark less their mean there, and over their contrast, is free of lamp and shadow
FAINT = 0.05  # contrast in the range −1…1 that is no structure
PLAIN = 1e-3  # light and dark of a plain picture, which is rounding alone
NOISE, CLEAR = 0.15, 0.6  # change of light and dark: below the one nothing moves, above the other it does
REACH = 4  # places that something can move in a step
WINDOW = 5  # places that are compared for it
SHARPNESS = 30.0  # of the choice between displacements
SLOWNESS = 0.002  # added to the difference of a displacement, times its square: what is plain does not move
MOVING_SECONDS = 0.25  # in which a place comes to rest
LIVELY_SECONDS = 1.0  # in which the camera comes to rest
LIVELY_SHARE = 0.005  # of the places move in a lively picture, at least
DRAGGED_SECONDS = 0.7  # in which what was dragged returns
MOST_MOMENTS = 100_000  # after which the steps are counted anew: beyond 2²⁴, a float no longer grows by one
PLANES = 6  # of the state: light and dark, moving, dragged right and down, liveliness, steps in which something moved


class Movement(NamedTuple):
    """Movement in front of the camera at one step, in r×c places."""

    flow: Tensor  # [B, 2, r, c] float, places that things moved right and down since the last step
    dragged: Tensor  # like `flow`, the same in all, less what has returned
    now: Tensor  # [B, 1, r, c] float 0…1, whether something moves there
    moving: Tensor  # like `now`, whether something moved there of late
    lively: Tensor  # [B] float 0…1, whether something moves anywhere
    moments: Tensor  # [B] float, steps in which something moved, counted anew from time to time


class CameraMotion(nn.Module):
    """Finds what moves between successive camera pictures.

    The state is float [B, PLANES, r, c], zeros at the beginning: light and dark of the last picture, and what fades.
    """

    def __init__(self, places: tuple[int, int], step_seconds: float) -> None:
        """Make it for `places` (rows, columns), and steps of this length."""
        super().__init__()
        self.places = places
        self._fading = tuple(
            math.exp(-step_seconds / seconds) for seconds in (MOVING_SECONDS, DRAGGED_SECONDS, LIVELY_SECONDS)
        )
        side = 2 * REACH + 1
        # Each output plane is the picture moved by one displacement; they are no buffers, like those of `Smooth`.
        self._shifts = torch.eye(side**2).view(side**2, 1, side, side)
        offsets = torch.arange(side, dtype=torch.float32) - REACH
        self._right, self._down = (-each.flatten() for each in torch.meshgrid(offsets, offsets, indexing="xy"))

    def forward(self, pictures: Tensor, state: Tensor) -> tuple[Movement, Tensor]:
        """Return the movement, and the next state.

        Args:
            pictures: [B, 3, H, W] float −1…1; H and W are multiples of rows and columns.
            state: of the last step.
        """
        last, trace, right, down, calm, moments = state.split(1, 1)
        light = self._light(pictures)
        known = (last.abs().amax((1, 2, 3), keepdim=True) > PLAIN) & (light.abs().amax((1, 2, 3), keepdim=True) > PLAIN)
        change = F.avg_pool2d((light - last).abs(), 3, 1, 1)
        moves = ((change - NOISE) / (CLEAR - NOISE)).clamp(0, 1) * known
        flow = self._flow(light, last) * moves

        moving_fades, dragged_fades, lively_fades = self._fading
        now = F.max_pool2d(moves, 3, 1, 1)
        moving = torch.maximum(now, trace * moving_fades)
        dragged = dragged_fades * torch.cat([right, down], 1) + flow
        any_moves = (moves.mean((1, 2, 3), keepdim=True) / LIVELY_SHARE).clamp(max=1)
        lively = torch.maximum(any_moves, calm[:, :, :1, :1] * lively_fades)
        moments = moments[:, :, :1, :1] + any_moves
        moments = torch.where(moments < MOST_MOMENTS, moments, 0.0)
        planes = [light, moving, dragged, lively.expand_as(light), moments.expand_as(light)]
        movement = Movement(flow, dragged, now, moving, lively.flatten(), moments.flatten())
        return movement, torch.cat(planes, 1)

    def _light(self, pictures: Tensor) -> Tensor:
        """Return light and dark less those around, over their contrast, [B, 1, r, c]; below `PLAIN` if it is plain."""
        rows, columns = self.places
        cell = int(pictures.shape[2]) // rows, int(pictures.shape[3]) // columns
        red, green, blue = F.avg_pool2d(pictures.float(), cell).split(1, 1)
        luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
        luma = luma - _mean_around(luma, SURROUNDINGS)
        light: Tensor = luma / (luma.square().mean((1, 2, 3), keepdim=True).sqrt() + FAINT)
        return light

    def _flow(self, light: Tensor, last: Tensor) -> Tensor:
        """Return by how many places things moved right and down, [B, 2, r, c], found by comparing blocks."""
        rows, columns = self.places
        moved = F.conv2d(F.pad(last, (REACH,) * 4, mode="replicate"), self._shifts.to(last.device))
        difference = _mean_around((moved - light).square(), WINDOW)
        lengths = (self._right.square() + self._down.square()).to(last.device).view(1, -1, 1, 1)
        cost = SHARPNESS * difference + SHARPNESS * SLOWNESS * lengths
        # A softmax: ONNX Runtime takes long for one of an axis that is not the last.
        weights = torch.exp(cost.amin(1, keepdim=True) - cost)
        ways = torch.stack([self._right, self._down, torch.ones_like(self._right)]).to(last.device)
        right_and_down, total = (ways @ weights.flatten(2)).split([2, 1], 1)
        flow: Tensor = (right_and_down / total).view(-1, 2, rows, columns)
        return flow


def drag(pictures: Tensor, displacement: Tensor) -> Tensor:
    """Move pictures [B, C, h, w] float along a displacement.

    Args:
        pictures: of any size. Where nothing is displaced, they stay as they are to the bit.
        displacement: [B, 2, r, c] float, places to the right and down.
    """
    rows, columns = (int(side) for side in displacement.shape[2:])
    height, width = (int(side) for side in pictures.shape[2:])
    by = F.interpolate(displacement, (height, width), mode="bilinear")
    x = (torch.arange(width, device=pictures.device, dtype=torch.float32) + 0.5) * (2 / width) - 1
    y = (torch.arange(height, device=pictures.device, dtype=torch.float32) + 0.5) * (2 / height) - 1
    grid = torch.stack([x - by[:, 0] * (2 / columns), y[:, None] - by[:, 1] * (2 / rows)], 3)
    moved = F.grid_sample(pictures, grid, mode="bilinear", padding_mode="border", align_corners=False)
    # Interpolation at the very place is not exact to the bit.
    share = (by.abs().amax(1, keepdim=True) * width).clamp(max=1)
    return pictures + share * (moved - pictures)


def _mean_around(x: Tensor, side: int) -> Tensor:
    return F.avg_pool2d(x, side, 1, side // 2, count_include_pad=False)
