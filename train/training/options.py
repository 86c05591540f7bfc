"""Options of a training."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Literal

import torch
from cyclopts.types import NonNegativeInt, NormFloat, PositiveFloat, PositiveInt

from train.runtime.device import has_fast_bf16
from train.training.trainer import TrainingConfig

DEFAULT_MINUTES = 120.0


@dataclass(frozen=True)
class TrainingOptions:
    """Settings that the user changes in the `TrainingConfig` of a recipe."""

    batch: PositiveInt | None = None
    """Film windows per training step, without the states of the pool; or pictures. Default: 4; for pictures 2; for the
    recipe paper 1."""
    learning_rate: PositiveFloat | None = None
    """Learning rate of all networks (Adam). Default: 1e-3; for pictures 3e-4; for the recipe paper 2e-4."""
    ema: NormFloat | None = None
    """Decay of the averaged generator, which is sampled and exported. Default: 0.999; for the recipe paper 0."""
    seed: NonNegativeInt | None = None
    """Random seed of the training. Default: 0."""

    def over(self, defaults: TrainingConfig) -> TrainingConfig:
        """Return the defaults with these changes."""
        return replace(defaults, **{name: value for name, value in asdict(self).items() if value is not None})


@dataclass(frozen=True)
class Budget:
    """Duration and device of a training; may change on resume."""

    minutes: PositiveFloat | None = None
    """Stop after this many minutes of training, over all sessions. Default: 120 without --steps."""
    steps: PositiveInt | None = None
    """Stop after this many training steps, over all sessions."""
    device: str = "auto"
    """Device: auto, cpu, cuda, cuda:1, mps."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic of the training: auto takes bf16 where the hardware multiplies it."""
    sample_minutes: PositiveFloat = 20.0
    """Minutes between samples (a rollout of ninety seconds, or held-out pictures): written to samples/ and scored. The
    network with the best score is kept."""
    patience: PositiveInt = 12
    """Stop after this many samples without a better score."""

    @property
    def minute_limit(self) -> float | None:
        """Minutes after which to stop; None: only the steps count."""
        return DEFAULT_MINUTES if self.minutes is None and self.steps is None else self.minutes

    def share(self, steps: int, seconds: float) -> float:
        """Return the share of it that so many steps and seconds have used: 0…1, or more when it is over."""
        by_steps = steps / self.steps if self.steps else 0.0
        return max(by_steps, seconds / 60 / self.minute_limit if self.minute_limit else 0.0)

    def bf16(self, device: torch.device) -> bool:
        """Return True to train in bfloat16 on this device."""
        return has_fast_bf16(device) if self.precision == "auto" else self.precision == "bf16"
