"""The monitor's report of a training's speed, on the console and for TensorBoard."""

import io
import re
from pathlib import Path

import pytest
import torch
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]  # no stubs

from train.data.film_course import FilmCourse
from train.models.generator import GeneratorConfig
from train.runtime.run_folder import Run
from train.training.best_checkpoint import BestCheckpoint
from train.training.film_trainer import FilmTrainer
from train.training.loop import train
from train.training.monitor import Monitor
from train.training.options import Budget
from train.training.recipes import GUIDED
from train.training.trainer import TrainingConfig
from train.training.validation import ValidationResult

SMALL = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)


def validate(path: Path) -> ValidationResult:
    return ValidationResult(name="a rollout", score=1.0, figures={}, report=[])


def test_speed_is_reported_beside_the_peak_of_the_device(hats_course: FilmCourse, tmp_path: Path) -> None:
    trainer = FilmTrainer(TrainingConfig(batch=2), GUIDED, SMALL, hats_course, torch.device("cpu"), bf16=False)
    printed = io.StringIO()
    run = Run(tmp_path)
    run.samples.mkdir()
    console = Console(file=printed, width=400)
    best, budget = BestCheckpoint(run, patience=12), Budget(steps=3)
    with Monitor(trainer, run, validate, best, budget, console, peak_flops=1e12, report_seconds=0.0) as monitor:

        def on_step(scalars: dict[str, torch.Tensor]) -> bool:
            monitor.after_step(scalars)
            return False

        train(trainer, steps=3, minutes=None, on_step=on_step)
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
        Monitor(trainer, run, validate, best, Budget(), console, peak_flops=1e12),
    ):
        raise KeyboardInterrupt
    assert run.checkpoint.is_file()
    assert not run.best.exists()
    assert "saved at step 0; run the same command to continue" in printed.getvalue()
