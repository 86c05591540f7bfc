"""The monitor's report of a training's speed, on the console and for TensorBoard."""

import errno
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
import torch
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]  # no stubs

from train.data.film_course import FilmCourse
from train.errors import OutputError
from train.models.generator import GeneratorConfig
from train.runtime.checkpoint import load_checkpoint
from train.runtime.interrupt import Interruption
from train.runtime.run_folder import Run
from train.training.best_checkpoint import BestCheckpoint
from train.training.film_trainer import FilmTrainer
from train.training.loop import train
from train.training.monitor import Monitor
from train.training.options import Budget
from train.training.recipes import GUIDED
from train.training.trainer import TrainingConfig
from train.training.validation import ValidationResult
from train.watching.board import Board

SMALL = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)


class Scores:
    """Validation with a given score, or an error."""

    name = "rollout"

    def __init__(self, score: float = 1.0, error: BaseException | None = None) -> None:
        self.score, self.error = score, error

    def __call__(self, path: Path, on_progress: Callable[[float], None]) -> ValidationResult:
        on_progress(0.5)
        if self.error:
            raise self.error
        return ValidationResult(name="a rollout", score=self.score, figures={"alive": 7.0})


def test_speed_is_reported_beside_the_peak_of_the_device(hats_course: FilmCourse, tmp_path: Path) -> None:
    one_stage = replace(GUIDED, film_share=1.0)
    trainer = FilmTrainer(TrainingConfig(batch=2), one_stage, SMALL, hats_course, torch.device("cpu"), bf16=False)
    printed = io.StringIO()
    run = Run(tmp_path)
    run.samples.mkdir()
    console = Console(file=printed, width=400)
    best, budget = BestCheckpoint(run, patience=12), Budget(steps=3)
    with Monitor(
        trainer,
        run,
        Scores(),
        best,
        budget,
        console,
        Interruption(),
        Board(),
        peak_flops=1e12,
        report_seconds=0.0,
        log_seconds=0.0,
    ) as monitor:

        def on_step(scalars: dict[str, torch.Tensor]) -> bool:
            monitor.after_step(scalars)
            return False

        train(trainer, budget, on_step=on_step)
    line = r"[\d.]+ samples/s, [\d.]+ GFLOP/s, 0\.\d\d of the peak \([\d.]+ × the floor\), \d+ % of the time"
    assert len(re.findall(line, printed.getvalue())) == 3

    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    speeds = {
        name.removeprefix("speed/"): [event.value for event in events.Scalars(name)]
        for name in events.Tags()["scalars"]
        if name.startswith("speed/")
    }
    flops_per_step = trainer.throughput.flops / 3
    for step in range(3):
        speed = {name: values[step] for name, values in speeds.items()}
        steps_per_second = speed["samples_per_second"] / trainer.samples_per_step
        assert speed["flops_per_second"] == pytest.approx(steps_per_second * flops_per_step, rel=1e-4)
        assert speed["share_of_peak"] == pytest.approx(speed["flops_per_second"] / 1e12, rel=1e-4)
        assert speed["time_over_floor"] == pytest.approx(1 / speed["share_of_peak"], rel=1e-4)


def test_it_leaves_a_checkpoint_behind_when_interrupted(hats_course: FilmCourse, tmp_path: Path) -> None:
    trainer = FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)
    run = Run(tmp_path)
    printed = io.StringIO()
    best, console = BestCheckpoint(run, patience=12), Console(file=printed, width=400)
    with (
        pytest.raises(KeyboardInterrupt),
        Monitor(trainer, run, Scores(), best, Budget(), console, Interruption(), Board(), peak_flops=1e12),
    ):
        raise KeyboardInterrupt
    assert run.checkpoint.is_file()
    assert not run.best.exists()
    assert "saved at step 0; run the same command to continue" in printed.getvalue()


