"""Reduction of a camera picture to where things are, without what they are.

The result is light and dark in the cells of the memory, independent of the exposure. So a hand in front of a webcam can
move a shape of the film (Memo Akten, "Learning to See", 2017). It is part of the exported graph.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # BT.601
FAINT = 0.05  # in the range −1…1: smaller differences are no shape


def camera_guide(pictures: Tensor, cells: tuple[int, int]) -> Tensor:
    """Return light and dark of pictures, [B, 1, rows, columns] float −1…1, with a mean of about 0.

    A plain picture, black or grey, gives 0 everywhere.

    Args:
        pictures: [B, 3, H, W] float −1…1.
        cells: (rows, columns).
    """
    height, width = (int(side) for side in pictures.shape[2:])  # numbers, also while a graph is traced
    red, green, blue = pictures.float().split(1, 1)
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    return normalise_exposure(F.avg_pool2d(luma, (height // cells[0], width // cells[1])))


def normalise_exposure(coarse: Tensor) -> Tensor:
    """Normalise light and dark [B, 1, rows, columns] to mean 0 and a standard deviation of a half."""
    coarse = coarse - coarse.mean((2, 3), keepdim=True)
    deviation = coarse.square().mean((2, 3), keepdim=True).sqrt()
    return (coarse / (2 * (deviation + FAINT))).clamp(-1, 1)
