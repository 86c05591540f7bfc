"""The loop: when it stops, and what a new run leaves of an old one."""

import io
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from train.data.film_course import FilmCourse
from train.models.generator import GeneratorConfig
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.runtime.interrupt import Interruption, interruptible
from train.runtime.run_folder import Run
from train.training.film_trainer import FilmTrainer
from train.training.loop import learn, train
from train.training.options import Budget
from train.training.recipes import GUIDED
from train.training.trainer import TrainingConfig
from train.training.validation import ValidationResult
from train.watching.board import Board

SMALL = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)


@pytest.fixture
def trainer(hats_course: FilmCourse) -> FilmTrainer:
    return FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path)
    run.samples.mkdir()
    return run


class Scores:
    """Validation with given scores."""

    name = "rollout"

    def __init__(self, *scores: float) -> None:
        self.scores = iter(scores)

    def __call__(self, path: Path, on_progress: Callable[[float], None]) -> ValidationResult:
        return ValidationResult(name="a rollout", score=next(self.scores), figures={})


def run_session(trainer: FilmTrainer, run: Run, scores: Scores, budget: Budget) -> None:
    learn(trainer, run, lambda: scores, budget, Console(quiet=True), Interruption(), Board())


def test_minutes_are_counted_over_all_sessions(trainer: FilmTrainer) -> None:
    trainer.seconds = 60.0  # of an earlier session
    train(trainer, Budget(minutes=1.0), on_step=lambda scalars: pytest.fail("the minutes are over"))


def test_two_hours_are_the_limit_unless_something_else_is_said() -> None:
    assert Budget().minute_limit == 120
    assert Budget(steps=10).minute_limit is None
    assert Budget(steps=10, minutes=3).minute_limit == 3


@pytest.mark.parametrize(
    ("budget", "stages"),
    [(Budget(steps=13), [0] * 6 + [1] * 7), (Budget(steps=13, minutes=6.5), [0] * 3 + [1] * 4), (Budget(), [0] * 9)],
)
def test_both_stages_fit_into_the_budget(trainer: FilmTrainer, budget: Budget, stages: list[int]) -> None:
    seen: list[int] = []

    def on_step(scalars: dict[str, torch.Tensor]) -> bool:
        seen.append(trainer.stage)
        trainer.seconds = 60.0 * trainer.steps
        return len(seen) == 9 and budget == Budget()

    train(trainer, budget, on_step=on_step)
    assert seen == stages


def test_a_new_run_forgets_the_best_network_of_an_old_one(trainer: FilmTrainer, run: Run) -> None:
    save_checkpoint(run.best, {"score": 9.0})
    run_session(trainer, run, Scores(0.5), Budget(steps=1))
    assert load_checkpoint(run.best)["score"] == 0.5


def test_a_resumed_run_keeps_it(trainer: FilmTrainer, run: Run) -> None:
    run_session(trainer, run, Scores(0.5), Budget(steps=1))
    run_session(trainer, run, Scores(0.4), Budget(steps=2))
    assert load_checkpoint(run.best)["score"] == 0.5


def test_it_stops_when_the_score_no_longer_improves(trainer: FilmTrainer, run: Run) -> None:
    every_step = 1e-9  # minutes
    budget = Budget(steps=50, sample_minutes=every_step, patience=2)
    trainer.recipe = replace(GUIDED, film_share=0.0)
    run_session(trainer, run, Scores(0.1, 0.3, 0.2, 0.3), budget)
    assert trainer.steps == 4
    assert load_checkpoint(run.best)["steps"] == 2


def test_patience_begins_in_the_last_stage(trainer: FilmTrainer, run: Run) -> None:
    budget = Budget(steps=50, sample_minutes=1e-9, patience=2)
    trainer.recipe = replace(GUIDED, film_share=0.2)
    run_session(trainer, run, Scores(*[0.3] * 12), budget)
    assert trainer.steps == 12


@pytest.mark.parametrize("sample_minutes", [1e-9, 5.0])  # after the first step, and at the end of the training
def test_an_interrupted_validation_leaves_a_checkpoint(trainer: FilmTrainer, run: Run, sample_minutes: float) -> None:
    class Interrupted(Scores):
        def __call__(self, path: Path, on_progress: Callable[[float], None]) -> ValidationResult:
            signal.raise_signal(signal.SIGTERM)
            pytest.fail("the signal ends it")

    printed = io.StringIO()
    budget = Budget(steps=2, sample_minutes=sample_minutes)
    with interruptible() as interruption, pytest.raises(KeyboardInterrupt):
        learn(trainer, run, Interrupted, budget, Console(file=printed, width=200), interruption, Board())
    steps = 1 if sample_minutes < 1 else 2
    assert load_checkpoint(run.checkpoint)["steps"] == steps
    assert f"saved at step {steps}; run the same command to continue" in printed.getvalue()
    assert not run.best.exists()
