"""How near painted pictures come to the true ones, beside two that certainly have learnt nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from train.images.contact_sheet import contact_sheet
from train.images.pixels import from_bytes, to_levels
from train.metrics.perceptual import Features, kernel_distance
from train.pix2pix.translator import CameraStep, Reduction, Translator

Thing = TypeVar("Thing")

SHEET_PAIRS = 8
SHEET_COLUMNS = 2  # pairs beside one another


@dataclass(frozen=True)
class PairFigures:
    """What was measured of pictures against the true ones."""

    l1: float  # mean absolute difference, in levels of 0…255
    kernel_distance: float | None  # KID; None where its network is not installed, or there is but one picture


class Yardstick:
    """True pictures, and what is painted is measured by them."""

    def __init__(self, a: np.ndarray, b: np.ndarray, features: Features | None) -> None:
        """Pairs uint8 RGB [n, H, W, 3] that nothing was learnt from."""
        self.a, self.b, self._features = a, b, features if len(b) > 1 else None
        self._seen = self._features(list(b)) if self._features else None
        mean = b.mean(0).round().astype(np.uint8)
        self.mean_picture = self.measure([mean] * len(b))

    def measure(self, painted: Sequence[np.ndarray]) -> PairFigures:
        """Pictures uint8 RGB [H, W, 3], one for each of the pairs."""
        differences = [np.abs(ours.astype(np.int16) - true).mean() for ours, true in zip(painted, self.b, strict=True)]
        distance = None
        if self._features and self._seen is not None:
            distance = kernel_distance(self._features(painted), self._seen)
        return PairFigures(float(np.mean(differences)), distance)

    def nulls(self) -> dict[str, PairFigures]:
        """The mean of the true pictures, and the camera's picture itself."""
        return {"mean picture": self.mean_picture, "input": self.measure(list(self.a))}

    def score(self, figures: PairFigures) -> float:
        """0…1: 1 is the truth, 0 as far from it as the mean picture, in the mean of the figures there are."""
        null = self.mean_picture
        shares = [figures.l1 / max(null.l1, 1e-3)]
        if figures.kernel_distance is not None and null.kernel_distance is not None:
            shares.append(max(0.0, figures.kernel_distance) / max(null.kernel_distance, 1e-3))
        return 1 - float(np.mean([min(1.0, share) for share in shares]))


@torch.no_grad()
def paint(translator: Translator, cameras: np.ndarray, device: torch.device) -> Iterator[np.ndarray]:
    """What the exported graph makes of camera pictures uint8 RGB [n, H, W, 3], one after the other."""
    step = CameraStep(translator)
    for camera in cameras:
        yield step(torch.from_numpy(camera).to(device)).cpu().numpy()


@torch.no_grad()
def seen_of(reduce: Reduction, cameras: np.ndarray) -> list[np.ndarray]:
    """What a translator sees of camera pictures uint8 RGB [n, H, W, 3], to look at: the same."""
    seen = reduce(from_bytes(torch.from_numpy(cameras).permute(0, 3, 1, 2))).expand(-1, 3, -1, -1)
    return list(to_levels(seen).to(torch.uint8).permute(0, 2, 3, 1).numpy())


def spread(things: list[Thing], most: int) -> list[Thing]:
    """At most so many of them, from all over: neighbours by name are often alike."""
    return things[:: -(-len(things) // most)]


def pairs_sheet(columns: dict[str, Sequence[np.ndarray]]) -> np.ndarray:
    """Contact sheet, uint8 RGB, of some pairs: of each its pictures by caption, all uint8 RGB [H, W, 3]."""
    rows = spread(list(zip(*columns.values(), strict=True)), SHEET_PAIRS)
    pictures = [picture for row in rows for picture in row]
    return contact_sheet(pictures, list(columns) * len(rows), len(columns) * min(SHEET_COLUMNS, len(rows)))
