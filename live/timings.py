"""Durations of named sections with their percentiles, in constant memory however long the show runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

KEPT_SAMPLES = 4096
"""Percentiles cover the newest samples only: some minutes of a show, 32 KB a section."""


class Samples:
    """Durations of one section in seconds: the newest `KEPT_SAMPLES`, and the count and sum of all."""

    def __init__(self) -> None:
        self._ring = np.zeros(KEPT_SAMPLES)
        self.count = 0
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Add one duration."""
        self._ring[self.count % KEPT_SAMPLES] = seconds
        self.count += 1
        self.total += seconds

    def newest(self, count: int = KEPT_SAMPLES) -> NDArray[np.float64]:
        """Return at most `count` of the newest durations, in no particular order, float64 [n] seconds."""
        count = min(count, self.count, KEPT_SAMPLES)
        return self._ring[np.arange(self.count - count, self.count) % KEPT_SAMPLES]

    def percentile(self, percent: float) -> float:
        """Return the given percentile (0…100) of the newest durations in seconds; 0.0 if there is none yet."""
        return float(np.percentile(self.newest(), percent)) if self.count else 0.0


class Timings:
    """Sections by name. One thread writes a section; any thread may read it."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._sections: dict[str, Samples] = {}

    def __getitem__(self, name: str) -> Samples:
        """Return the samples of a section, empty if it never ran."""
        return self._sections.setdefault(name, Samples())

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Time the block as one sample of the section `name`. A block that raises is not counted."""
        started = self._now()
        yield
        self[name].add(self._now() - started)

    def summary(self) -> dict[str, dict[str, float]]:
        """Return `{section: {count, p50, p95, p99}}`, the percentiles in milliseconds."""
        return {
            name: {
                "count": samples.count,
                **{f"p{p}": round(samples.percentile(p) * 1000, 3) for p in (50, 95, 99)},
            }
            for name, samples in sorted(self._sections.items())
            if samples.count
        }
