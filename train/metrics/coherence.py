"""Coherence: how whole things are after some steps of a model that goes on from its own frames.

It begins with contexts of the film. A single step says how well a model paints; its fall over the next steps says how
fast small errors add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from train.metrics.wholeness import Wholeness

STEPS = (2, 8, 32)  # after which it is measured
STARTS = 32  # film frames at most, spread over the story


@dataclass(frozen=True)
class Coherence:
    """Wholeness of what moves, see `train.metrics.wholeness`, after so many steps at temperature 0."""

    after_2: float
    after_8: float
    after_32: float

    def to_json(self) -> dict[str, float]:
        """Return all figures, rounded to five digits."""
        return {name: float(f"{value:.5g}") for name, value in asdict(self).items()}


def measure_coherence(
    roll_out: Callable[[int, int], Iterator[np.ndarray]], targets: Sequence[int], wholeness: Wholeness
) -> Coherence:
    """Measure short rollouts.

    Args:
        roll_out: yields a model's continuation at temperature 0 that begins with this film frame, and has so many
            frames: uint8 RGB [H, W, 3].
        targets: film indices with which continuations may begin, at least one.
        wholeness: the film as yardstick.
    """
    count = min(STARTS, len(targets))
    starts = [targets[int((n + 0.5) * len(targets) / count)] for n in range(count)]
    crops: dict[int, list[np.ndarray]] = {step: [] for step in STEPS}
    for start in starts:
        samples = {step: wholeness.sample(count) for step in STEPS}
        for number, frame in enumerate(roll_out(start, STEPS[-1]), 1):
            for step, sample in samples.items():
                if number in (step - 1, step):  # the first of the two says what moves
                    sample.add(frame)
        for step, sample in samples.items():
            crops[step] += sample.crops
    return Coherence(*(wholeness.of_crops(crops[step]) for step in STEPS))
