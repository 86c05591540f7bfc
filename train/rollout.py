"""Long rollouts: what the show will look like, and the first figures that say whether it lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from train.measure import motion, sharpness
from train.networks import Generator
from train.pictures import contact_sheet
from train.step import ShowStep


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
    for _ in range(steps):
        noise = rng.standard_normal((1, 1, *context.shape[2:]), dtype=np.float32)
        frame, context = show(context, torch.from_numpy(noise).to(device), level)
        yield frame.cpu().numpy()


# ----------------------------------------------------------------------------
# Figures. Each is put over the film's own, so that 1 means "as in the film".


@dataclass(frozen=True)
class Vitality:
    """Medians of a rollout over those of the film's own last seconds."""

    sharpness: float
    motion: float


def vitality(frames: np.ndarray, film_end: np.ndarray, shot_starts: list[int]) -> Vitality:
    """How sharp and how much in motion a rollout is.

    Args:
        frames: the rollout, uint8 RGB [T, H, W, 3], at least two frames.
        film_end: the film's last seconds at the same stride, uint8 RGB [n, H, W, 3].
        shot_starts: where shots begin in it: a cut is no motion.
    """
    within = np.delete(_motions(film_end), [start - 1 for start in shot_starts if start])
    sharp, own = (np.median([sharpness(frame) for frame in some]) for some in (frames, film_end))
    return Vitality(float(sharp / own), float(np.median(_motions(frames)) / max(np.median(within), 1e-6)))


def _motions(frames: np.ndarray) -> np.ndarray:
    return np.array([motion(after, before) for before, after in pairwise(frames)])


SHEET_COLUMNS, SHEET_ROWS = 5, 4


def sheet_moments(steps: int) -> list[int]:
    """Which frames of a rollout a contact sheet shows: at even distances from the first to the last."""
    return [round(i) for i in np.linspace(0, steps - 1, SHEET_COLUMNS * SHEET_ROWS)]


def rollout_sheet(frames: Mapping[int, np.ndarray] | np.ndarray, steps: int, frame_rate: float) -> np.ndarray:
    """Contact sheet of a rollout of so many steps; of its frames, uint8 RGB [H, W, 3], only those shown are needed."""
    moments = sheet_moments(steps)
    captions = [f"{(i + 1) / frame_rate:.1f} s after" for i in moments]
    return contact_sheet([frames[i] for i in moments], captions, SHEET_COLUMNS)
