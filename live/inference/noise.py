"""Planes of chance for the network's steps, the same for the same seed."""

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


class Noise:
    """Standard normal planes float32 [1, 1, H, W].

    Drawn `ahead`, the next one is made in a thread of its own while the network steps: worth it where the network runs
    elsewhere, and a loss where it needs the same cores.
    """

    def __init__(self, height: int, width: int, seed: np.random.SeedSequence, *, ahead: bool) -> None:
        self._shape = (1, 1, height, width)
        self._thread = ThreadPoolExecutor(1, "noise") if ahead else None
        self.renew(seed)

    def renew(self, seed: np.random.SeedSequence) -> None:
        """Begin anew."""
        self._next: Future[Plane] | None = None
        self._random = np.random.default_rng(seed)

    def draw(self) -> Plane:
        """The next plane."""
        if self._thread is None:
            return self._make(self._random)
        plane = self._next.result() if self._next else self._make(self._random)
        self._next = self._thread.submit(self._make, self._random)
        return plane

    def _make(self, random: np.random.Generator) -> Plane:
        return random.standard_normal(self._shape, np.float32)
