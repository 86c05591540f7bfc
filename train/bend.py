"""The truth before a camera: the film's picture, bent and lit until it is light and dark where the camera is.

What leads a network by light and dark alone dissolves the film's things into whatever is as light and as dark. Here it
is shown what they should become instead: the same things, moved by a soft displacement (a coarse-to-fine variant of the
demons of Thirion 1998), and what that cannot reach is light or shade upon them. Their lines stay lines.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from train.guide import FAINT, exposed, luma

BLURS = (4, 2, 1, 0)  # of both pictures, from coarse to fine
ROUNDS = 4  # at each of these
STIFF = 3  # blurs of the displacement after each round
LIT = 0.85  # share of what is still amiss that light and shade make good, where a camera is followed most closely


def bent(pictures: Tensor, camera: Tensor, mixes: Tensor, scale: int) -> Tensor:
    """Pictures bent and lit as far as `mixes` say, and reduced: [n, 3, h, w] float −1…1.

    Args:
        pictures: [n, 3, H, W] float −1…1, as large as the film: small ones would blur.
        camera: [n, 1, rows, columns] float −1…1, of `train.guide`.
        mixes: [n] float 0…1.
        scale: H over h.
    """
    mix = mixes.view(-1, 1, 1, 1)
    cells = camera.shape[2:]
    small = F.avg_pool2d(_moved(pictures, mix * _displacement(pictures, camera)), scale)
    light = _means(luma(small), cells)
    deviation = (light - light.mean((2, 3), keepdim=True)).square().mean((2, 3), keepdim=True).sqrt()
    amiss = 2 * (deviation + FAINT) * (camera - exposed(light))
    return (small + mix * LIT * F.interpolate(amiss, size=small.shape[2:], mode="bilinear")).clamp(-1, 1)


def _displacement(pictures: Tensor, camera: Tensor) -> Tensor:
    """From where each place is to take what it shows, [n, 2, 2·rows, 2·columns] (x, y) in halves of a side."""
    rows, columns = 2 * camera.shape[2], 2 * camera.shape[3]
    wanted = F.interpolate(camera, size=(rows, columns), mode="bilinear")
    light = exposed(_means(luma(pictures), (rows, columns)))
    displacement = torch.zeros(len(pictures), 2, rows, columns)
    for times in BLURS:
        blurred, aim = _blurred(light, times), _blurred(wanted, times)
        for _ in range(ROUNDS):
            now = _moved(blurred, displacement)
            amiss = aim - now
            down, across = torch.gradient(now, dim=(2, 3))
            force = amiss / (across.square() + down.square() + amiss.square() / 2 + 1e-3)
            push = torch.cat([2 / columns * force * across, 2 / rows * force * down], 1)
            displacement = _blurred(displacement + push, STIFF)
    return displacement


def _moved(pictures: Tensor, displacement: Tensor) -> Tensor:
    """Pictures [n, C, h, w], each place showing what is found at its displacement; mirrored beyond the edges."""
    height, width = pictures.shape[2:]
    down, across = (2 * (torch.arange(side) + 0.5) / side - 1 for side in (height, width))
    place = torch.stack(torch.meshgrid(across, down, indexing="xy"))
    found = place + F.interpolate(displacement, size=(height, width), mode="bicubic")
    return F.grid_sample(pictures, found.permute(0, 2, 3, 1), padding_mode="reflection", align_corners=False)


def _means(planes: Tensor, cells: tuple[int, int] | torch.Size) -> Tensor:
    return F.avg_pool2d(planes, (planes.shape[2] // cells[0], planes.shape[3] // cells[1]))


def _blurred(planes: Tensor, times: int) -> Tensor:
    for _ in range(times):
        planes = F.avg_pool2d(F.pad(planes, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return planes
