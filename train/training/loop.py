"""One session of a training: start or resume it, train until the budget is spent, save, report."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from rich.console import Console
from torch import Tensor

from train.console import command_names
from train.errors import RunError
from train.models.generator import parameter_count
from train.runtime.checkpoint import load_checkpoint
from train.runtime.interrupt import Interruption
from train.runtime.run_folder import Run
from train.runtime.throughput import peak
from train.training.best_checkpoint import BestCheckpoint
from train.training.monitor import Monitor
from train.training.options import Budget
from train.training.trainer import Trainer
from train.training.validation import Validation
from train.watching.board import Board

AGREE_EVERY = 16  # steps, after which several processes agree whether to stop


def learn(
    trainer: Trainer,
    run: Run,
    make_validation: Callable[[], Validation],
    budget: Budget,
    console: Console,
    interruption: Interruption,
    board: Board,
) -> None:
    """Train in this process; the leader also reports, validates and saves.

    Args:
        trainer: the training.
        run: its folder.
        make_validation: makes what validates the averaged generator; only the leader calls it.
        budget: how long to train.
        console: for reports.
        interruption: of `interruptible`.
        board: for the state of the training.

    Raises:
        RunError: the checkpoint is of other networks, or the device has too little memory.
        KeyboardInterrupt: the user asked to stop, and everything is saved.
    """
    team, device = trainer.team, trainer.device
    console.print(
        f"training a generator of {parameter_count(trainer.generator) / 1e6:.2f} M parameters on {device}, "
        f"{'bf16' if trainer.bf16 else 'fp32'}" + (f", in {team.size} processes" if team.size > 1 else "")
    )
    is_resumed = run.checkpoint.is_file()
    if is_resumed:
        trainer.load_state_dict(load_checkpoint(run.checkpoint))
        console.print(f"resumed at step {trainer.steps}, after {trainer.seconds / 60:.1f} minutes of training")
    try:
        if team.leads:
            best = (BestCheckpoint.resume if is_resumed else BestCheckpoint.start)(run, budget.patience)
            _lead(trainer, run, make_validation(), best, budget, console, interruption, board)
        else:
            train(trainer, budget, on_step=lambda scalars: interruption())
    except torch.OutOfMemoryError as error:
        raise RunError(f"{device} has too little memory for this; give a smaller --batch or --size") from error


def _lead(
    trainer: Trainer,
    run: Run,
    validation: Validation,
    best: BestCheckpoint,
    budget: Budget,
    console: Console,
    interruption: Interruption,
    board: Board,
) -> None:
    """Train, report and save."""
    peak_flops = peak(trainer.device, bf16=trainer.bf16)
    with Monitor(
        trainer, run, validation, best, budget, console, interruption, board, peak_flops=peak_flops
    ) as monitor:

        def on_step(scalars: dict[str, Tensor]) -> bool:
            monitor.after_step(scalars)
            return best.out_of_patience or interruption()

        train(trainer, budget, on_step=on_step)
        if interruption():
            raise KeyboardInterrupt
    if interruption():  # in the last validation
        raise KeyboardInterrupt
    reason = "the score no longer improves" if best.out_of_patience else "done"
    board.outcome = f"{reason}: {trainer.steps} steps in {trainer.seconds / 60:.1f} minutes"
    console.print(board.outcome)
    console.print(f"next: {command_names()[0]} export {run.folder} --out models/{run.folder.name}")


def train(trainer: Trainer, budget: Budget, *, on_step: Callable[[dict[str, Tensor]], bool]) -> None:
    """Train until the budget is spent, over all sessions, or `on_step` returns True."""
    team, resumed_at, stop = trainer.team, trainer.steps, False
    while budget.steps is None or trainer.steps < budget.steps:
        # All processes must stop at the same step, and keep to the same schedule; agreeing costs a message.
        if team.size == 1 or trainer.steps % AGREE_EVERY == 0 or trainer.steps == resumed_at:
            used = math.inf if stop else budget.share(trainer.steps, trainer.seconds)
            used = team.most(used, trainer.device)
            if used >= 1:
                return
            trainer.budget_share = used
        began = time.perf_counter()
        with trainer.throughput.count_step(trainer.stage):
            scalars = trainer.step()
        trainer.seconds += time.perf_counter() - began
        stop = on_step(scalars)
