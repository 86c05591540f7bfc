"""Pairs of a film frame and the next one, from which a network without memory learns to continue a film."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from train.data.film_windows import FilmWindows
from train.images.jitter import Jitter


class FilmPairs:
    """Random pairs of a film frame and the frame one step later in the same shot, both jittered alike."""

    def __init__(self, windows: FilmWindows) -> None:
        """Find the pairs of a film, whose windows have one context frame."""
        self.windows = windows
        self.first = windows.followed

    def draw(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw `count` pairs: frames and next frames, each uint8 RGB [count, 3, H, W]."""
        numpy_rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        frames, drawn = self.windows.frames, []
        for film_index in numpy_rng.choice(self.first, count):
            jitter = Jitter.random(numpy_rng, *frames.shape[1:3])
            drawn.append((jitter(frames[film_index]), jitter(frames[film_index + self.windows.stride])))
        first, second = (torch.from_numpy(np.stack(side)).permute(0, 3, 1, 2) for side in zip(*drawn, strict=True))
        return first, second
