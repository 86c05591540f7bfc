"""The choice of the checkpoint: the best score is kept, over sessions, and patience ends."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from train.metrics.scoring import Bar, Check
from train.metrics.scoring import score as score_of
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


def test_scores_of_other_bars_are_not_compared(run: Run) -> None:
    """Such as those of a session in which wholeness was not measured."""

    def result(score: float, *labels: str) -> ValidationResult:
        return ValidationResult(
            "a rollout", score, {}, tuple(Check(Bar("x", label, 0.5), 1.0, 1.0) for label in labels)
        )

    trainer, best = Steps(), BestCheckpoint.start(run, patience=2)
    assert best.offer(trainer, result(0.9, "motion"))
    assert not best.offer(trainer, result(0.8, "motion"))
    resumed = BestCheckpoint.resume(run, patience=2)
    assert not resumed.offer(trainer, result(0.8, "motion"))
    assert resumed.offer(trainer, result(0.4, "motion", "wholeness"))
    assert not BestCheckpoint.resume(run, patience=2).offer(trainer, result(0.3, "motion", "wholeness"))


def test_a_checkpoint_that_breaks_things_loses_against_a_whole_one(run: Run) -> None:
    """It wins by the bars of its rollout alone."""

    def result(likeness: float, wholeness: float) -> ValidationResult:
        figures = SimpleNamespace(likeness=likeness, wholeness=wholeness)
        of_rollout = Bar("likeness", "likeness", high=0.35)
        checks = [Check.of(bar, figures) for bar in (of_rollout, Bar("wholeness", "wholeness", low=0.25))]
        return ValidationResult("a rollout", score_of([checks]), {}, tuple(checks))

    trainer, best = Steps(), BestCheckpoint.start(run, patience=2)
    assert best.offer(trainer, result(likeness=0.35, wholeness=0.5))
    assert not best.offer(trainer, result(likeness=0.2, wholeness=0.05))
    assert best.offer(trainer, result(likeness=0.3, wholeness=0.5))
