"""Comparison of the exported graph with the checkpoint, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch

from train.evaluation.bundle_runner import Graph
from train.export.quantization import MIXES
from train.models.show_step import FilmGenerator, PaperStep, ShowStep, advance, draw_noise, show_step

SEED = 0  # of the noise
TIE = 1e-5  # of the memory's distances, which are around 0.1: two orders of addition may differ by this much


@dataclass(frozen=True)
class Parity:
    """Difference between the exported graph and the checkpoint, in levels of 0…255, same noise, temperature 1."""

    steps: int
    worst_step: int  # largest difference of a pixel when both start every step from the same context
    ties: int  # steps left out of it, at which two frames of the memory were equally similar to the state
    differing: float  # share of pixels that differ at all then
    drift: float  # mean absolute difference at the last step without a camera, each on its own output

    @property
    def text(self) -> str:
        """The result in words."""
        ties = f"; {self.ties} steps left out, at which two frames of the memory were equally similar to the state"
        return (
            f"{self.steps} steps: from the same context at most {self.worst_step} of 255 levels "
            f"({100 * self.differing:.3f} % of pixels differ at all), each on its own output {self.drift:.2f} levels "
            f"at the end{ties if self.ties else ''}"
        )


@torch.no_grad()
def check_parity(generator: FilmGenerator, graph: Graph, context: torch.Tensor, steps: int) -> Parity:
    """Roll out graph and checkpoint side by side.

    In the second half of the steps, a generator that a camera can play is played by a mirror image of itself, at every
    mix.

    Args:
        generator: of the checkpoint.
        graph: exported from it.
        context: [1, 3K, H, W] float, −1…1.
        steps: to compare.
    """
    show = show_step(generator).eval()
    height, width = context.shape[2:]
    temperature = np.ones(1, np.float32)
    without_camera = steps // 2 if "camera" in show.input_names else steps
    ours, theirs = show.begin(context), graph.begin(context.numpy())
    camera = np.zeros((height, width, 3), np.uint8)
    worst, ties, differing, drift = 0, 0, 0.0, 0.0
    for step, noise in enumerate(islice(draw_noise(graph.noise_shape, SEED), steps)):
        mix = 0.0 if step < without_camera else MIXES[step % len(MIXES)]
        same = {name: value.numpy() for name, value in ours.items()}
        from_ours, _ = graph.step(same, noise, temperature, camera, mix)
        inputs = {
            "noise": torch.from_numpy(noise),
            "temperature": torch.from_numpy(temperature),
            "camera": torch.from_numpy(camera),
            "camera_mix": torch.full((1,), mix),
        }
        tied = _margin(show, inputs | ours) < TIE
        expected, ours = advance(show, inputs | ours)
        difference = np.abs(from_ours.astype(np.int16) - expected.numpy())
        if tied and difference.max() > 1:
            ties += 1
        else:
            worst = max(worst, int(difference.max()))
        differing += float((difference > 0).mean()) / steps
        if step < without_camera:
            frame, theirs = graph.step(theirs, noise, temperature)
            drift = float(np.abs(frame.astype(np.int16) - expected.numpy()).mean())
        camera = np.ascontiguousarray(expected.numpy()[:, ::-1])
    return Parity(steps, worst, ties, differing, drift)


def _margin(show: ShowStep | PaperStep, inputs: Mapping[str, torch.Tensor]) -> float:
    """Return by how much the frame that the memory finds is nearer than the next one."""
    if isinstance(show, PaperStep):
        return float("inf")
    look = show.look(*(inputs[name] for name in ("context", "movement", "camera", "camera_mix")))
    return show.generator.memory.margin(look.context, look.weights)