class Disk:
    """A disk that is full when told so: `torch.save` on it writes half a file and fails as it does on a real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self._save = torch.save
        monkeypatch.setattr(torch, "save", self.save)

    def save(self, state: object, file: BinaryIO) -> None:
        if not self.full:
            self._save(state, file)
            return
        file.write(b"half a check")
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError:
            raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 768 vs 662")  # noqa: B904  # as torch does


def test_a_full_disk_is_one_line_and_the_training_tries_again(
    hats_course: FilmCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)
    run, printed, disk = Run(tmp_path), io.StringIO(), Disk(monkeypatch)
    console = Console(file=printed, width=400)
    with Monitor(
        trainer,
        run,
        Scores(),
        BestCheckpoint(run, patience=12),
        Budget(),
        console,
        Interruption(),
        Board(),
        peak_flops=1e12,
        save_seconds=0.0,
    ) as monitor:
        monitor.after_step({})
        trainer.steps, disk.full = 1, True
        monitor.after_step({})
        assert load_checkpoint(run.checkpoint)["steps"] == 0, "the one before is whole"
        assert not list(tmp_path.glob("*.partial"))
        trainer.steps, disk.full = 2, False
        monitor.after_step({})
        assert load_checkpoint(run.checkpoint)["steps"] == 2
    lines = [line for line in printed.getvalue().splitlines() if "cannot be written" in line]
    assert len(lines) == 1
    assert lines[0].startswith("at step 1, ")
    assert "(No space left on device); make room on the disk; the training goes on and tries again" in lines[0]


def test_a_disk_that_stays_full_is_an_error_at_the_end(
    hats_course: FilmCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)
    run, printed, disk = Run(tmp_path), io.StringIO(), Disk(monkeypatch)
    disk.full = True
    with (
        pytest.raises(OutputError, match="make room on the disk"),
        Monitor(
            trainer,
            run,
            Scores(),
            BestCheckpoint(run, patience=12),
            Budget(),
            Console(file=printed, width=400),
            Interruption(),
            Board(),
            peak_flops=1e12,
        ),
    ):
        raise KeyboardInterrupt
    assert "saved at step" not in printed.getvalue()
    assert not run.checkpoint.exists()


def test_a_best_checkpoint_that_could_not_be_written_is_tried_again(
    hats_course: FilmCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)
    run, printed, disk = Run(tmp_path), io.StringIO(), Disk(monkeypatch)
    console = Console(file=printed, width=400)
    with Monitor(
        trainer,
        run,
        Scores(),
        BestCheckpoint(run, patience=12),
        Budget(sample_minutes=1e-9),
        console,
        Interruption(),
        Board(),
        peak_flops=1e12,
    ) as monitor:
        disk.full = True
        monitor.after_step({})
        assert not run.best.exists()
        disk.full = False
        monitor.after_step({})
    assert load_checkpoint(run.best)["score"] == 1.0


def test_a_sample_that_cannot_be_written_does_not_end_the_training(hats_course: FilmCourse, tmp_path: Path) -> None:
    full = Scores(error=OSError(errno.ENOSPC, "No space left on device"))
    trainer = FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)
    printed = io.StringIO()
    with Monitor(
        trainer,
        Run(tmp_path),
        full,
        BestCheckpoint(Run(tmp_path), patience=12),
        Budget(),
        Console(file=printed, width=400),
        Interruption(),
        Board(),
        peak_flops=1e12,
    ):
        pass
    assert "no sample at step 0" in printed.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_a_verdict_is_printed_and_its_figures_are_logged(
    hats_course: FilmCourse, tmp_path: Path, terminal: bool
) -> None:
    trainer = FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)
    printed, run = io.StringIO(), Run(tmp_path)
    console = Console(file=printed, width=80, soft_wrap=True, force_terminal=terminal, color_system=None)
    best, budget, scores = BestCheckpoint(run, patience=12), Budget(sample_minutes=1e-9), Scores(0.5)
    with Monitor(trainer, run, scores, best, budget, console, Interruption(), Board(), peak_flops=1e12) as monitor:
        monitor.after_step({})
        scores.score, trainer.steps = 0.7, 1
        monitor.after_step({})
        standing = monitor.standing()
    assert (standing.step, standing.verdict, standing.sample_share) == (1, "score 0.70; rising", None)
    path = run.samples / "step-000001.png"
    if terminal:
        assert f"step 1, 0 min, the best so far: {path}\n  score 0.70; rising\n" in printed.getvalue()
    else:
        line = f"a rollout at step 1: score 0.70; rising; score 0.70  alive 7.00, the best so far; {path}\n"
        assert line in printed.getvalue()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [event.value for event in events.Scalars("sample/alive")] == [7, 7]


def test_the_time_left_has_the_rollouts_in_it(hats_course: FilmCourse, tmp_path: Path) -> None:
    trainer = FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)
    run, console = Run(tmp_path), Console(quiet=True)
    budget = Budget(steps=100, sample_minutes=1.0)
    with Monitor(
        trainer,
        run,
        Scores(),
        BestCheckpoint(run, patience=12),
        budget,
        console,
        Interruption(),
        Board(),
        peak_flops=1e12,
    ) as monitor:
        assert monitor.standing().left is None
        trainer.steps, trainer.seconds, monitor.sample_seconds = 10, 20.0, 15.0
        standing = monitor.standing()
        assert standing.left == pytest.approx(180 + 4 * 15)  # after minutes 1, 2 and 3, and at the end
        assert standing.share == 0.1
        assert standing.due == pytest.approx(60, abs=1)
        trainer.steps = 99
        assert monitor.standing().due < 1  # the last one comes at the end of the training
