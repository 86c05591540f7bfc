"""Distance of generated pictures from their targets, beside two baselines that learned nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from train.images.contact_sheet import contact_sheet
from train.images.pixels import from_bytes, to_levels
from train.metrics.perceptual import Features, kernel_distance
from train.pix2pix.translator import CameraStep, Reduction, Translator

Item = TypeVar("Item")

SHEET_PAIRS = 8
SHEET_PAIRS_PER_ROW = 2


@dataclass(frozen=True)
class PairFigures:
    """Distances of generated pictures from their targets."""

    l1: float  # mean absolute difference, in levels of 0…255
    kernel_distance: float | None  # KID; None without the perceptual network, or for a single picture


class PairReference:
    """Pairs that were not trained on; generated pictures are measured against their targets."""

    def __init__(self, a: np.ndarray, b: np.ndarray, features: Features | None) -> None:
        """Take camera pictures and their targets, each uint8 RGB [n, H, W, 3]."""
        self.a, self.b, self._features = a, b, features if len(b) > 1 else None
        self._target_features = self._features(list(b)) if self._features else None
        mean = b.mean(0).round().astype(np.uint8)
        self.mean_picture = self.measure([mean] * len(b))

    def measure(self, generated: Sequence[np.ndarray]) -> PairFigures:
        """Measure pictures uint8 RGB [H, W, 3], one for each pair."""
        differences = [
            np.abs(picture.astype(np.int16) - target).mean() for picture, target in zip(generated, self.b, strict=True)
        ]
        distance = None
        if self._features and self._target_features is not None:
            distance = kernel_distance(self._features(generated), self._target_features)
        return PairFigures(float(np.mean(differences)), distance)

    def nulls(self) -> dict[str, PairFigures]:
        """Measure the baselines: the mean of all targets, and the camera picture itself."""
        return {"mean picture": self.mean_picture, "input": self.measure(list(self.a))}

    def score(self, figures: PairFigures) -> float:
        """Return a score 0…1, the mean over the available figures: 1 for the targets, 0 for the mean picture."""
        null = self.mean_picture
        shares = [figures.l1 / max(null.l1, 1e-3)]
        if figures.kernel_distance is not None and null.kernel_distance is not None:
            shares.append(max(0.0, figures.kernel_distance) / max(null.kernel_distance, 1e-3))
        return 1 - float(np.mean([min(1.0, share) for share in shares]))


@torch.no_grad()
def translate(translator: Translator, cameras: np.ndarray, device: torch.device) -> Iterator[np.ndarray]:
    """Yield the frame for each camera picture, uint8 RGB [n, H, W, 3], computed as in the exported graph."""
    step = CameraStep(translator)
    for camera in cameras:
        yield step(torch.from_numpy(camera).to(device)).cpu().numpy()


@torch.no_grad()
def reduced_pictures(reduction: Reduction, cameras: np.ndarray) -> list[np.ndarray]:
    """Return what a translator sees of camera pictures, uint8 RGB [n, H, W, 3], as pictures of the same shape."""
    reduced = reduction(from_bytes(torch.from_numpy(cameras).permute(0, 3, 1, 2))).expand(-1, 3, -1, -1)
    return list(to_levels(reduced).to(torch.uint8).permute(0, 2, 3, 1).numpy())


def evenly_spaced(items: list[Item], most: int) -> list[Item]:
    """Return at most `most` items at even distances, because neighbours by name are often alike."""
    return items[:: -(-len(items) // most)]


def pairs_sheet(columns: Mapping[str, Sequence[np.ndarray]]) -> np.ndarray:
    """Lay out some pairs on a contact sheet, uint8 RGB.

    Args:
        columns: by caption, one picture uint8 RGB [H, W, 3] for each pair.
    """
    rows = evenly_spaced(list(zip(*columns.values(), strict=True)), SHEET_PAIRS)
    pictures = [picture for row in rows for picture in row]
    return contact_sheet(pictures, list(columns) * len(rows), len(columns) * min(SHEET_PAIRS_PER_ROW, len(rows)))
