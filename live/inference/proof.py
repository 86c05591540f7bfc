"""Proof of a network: what it shows in a few steps, and how long a step takes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from live.bundle.bundle import Bundle
from live.bundle.seed_film import to_context
from live.frame import Pixels
from live.inference.model import Model
from live.timings import Timings

# Length of a proof: at least so many steps, and more while there is time.
STEPS, SECONDS = 5, 0.2


@dataclass(frozen=True)
class Proof:
    """Frames and step time of a model under test."""

    frames: Sequence[Pixels]
    seconds: float
    """Duration of a step, the shortest of some."""

    def distance(self, other: "Proof") -> float:
        """Return the mean absolute difference of all pixels, in levels of 0…255."""
        pairs = zip(self.frames, other.frames, strict=True)
        return float(np.mean([np.abs(one.astype(int) - two).mean() for one, two in pairs]))


def prove(
    model: Model,
    bundle: Bundle,
    *,
    in_gap: Callable[[], None] = lambda: None,
    timings: Timings | None = None,
) -> Proof:
    """Let a warm model continue the film's end or, without a memory, see a picture. The model forgets it afterwards.

    Every proof of a bundle has the same noise and the same camera picture.

    Args:
        model: The model.
        bundle: Its bundle.
        in_gap: Called before each step.
        timings: Its section "session" counts the steps; None counts nothing.
    """
    graph = model.graph
    random = np.random.default_rng(0)
    noise = random.standard_normal(graph.noise, np.float32)
    camera = random.integers(0, 256, (graph.height, graph.width, 3), np.uint8)
    if "context" in graph.inputs:
        model.begin(to_context(bundle.film.frames[-graph.context_frames :]))
    frames: list[Pixels] = []
    durations: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(durations) < STEPS or (time.perf_counter() < end and len(durations) < 10 * STEPS):
        # The film alone leads the steps; a camera leads the last one that is compared.
        mix = float(len(durations) == STEPS - 1)
        in_gap()
        began = time.perf_counter()
        frame = model.step(noise, 1.0, camera, mix, timings=timings)
        durations.append(time.perf_counter() - began)
        if len(frames) < STEPS:
            frames.append(frame)
    model.clear()
    return Proof(frames, min(durations))
