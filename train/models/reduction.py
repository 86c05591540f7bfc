"""Reduction of pictures of any size to the means of squares, which the networks see.

A copy of a whole picture takes as long as its reduction. So nothing is padded before, but what comes out of it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def reduced(pictures: Tensor, side: int) -> Tensor:
    """Reduce pictures [n, H, W, planes] float, of multiples of `side`, to [n, planes, h, w], the means of squares."""
    return _narrowed(_flattened(pictures, side), side)


def reduced_padded(pictures: Tensor, side: int, padded: tuple[int, int]) -> Tensor:
    """Reduce pictures of any size to the means of squares.

    Args:
        pictures: [n, H, W, planes] float.
        side: of a square, in pixels.
        padded: size (W, H) to which the last pixels are repeated at the right and at the bottom, multiples of `side`.

    Returns:
        [n, planes, h, w] float.
    """
    height, width = (int(length) for length in pictures.shape[1:3])  # numbers, also while a graph is traced
    pictures = _repeated(pictures, 0, -height % side)
    rows, last_row = (
        _narrowed(_repeated(each, padded[0] - width, 0), side)
        for each in (_flattened(pictures, side), pictures[:, -1:])
    )
    return torch.cat([rows, *[last_row] * (padded[1] // side - -(-height // side))], 2)


def _repeated(pictures: Tensor, right: int, below: int) -> Tensor:
    """Repeat the last pixels; a graph would copy what it need not pad."""
    return F.pad(pictures, (0, 0, 0, right, 0, below), mode="replicate") if right or below else pictures


# One axis after the other, and the last as a last one: otherwise ONNX Runtime takes many times as long.


def _flattened(pictures: Tensor, side: int) -> Tensor:
    """Return the means of so many rows: [n, H, W, planes] -> [n, h, W, planes]."""
    count, height, width, planes = (int(length) for length in pictures.shape)
    return pictures.reshape(-1, side, width * planes).mean(1).reshape(count, height // side, width, planes)


def _narrowed(pictures: Tensor, side: int) -> Tensor:
    """Return the means of so many columns: [n, h, W, planes] -> [n, planes, h, w]."""
    count, height, width, planes = (int(length) for length in pictures.shape)
    rows = pictures.permute(0, 3, 1, 2) if planes > 1 else pictures
    return rows.reshape(-1, side).mean(1).reshape(count, planes, height, width // side)
