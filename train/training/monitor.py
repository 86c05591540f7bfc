"""What a training tells of itself while it goes on, and what it leaves behind."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.runtime.run_folder import Run
from train.runtime.throughput import format_flops, peak
from train.training.trainer import Trainer
from train.training.validation import Validation

SAVE_EVERY = 120.0  # seconds
REPORT_EVERY = 10.0  # seconds


class Monitor:
    """Progress, scalars, trials and checkpoints; always leaves a checkpoint behind."""

    def __init__(
        self,
        run: Run,
        training: Trainer,
        trial: Validation,
        *,
        minutes: float | None,
        steps: int | None,
        sample_minutes: float,
        patience: int,
        console: Console,
    ) -> None:
        self.run, self.training, self.trial = run, training, trial
        self.console, self.patience = console, patience
        self.minutes, self.steps, self.sample_every = minutes, steps, 60 * sample_minutes
        if not training.steps:
            run.best.unlink(missing_ok=True)  # of a training that was here before
        self.best = load_checkpoint(run.best)["score"] if run.best.is_file() else None
        self.failures = 0  # trials since the best one
        self.writer = SummaryWriter(str(run.folder / "tensorboard"), purge_step=training.steps + 1)
        self.steps_reported, self.steps_sampled, self.waited_reported = training.steps, -1, training.waited
        self.flops_reported, self.peak = training.work.flops, peak(training.device, bf16=training.bf16)
        self.progress = Progress(
            TextColumn("step {task.fields[step]}"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %  {task.fields[figures]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.progress.add_task("train", total=1.0, step=training.steps, figures="")
        self.saved = self.reported = self.sampled = time.monotonic()

    def __enter__(self) -> Monitor:
        self.progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.progress.stop()
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self._save()
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.console.print(f"saved at step {self.training.steps}; the same command goes on from here")
        if kind is None and self.steps_sampled != self.training.steps:
            self._sample()
        self.writer.close()

    def step(self, scalars: dict[str, Tensor]) -> None:
        """To be called after every training step."""
        now = time.monotonic()
        if now - self.reported > REPORT_EVERY:
            self._report(scalars, now)
        if now - self.saved > SAVE_EVERY:
            self._save()
        if now - self.sampled > self.sample_every:
            self._sample()
        self.reported += time.monotonic() - now  # what was done here is not the training's time

    def _report(self, scalars: dict[str, Tensor], now: float) -> None:
        training = self.training
        seconds = now - self.reported
        speed = (training.steps - self.steps_reported) * training.samples_per_step / seconds
        waiting = (training.waited - self.waited_reported) / seconds
        flops = (training.work.flops - self.flops_reported) / seconds  # of each process a second, on its device
        values = {name: float(value) for name, value in scalars.items()}
        speeds = {
            "speed/samples_per_second": speed,
            "speed/share_waiting_for_data": waiting,
            "speed/flops_per_second": flops * training.team.size,
            "speed/share_of_peak": flops / self.peak,
            "speed/time_over_floor": self.peak / flops,
        }
        for name, value in {**values, **speeds}.items():
            self.writer.add_scalar(name, value, training.steps)
        figures = "  ".join(f"{name.split('/')[1]} {value:.3f}" for name, value in values.items())
        figures += (
            f"  {speed:.1f} samples/s, {format_flops(flops * training.team.size)}, {flops / self.peak:.2f} of the peak "
        )
        figures += f"({self.peak / flops:.1f} × the floor), {100 * waiting:.0f} % of the time waiting for data"
        shares = [training.steps / self.steps if self.steps else 0.0]
        shares.append(training.seconds / 60 / self.minutes if self.minutes else 0.0)
        self.progress.update(self.task, completed=max(shares), step=training.steps, figures=figures)
        if not self.console.is_terminal:
            self.console.print(f"step {training.steps}  {training.seconds / 60:.1f} min  {figures}")
        self.reported, self.steps_reported, self.waited_reported = now, training.steps, training.waited
        self.flops_reported = training.work.flops

    def _save(self) -> None:
        save_checkpoint(self.run.checkpoint, self.training.state_dict())
        self.saved = time.monotonic()

    def _sample(self) -> None:
        """Put the averaged generator to the trial: it is kept if it is the best so far."""
        training, number = self.training, self.training.steps
        path = self.run.samples / f"step-{number:06d}.png"
        outcome = self.trial(path)
        shown = {"score": outcome.score, **outcome.shown}
        for name, value in shown.items():
            self.writer.add_scalar(f"sample/{name}", value, number)
        best = self.best is None or outcome.score > self.best
        self.failures = 0 if best else self.failures + 1
        if best:
            self.best = outcome.score
            save_checkpoint(
                self.run.best, {**training.averaged_state(), "score": outcome.score, "report": outcome.report}
            )
        self.console.print(
            f"{outcome.told} at step {number}: "
            + "  ".join(f"{name} {value:.2f}" for name, value in shown.items())
            + (", the best so far; " if best else f", the best was {self.best:.2f}; ")
            + str(path)
        )
        self.sampled, self.steps_sampled = time.monotonic(), number

    @property
    def stands_still(self) -> bool:
        """Whether the score has not risen for as many trials as the patience lasts."""
        return self.failures >= self.patience
