"""Times that can be compared: taken in turns, in one process, after a warm-up."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The first call of a turn finds the data of another case in the caches, so it is not counted.
TURN = 8
WARM_UP_CALLS = 2
FEWEST_TURNS = 2
SHOW_RATE = 30.0
"""Frames a second that are asked of every machine, independent of the model's own rate."""


@dataclass(frozen=True)
class Times:
    """Percentiles of durations, and how many durations were longer than a frame."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    missed_at_own_rate: int
    missed_at_30: int

    @classmethod
    def of(cls, seconds: NDArray[np.float64], own_rate: float) -> "Times":
        """Return those of `seconds` [n], for a model that makes `own_rate` frames a second."""
        p50, p95, p99 = (round(float(1000 * each), 3) for each in np.percentile(seconds, (50, 95, 99)))
        missed = (int((seconds > 1 / rate).sum()) for rate in (own_rate, SHOW_RATE))
        return cls(len(seconds), p50, p95, p99, *missed)


def interleaved(
    cases: Mapping[str, Callable[[], object]], seconds: float, now: Callable[[], float] = time.perf_counter
) -> dict[str, NDArray[np.float64]]:
    """Call the cases in turns, A…A B…B A…A B…B, for about `seconds` in all.

    Returns:
        Every duration by case, float64 [n] seconds, measured with the clock `now`.
    """
    for call in cases.values():
        for _ in range(WARM_UP_CALLS):
            call()
    taken: dict[str, list[float]] = {name: [] for name in cases}
    end = now() + seconds
    turns = 0
    while turns < FEWEST_TURNS or now() < end:
        for name, call in cases.items():
            call()
            taken[name] += [_duration(call, now) for _ in range(TURN - 1)]
        turns += 1
    return {name: np.array(durations) for name, durations in taken.items()}


def _duration(call: Callable[[], object], now: Callable[[], float]) -> float:
    began = now()
    call()
    return now() - began
