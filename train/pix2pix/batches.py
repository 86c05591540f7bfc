"""Batches of pairs for training: both sides jittered alike; without pairs, the camera's side is made of the picture."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from train.images.jitter import Jitter
from train.pix2pix.pairs import Pairs


class PairBatches:
    """Random batches of the pairs to train on."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self._train_indices = np.array(pairs.train_indices)

    def draw(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw `count` pairs: camera pictures and target pictures, each uint8 RGB [count, 3, H, W]."""
        numpy_rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        drawn = []
        for index in numpy_rng.choice(self._train_indices, count):
            jitter = Jitter.random(numpy_rng, *self.pairs.b.shape[1:3])
            b = jitter(self.pairs.b[index])
            a = degrade(b, numpy_rng) if self.pairs.use == "pictures" else jitter(self.pairs.a[index])
            drawn.append((a, b))
        a_side, b_side = (torch.from_numpy(np.stack(side)).permute(0, 3, 1, 2) for side in zip(*drawn, strict=True))
        return a_side, b_side


def degrade(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn a picture, uint8 RGB [H, W, 3], into the grey picture that a poor camera might take of it; same shape.

    The result keeps where things are, but not what they are. A generator trained without this step ignores the camera.
    Live, the generator sees a coarse, normalised camera picture (`Reduction`); the distortions are strong enough to
    remain visible in it.
    """
    height, width = picture.shape[:2]
    grey: np.ndarray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    grey = grey**2 ** rng.uniform(-1, 1)  # exposure
    cell = 2 ** rng.uniform(2, np.log2(min(height, width) / 6))  # pixels averaged into one
    cells = (max(1, round(width / cell)), max(1, round(height / cell)))
    grey = cv2.resize(cv2.resize(grey, cells, interpolation=cv2.INTER_AREA), (width, height))
    grey = 0.5 + rng.uniform(0.4, 1.4) * (grey - 0.5) + rng.uniform(-0.2, 0.2)  # contrast and brightness
    # Blotches of the size of a hand, because the reduction averages away the noise of single pixels.
    blotches = rng.standard_normal((int(rng.integers(3, 13)),) * 2, dtype=np.float32)
    grey = grey + rng.uniform(0, 0.15) * cv2.resize(blotches, (width, height), interpolation=cv2.INTER_CUBIC)
    grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.5, 6))
    grey = grey + rng.uniform(0, 0.1) * rng.standard_normal((height, width), dtype=np.float32)
    return cv2.cvtColor((grey.clip(0, 1) * 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
