"""Times that can be held against each other: taken in turns, in one process, after a warm-up."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Who comes after another finds the other's data in the caches: of each turn the first call is not counted.
TURN = 8
WARM_UP_CALLS = 2
FEWEST_TURNS = 2
SHOW_RATE = 30.0
"""Frames a second that every machine is asked for, whatever the model's own rate."""


@dataclass(frozen=True)
class Times:
    """Percentiles of durations, and how many of them were longer than a frame."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    missed_at_own_rate: int
    missed_at_30: int

    @classmethod
    def of(cls, seconds: NDArray[np.float64], own_rate: float) -> "Times":
        """Those of `seconds` [n], where the model makes `own_rate` frames a second."""
        p50, p95, p99 = (round(float(1000 * each), 3) for each in np.percentile(seconds, (50, 95, 99)))
        missed = (int((seconds > 1 / rate).sum()) for rate in (own_rate, SHOW_RATE))
        return cls(len(seconds), p50, p95, p99, *missed)


def interleaved(cases: Mapping[str, Callable[[], object]], seconds: float) -> dict[str, NDArray[np.float64]]:
    """Call the cases in turns, A…A B…B A…A B…B, for about `seconds` in all.

    Returns every duration by case, float64 [n] seconds.
    """
    for call in cases.values():
        for _ in range(WARM_UP_CALLS):
            call()
    taken: dict[str, list[float]] = {name: [] for name in cases}
    end = time.perf_counter() + seconds
    turns = 0
    while turns < FEWEST_TURNS or time.perf_counter() < end:
        for name, call in cases.items():
            call()
            taken[name] += [_duration(call) for _ in range(TURN - 1)]
        turns += 1
    return {name: np.array(durations) for name, durations in taken.items()}


def _duration(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
