"""Conversion between 8-bit levels and the −1…1 range of the networks."""

from __future__ import annotations

from torch import Tensor


def from_bytes(pictures: Tensor) -> Tensor:
    """Convert levels 0…255, uint8 or float of any shape, to float −1…1."""
    return pictures.float() / 127.5 - 1


def to_levels(pictures: Tensor) -> Tensor:
    """Convert float −1…1 of any shape to whole levels 0…255, still float."""
    return ((pictures.float() + 1) * 127.5).round().clamp(0, 255)
