"""Compare the exported graph with the checkpoint, step by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from train.evaluation.bundle_runner import Graph
from train.export.quantization import MIXES
from train.images.pixels import from_bytes
from train.models.camera_guide import camera_guide
from train.models.generator import Generator
from train.models.show_step import ShowStep, band_noise, camera_calls

PARITY_STEPS = 250


PARITY_SEED = 0


TIE = 1e-5  # of the memory's distances, which are around 0.1: what two ways to add up a sum may differ by


@dataclass(frozen=True)
class Parity:
    """How far the exported graph is from the checkpoint, in levels of 0…255, same noise, temperature 1."""

    worst_step: int  # largest difference of a pixel when both start every step from the same context
    ties: int  # steps left out of it, at which two moments of the film were equally like the state
    differing: float  # share of pixels that differ at all then
    drift: float  # mean absolute difference at the last step of the film alone, each on its own output


@torch.no_grad()
def roll_both(
    generator: Generator, graph: Graph, context: torch.Tensor, steps: int, wanted: set[int]
) -> tuple[Parity, dict[int, np.ndarray]]:
    """Roll the graph out for `steps`, beside the checkpoint for the first of them.

    A generator that a camera can play is played, at every mix, by a mirror image of itself; then only the first half of
    the steps beside the checkpoint is the film's alone.

    Returns:
        the parity, and of the graph's own rollout the wanted frames, uint8 RGB [H, W, 3].
    """
    show = ShowStep(generator).eval()
    rng = np.random.default_rng(PARITY_SEED)
    temperature = np.ones(1, np.float32)
    alone = PARITY_STEPS // 2 if generator.config.camera else PARITY_STEPS
    ours, theirs = context, context.numpy()
    mirrored = np.zeros((*context.shape[2:], 3), np.uint8)
    worst, ties, differing, drift = 0, 0, 0.0, 0.0
    frames: dict[int, np.ndarray] = {}
    for step in range(steps):
        noise = rng.standard_normal((1, 1, *context.shape[2:]), dtype=np.float32)
        frame, theirs = graph.step(theirs, noise, temperature)
        if step in wanted:
            frames[step] = frame
        if step < PARITY_STEPS:
            mix = 0.0 if step < alone else MIXES[step % len(MIXES)]
            same_start, _ = graph.step(ours.numpy(), noise, temperature, mirrored, mix)
            tied = _lead(generator, ours, noise, mirrored, mix) < TIE
            played = (torch.from_numpy(mirrored), torch.full((1,), mix)) if generator.config.camera else ()
            expected, ours = show(ours, torch.from_numpy(noise), torch.from_numpy(temperature), *played)
            difference = np.abs(same_start.astype(np.int16) - expected.numpy())
            if tied and difference.max() > 1:
                ties += 1
            else:
                worst = max(worst, int(difference.max()))
            differing += float((difference > 0).mean()) / PARITY_STEPS
            if step < alone:
                drift = float(np.abs(frame.astype(np.int16) - expected.numpy()).mean())
            mirrored = np.ascontiguousarray(expected.numpy()[:, ::-1])
    return Parity(worst, ties, differing, drift), frames


def _lead(generator: Generator, context: torch.Tensor, noise: np.ndarray, camera: np.ndarray, mix: float) -> float:
    """By how much the moments that the memory finds are the nearest."""
    memory = generator.memory
    if memory is None:
        return float("inf")
    small = generator.reduce(context)
    if not generator.config.camera:
        return memory.lead(small)
    seen = camera_guide(from_bytes(torch.from_numpy(camera).permute(2, 0, 1)[None]), memory.cells)
    return memory.lead(small, seen, camera_calls(band_noise(torch.from_numpy(noise)), torch.full((1,), mix)))
