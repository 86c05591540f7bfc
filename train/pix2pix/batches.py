"""What one training step sees of the pictures: both sides moved alike, and a camera's side made of a picture alone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from train.pix2pix.pairs import Pairs

ZOOM = 286 / 256  # the jitter of Isola et al. 2017, appendix 6.2: as much larger before a crop at random


class PairBatches:
    """Draws pairs to learn from."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self._learnt = np.array(pairs.learnt)

    def draw(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """`count` pairs, each uint8 RGB [count, 3, H, W]: what the camera sees, and what is to be shown."""
        chance = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        drawn = []
        for index in chance.choice(self._learnt, count):
            move = Move.random(chance, *self.pairs.b.shape[1:3])
            b = move(self.pairs.b[index])
            a = degrade(b, chance) if self.pairs.use == "pictures" else move(self.pairs.a[index])
            drawn.append((a, b))
        a_side, b_side = (torch.from_numpy(np.stack(side)).permute(0, 3, 1, 2) for side in zip(*drawn, strict=True))
        return a_side, b_side


@dataclass(frozen=True)
class Move:
    """Scale, crop and flip, to be done to both sides alike."""

    top: int
    left: int
    height: int  # of what is kept
    width: int
    flip: bool

    @classmethod
    def random(cls, chance: np.random.Generator, height: int, width: int) -> Move:
        """One for pictures of this size."""
        zoom = chance.uniform(1, ZOOM)
        h, w = round(height / zoom), round(width / zoom)
        top, left = int(chance.integers(height - h + 1)), int(chance.integers(width - w + 1))
        return cls(top, left, h, w, flip=chance.random() < 0.5)

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """uint8 RGB [H, W, 3] -> the same shape."""
        size = picture.shape[1::-1]
        kept = picture[self.top : self.top + self.height, self.left : self.left + self.width]
        moved = cv2.resize(kept, size, interpolation=cv2.INTER_CUBIC)
        return cv2.flip(moved, 1) if self.flip else moved


def degrade(picture: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """What a poor camera might see where this picture is: uint8 RGB [H, W, 3] -> the same, grey.

    It keeps where things are and not what they are; pipelines that skip this end in a picture that ignores the camera.
    What is seen of it live is coarse and normalised (`Reduction`), so what is done here is strong enough to survive.
    """
    height, width = picture.shape[:2]
    seen: np.ndarray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    seen = seen**2 ** chance.uniform(-1, 1)
    cell = 2 ** chance.uniform(2, np.log2(min(height, width) / 6))  # pixels that become one
    cells = (max(1, round(width / cell)), max(1, round(height / cell)))
    seen = cv2.resize(cv2.resize(seen, cells, interpolation=cv2.INTER_AREA), (width, height))
    seen = 0.5 + chance.uniform(0.4, 1.4) * (seen - 0.5) + chance.uniform(-0.2, 0.2)
    # Blotches of the size of a hand, since the noise of single pixels is averaged away.
    blotches = chance.standard_normal((int(chance.integers(3, 13)),) * 2, dtype=np.float32)
    seen = seen + chance.uniform(0, 0.15) * cv2.resize(blotches, (width, height), interpolation=cv2.INTER_CUBIC)
    seen = cv2.GaussianBlur(seen, (0, 0), chance.uniform(0.5, 6))
    seen = seen + chance.uniform(0, 0.1) * chance.standard_normal((height, width), dtype=np.float32)
    return cv2.cvtColor((seen.clip(0, 1) * 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
