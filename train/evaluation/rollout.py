"""Long rollouts and single steps of a generator, and the contact sheet of a rollout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from train.images.contact_sheet import contact_sheet
from train.models.show_step import FilmGenerator, advance, draw_noise, show_step

SHEET_COLUMNS, SHEET_ROWS = 5, 4


@torch.no_grad()
def roll_out(
    generator: FilmGenerator, context: Tensor, steps: int, *, temperature: float, seed: int
) -> Iterator[np.ndarray]:
    """Yield the continuation of a film, frame by frame, each uint8 RGB [H, W, 3].

    There is no camera: its mix is 0.

    Args:
        generator: the network; it is put into evaluation mode.
        context: [1, 3K, H, W] float, −1…1, on the generator's device.
        steps: number of frames.
        temperature: 0 is deterministic.
        seed: of the noise, which is the stage's of the same seed.
    """
    step = show_step(generator).eval()
    inputs, state = _inputs(context, temperature), step.begin(context)
    for noise in islice(draw_noise(step.noise_shape(*context.shape[2:]), seed), steps):
        frame, state = advance(step, inputs | state | {"noise": torch.from_numpy(noise).to(context.device)})
        yield frame.cpu().numpy()


@torch.no_grad()
def next_frame(generator: FilmGenerator, context: Tensor) -> np.ndarray:
    """Return the frame that follows a context at temperature 0 without a camera, uint8 RGB [H, W, 3].

    The arguments are those of `roll_out`.
    """
    step = show_step(generator).eval()
    noise = torch.zeros(step.noise_shape(*context.shape[2:]), device=context.device)
    frame, _ = advance(step, _inputs(context, temperature=0.0) | step.begin(context) | {"noise": noise})
    return frame.cpu().numpy()


def _inputs(context: Tensor, temperature: float) -> dict[str, Tensor]:
    """Return the inputs that stay the same during a rollout, by name; there is no camera."""
    device, (height, width) = context.device, context.shape[2:]
    return {
        "temperature": torch.full((1,), temperature, device=device),
        "camera": torch.zeros(height, width, 3, dtype=torch.uint8, device=device),
        "camera_mix": torch.zeros(1, device=device),
    }


def sheet_steps(steps: int) -> list[int]:
    """Return the steps that a contact sheet shows: at even distances from the first to the last."""
    return [round(i) for i in np.linspace(0, steps - 1, SHEET_COLUMNS * SHEET_ROWS)]


def rollout_sheet(frames: Mapping[int, np.ndarray] | np.ndarray, steps: int, frame_rate: float) -> np.ndarray:
    """Return the contact sheet of a rollout, uint8 RGB.

    Args:
        frames: uint8 RGB [H, W, 3] by step; only those of `sheet_steps` are needed.
        steps: length of the rollout.
        frame_rate: frames a second.
    """
    shown = sheet_steps(steps)
    captions = [f"after {(i + 1) / frame_rate:.1f} s" for i in shown]
    return contact_sheet([frames[i] for i in shown], captions, SHEET_COLUMNS)
