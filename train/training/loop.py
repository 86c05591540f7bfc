"""One sitting of a training: begun or resumed, reported, interrupted, ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from cyclopts.types import PositiveFloat, PositiveInt
from rich.console import Console
from torch import Tensor

from train.errors import RunError
from train.models.generator import parameter_count
from train.runtime.checkpoint import load_checkpoint
from train.runtime.device import has_fast_bf16
from train.runtime.run_folder import Run
from train.training.monitor import Monitor
from train.training.trainer import Trainer
from train.training.validation import Validation


@dataclass(frozen=True)
class Budget:
    """How long and on what to train; may change when a training is resumed."""

    minutes: PositiveFloat | None = None
    """Stop after so many minutes of training, counted over all sessions; default 60 if no --steps."""
    steps: PositiveInt | None = None
    """Stop after so many training steps, counted over all sessions."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic of the training; auto takes bf16 where the device multiplies it in hardware."""
    sample_minutes: PositiveFloat = 5.0
    """Minutes between rollouts of ninety seconds, or pictures that were kept aside: written to samples/, scored, and
    the best network kept."""
    patience: PositiveInt = 12
    """Stop after so many of them without a better score."""

    def bf16(self, device: torch.device) -> bool:
        """Whether to train in bfloat16 there."""
        return has_fast_bf16(device) if self.precision == "auto" else self.precision == "bf16"


def learn(
    training: Trainer,
    run: Run,
    make_trial: Callable[[], Validation],
    budget: Budget,
    console: Console,
    asked: Callable[[], bool],
) -> None:
    """Train (or resume), and where this process leads its team, tell of it and keep what comes of it.

    Raises:
        RunError: the checkpoint is of other networks, or the device has too little memory.
        KeyboardInterrupt: it was asked for, and all is saved.
    """
    team, device = training.team, training.device
    console.print(
        f"training a generator of {parameter_count(training.generator) / 1e6:.2f} M parameters on {device}, "
        f"{'bf16' if training.bf16 else 'fp32'}" + (f", in {team.size} processes" if team.size > 1 else "")
    )
    if run.checkpoint.is_file():
        training.load_state_dict(load_checkpoint(run.checkpoint))
        console.print(f"resumed at step {training.steps}, after {training.seconds / 60:.1f} minutes of training")
    minutes = 60.0 if budget.minutes is None and budget.steps is None else budget.minutes
    try:
        if team.leads:
            _lead(training, run, make_trial(), minutes, budget, console, asked)
        else:
            train(training, steps=budget.steps, minutes=minutes, on_step=lambda scalars: asked())
    except torch.OutOfMemoryError as error:
        raise RunError(f"{device} has too little memory for this; give a smaller --batch or --size") from error


def _lead(
    training: Trainer,
    run: Run,
    trial: Validation,
    minutes: float | None,
    budget: Budget,
    console: Console,
    asked: Callable[[], bool],
) -> None:
    """Train, and tell of it."""
    with Monitor(
        run,
        training,
        trial,
        minutes=minutes,
        steps=budget.steps,
        sample_minutes=budget.sample_minutes,
        patience=budget.patience,
        console=console,
    ) as reporter:

        def after_step(scalars: dict[str, Tensor]) -> bool:
            reporter.step(scalars)
            return reporter.stands_still or asked()

        train(training, steps=budget.steps, minutes=minutes, on_step=after_step)
        if asked():
            raise KeyboardInterrupt
    why = "the score rises no more" if reporter.stands_still else "done"
    console.print(f"{why}: {training.steps} steps in {training.seconds / 60:.1f} minutes")
    console.print(f"next: python -m train export {run.folder} --out models/{run.folder.name}")


AGREE_EVERY = 16  # steps


def train(
    training: Trainer,
    *,
    steps: int | None,
    minutes: float | None,
    on_step: Callable[[dict[str, Tensor]], bool],
) -> None:
    """Train until `steps` or `minutes` (of all sessions together) are reached or `on_step` says that it is enough."""
    team, enough = training.team, minutes is not None and training.seconds >= 60 * minutes
    while steps is None or training.steps < steps:
        # All processes must stop at the same step, and asking costs a message.
        if (team.size == 1 or training.steps % AGREE_EVERY == 0) and team.any(enough, training.device):
            return
        began = time.perf_counter()
        with training.work.count_step(training.stage):
            scalars = training.step()
        training.seconds += time.perf_counter() - began
        enough = on_step(scalars) or (minutes is not None and training.seconds >= 60 * minutes)
