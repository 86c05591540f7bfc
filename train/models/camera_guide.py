"""What a camera picture is reduced to: where things are, and not what they are.

Light and dark in the cells of the memory, whatever the exposure: so a hand before a webcam can move a shape of the film
(Memo Akten, "Learning to See", 2017). Part of the exported graph.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # BT.601
FAINT = 0.05  # of −1…1: what differs less is no shape


def camera_guide(pictures: Tensor, cells: tuple[int, int]) -> Tensor:
    """Light and dark of pictures [B, 3, H, W] float −1…1: [B, 1, rows, columns] float −1…1, its mean about 0.

    `cells` are (rows, columns). A picture that shows nothing, black or grey, has 0 everywhere.
    """
    height, width = pictures.shape[2:]
    red, green, blue = pictures.float().split(1, 1)
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    return exposed(F.avg_pool2d(luma, (height // cells[0], width // cells[1])))


def exposed(coarse: Tensor) -> Tensor:
    """Light and dark [B, 1, rows, columns] about their mean, at a deviation of a half."""
    coarse = coarse - coarse.mean((2, 3), keepdim=True)
    deviation = coarse.square().mean((2, 3), keepdim=True).sqrt()
    return (coarse / (2 * (deviation + FAINT))).clamp(-1, 1)
