"""What a training tells of its speed, on the screen and for TensorBoard."""

import io
import re
from pathlib import Path

import pytest
import torch
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from train.data.film_windows import FilmWindows
from train.models.generator import GeneratorConfig
from train.runtime.run_folder import Run
from train.training import monitor as reporter
from train.training.film_trainer import FilmTrainer, TrainingConfig
from train.training.loop import train
from train.training.monitor import Monitor
from train.training.recipes import DEFAULT, RECIPES
from train.training.validation import ValidationResult

SHAPE = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)


def test_speed_is_told_beside_what_the_device_could_do(
    hats_windows: FilmWindows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "REPORT_EVERY", 0.0)
    monkeypatch.setattr(reporter, "peak", lambda device, bf16: 1e12)
    training = FilmTrainer(
        TrainingConfig(batch=2), RECIPES[DEFAULT], SHAPE, hats_windows, torch.device("cpu"), bf16=False
    )
    printed = io.StringIO()
    run = Run(tmp_path)
    run.samples.mkdir()
    with Monitor(
        run,
        training,
        lambda path: ValidationResult(score=1.0, shown={}, report={}, told="a rollout"),
        minutes=None,
        steps=3,
        sample_minutes=5.0,
        patience=3,
        console=Console(file=printed, width=400),
    ) as told:
        train(training, steps=3, minutes=None, on_step=lambda scalars: bool(told.step(scalars)))
    line = r"[\d.]+ samples/s, [\d.]+ GFLOP/s, 0\.\d\d of the peak \([\d.]+ × the floor\), \d+ % of the time"
    assert len(re.findall(line, printed.getvalue())) == 3

    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    speeds = {
        name.removeprefix("speed/"): [event.value for event in events.Scalars(name)]
        for name in events.Tags()["scalars"]
        if name.startswith("speed/")
    }
    steps = training.work.flops / 3
    for step in range(3):
        speed = {name: values[step] for name, values in speeds.items()}
        a_second = speed["samples_per_second"] / training.samples_per_step
        assert speed["flops_per_second"] == pytest.approx(a_second * steps, rel=1e-4)
        assert speed["share_of_peak"] == pytest.approx(speed["flops_per_second"] / 1e12, rel=1e-4)
        assert speed["time_over_floor"] == pytest.approx(1 / speed["share_of_peak"], rel=1e-4)
