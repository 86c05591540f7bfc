"""Noise for the network's steps. The same seed gives the same noise."""

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

Normals = NDArray[np.float32]


class Noise:
    """Stream of standard normal arrays, float32, drawn as the studio draws those of its rollouts.

    Args:
        shape: Shape of each array.
        seed: Random seed of the noise.
        ahead: True to draw the next array in a thread of its own while the network steps. This saves time where the
            network runs on another device, and costs time where it needs the same cores.
    """

    def __init__(self, shape: tuple[int, ...], seed: np.random.SeedSequence, *, ahead: bool) -> None:
        self._shape = shape
        self._thread = ThreadPoolExecutor(1, "noise") if ahead else None
        self.renew(seed)

    def renew(self, seed: np.random.SeedSequence) -> None:
        """Begin a new stream."""
        self._next: Future[Normals] | None = None
        self._random = np.random.default_rng(seed)

    def draw(self) -> Normals:
        """Return the next array."""
        if self._thread is None:
            return self._make(self._random)
        normals = self._next.result() if self._next else self._make(self._random)
        self._next = self._thread.submit(self._make, self._random)
        return normals

    def _make(self, random: np.random.Generator) -> Normals:
        return random.standard_normal(self._shape, np.float32)
