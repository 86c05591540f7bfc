"""Long rollouts: what the show will look like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from train.images.contact_sheet import contact_sheet
from train.models.generator import Generator
from train.models.show_step import ShowStep


@torch.no_grad()
def roll_out(
    generator: Generator, context: Tensor, steps: int, *, temperature: float, seed: int
) -> Iterator[np.ndarray]:
    """The continuation, frame by frame, each uint8 RGB [H, W, 3].

    Args:
        generator: in the state in which it is to be judged.
        context: [1, 3K, H, W] float, −1…1, on the generator's device.
        temperature: 0 is deterministic.
        seed: of the noise, drawn by NumPy exactly as the stage draws it.
    """
    device = context.device
    show = ShowStep(generator).eval()
    rng = np.random.default_rng(seed)
    level = torch.full((1,), temperature, device=device)
    # The film alone: a generator that can follow a camera is told to follow it not at all.
    played = generator.config.camera
    camera = torch.zeros(*context.shape[2:], 3, dtype=torch.uint8, device=device) if played else None
    mix = torch.zeros(1, device=device) if played else None
    for _ in range(steps):
        noise = rng.standard_normal((1, 1, *context.shape[2:]), dtype=np.float32)
        frame, context = show(context, torch.from_numpy(noise).to(device), level, camera, mix)
        yield frame.cpu().numpy()


SHEET_COLUMNS, SHEET_ROWS = 5, 4


def sheet_moments(steps: int) -> list[int]:
    """Which frames of a rollout a contact sheet shows: at even distances from the first to the last."""
    return [round(i) for i in np.linspace(0, steps - 1, SHEET_COLUMNS * SHEET_ROWS)]


def rollout_sheet(frames: Mapping[int, np.ndarray] | np.ndarray, steps: int, frame_rate: float) -> np.ndarray:
    """Contact sheet of a rollout of so many steps; of its frames, uint8 RGB [H, W, 3], only those shown are needed."""
    moments = sheet_moments(steps)
    captions = [f"{(i + 1) / frame_rate:.1f} s after" for i in moments]
    return contact_sheet([frames[i] for i in moments], captions, SHEET_COLUMNS)
