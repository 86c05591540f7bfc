"""The choice of the checkpoint: the best score is kept, over sessions, and patience ends."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from train.runtime.checkpoint import load_checkpoint
from train.runtime.distributed import Team
from train.runtime.run_folder import Run
from train.training.best_checkpoint import BestCheckpoint
from train.training.trainer import Trainer, TrainingConfig
from train.training.validation import ValidationResult


class Steps(Trainer):
    """Training that only counts steps."""

    def __init__(self) -> None:
        super().__init__(TrainingConfig(), torch.device("cpu"), bf16=False, team=Team())
        self.generator = self.ema = self.discriminators = nn.Linear(1, 1)

    samples_per_step = 1

    def step(self) -> dict[str, Tensor]:
        self.steps += 1
        return {}

    def parts(self) -> dict[str, Any]:
        return {}


def offer(best: BestCheckpoint, trainer: Trainer, *scores: float) -> list[bool]:
    """Train a step and offer the result, for each score."""
    kept = []
    for score in scores:
        trainer.step()
        kept.append(best.offer(trainer, ValidationResult("a rollout", score, {})))
    return kept


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_the_best_score_is_kept(run: Run) -> None:
    best = BestCheckpoint.start(run, patience=3)
    assert offer(best, Steps(), 1.0, 2.0, 2.0, 1.5) == [True, True, False, False]
    kept = load_checkpoint(run.best)
    assert (kept["steps"], kept["score"]) == (2, 2.0)


def test_patience_ends_after_as_many_validations_without_progress(run: Run) -> None:
    best, trainer = BestCheckpoint.start(run, patience=2), Steps()
    offer(best, trainer, 1.0, 0.5)
    assert not best.out_of_patience
    offer(best, trainer, 0.5)
    assert best.out_of_patience


def test_a_resumed_training_must_beat_the_earlier_score(run: Run) -> None:
    offer(BestCheckpoint.start(run, patience=2), Steps(), 2.0)
    assert offer(BestCheckpoint.resume(run, patience=2), Steps(), 1.5, 2.5) == [False, True]


def test_a_new_training_does_not_compete_with_an_earlier_one(run: Run) -> None:
    offer(BestCheckpoint.start(run, patience=2), Steps(), 2.0)
    best = BestCheckpoint.start(run, patience=2)
    assert not run.best.exists()
    assert offer(best, Steps(), 1.0) == [True]
