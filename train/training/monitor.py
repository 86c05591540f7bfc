"""Monitor of a training: it reports progress and scalars, and says when to save and to validate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from train.errors import OutputError
from train.runtime.checkpoint import save_checkpoint
from train.runtime.run_folder import Run
from train.runtime.throughput import format_flops
from train.training.best_checkpoint import BestCheckpoint
from train.training.options import Budget
from train.training.trainer import Trainer
from train.training.validation import Validation

SAVE_SECONDS = 120.0  # between checkpoints
REPORT_SECONDS = 10.0  # between reports


class Monitor:
    """Context in which a training runs: it reports, validates and saves, and always leaves a checkpoint behind."""

    def __init__(
        self,
        trainer: Trainer,
        run: Run,
        validation: Validation,
        best: BestCheckpoint,
        budget: Budget,
        console: Console,
        *,
        peak_flops: float,
        report_seconds: float = REPORT_SECONDS,
        save_seconds: float = SAVE_SECONDS,
    ) -> None:
        """Prepare to monitor a training.

        Args:
            trainer: the training.
            run: its folder.
            validation: validates the averaged generator.
            best: keeps the averaged generator that scores best.
            budget: its limits are the end of the progress bar.
            console: for reports.
            peak_flops: FLOP/s that the device reaches at its best.
            report_seconds: time between reports.
            save_seconds: time between checkpoints.
        """
        self.trainer, self.run, self.validation, self.best = trainer, run, validation, best
        self.budget, self.console = budget, console
        self.peak_flops, self.report_seconds, self.save_seconds = peak_flops, report_seconds, save_seconds
        self.writer = SummaryWriter(str(run.folder / "tensorboard"), purge_step=trainer.steps + 1)
        self.progress = Progress(
            TextColumn("step {task.fields[step]}"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %  {task.fields[figures]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.progress.add_task("train", total=1.0, step=trainer.steps, figures="")
        self.saved_at = self.reported_at = self.validated_at = time.monotonic()
        self.reported = (trainer.steps, trainer.waiting_seconds, trainer.throughput.flops)
        self.validated_step: int | None = None

    def __enter__(self) -> Monitor:
        self.progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.progress.stop()
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        unsaved: OutputError | None = None
        if kind is None or interrupted:
            try:
                save_checkpoint(self.run.checkpoint, self.trainer.state_dict())
            except OutputError as error:
                unsaved = error
        if interrupted and not unsaved:
            self._say(f"saved at step {self.trainer.steps}; run the same command to continue")
        if kind is None and self.validated_step != self.trainer.steps:
            self._validate()
        with suppress(OSError):
            self.writer.close()
        if unsaved:
            raise unsaved

    def after_step(self, scalars: dict[str, Tensor]) -> None:
        """Report, save and validate when it is time to; call it after every training step."""
        now = time.monotonic()
        if now - self.reported_at > self.report_seconds:
            self._report(scalars, now)
        if now - self.saved_at > self.save_seconds:
            self._save()
        if now - self.validated_at > 60 * self.budget.sample_minutes:
            self._validate()
        self.reported_at += time.monotonic() - now  # time spent here is not the training's

    def _report(self, scalars: dict[str, Tensor], now: float) -> None:
        trainer, seconds = self.trainer, now - self.reported_at
        steps, waiting_seconds, flops = self.reported
        speed = (trainer.steps - steps) * trainer.samples_per_step / seconds
        waiting = (trainer.waiting_seconds - waiting_seconds) / seconds
        flops_per_second = (trainer.throughput.flops - flops) / seconds  # of each process
        values = {name: float(value) for name, value in scalars.items()}
        speeds = {
            "speed/samples_per_second": speed,
            "speed/share_waiting_for_data": waiting,
            "speed/flops_per_second": flops_per_second * trainer.team.size,
            "speed/share_of_peak": flops_per_second / self.peak_flops,
            "speed/time_over_floor": self.peak_flops / flops_per_second,
        }
        for name, value in {**values, **speeds}.items():
            self._add_scalar(name, value, trainer.steps)
        figures = "  ".join(f"{name.split('/')[1]} {value:.3f}" for name, value in values.items())
        figures += (
            f"  {speed:.1f} samples/s, {format_flops(flops_per_second * trainer.team.size)}, "
            f"{flops_per_second / self.peak_flops:.2f} of the peak ({self.peak_flops / flops_per_second:.1f} × the "
            f"floor), {100 * waiting:.0f} % of the time waiting for data"
        )
        self.progress.update(self.task, completed=self._share_done(), step=trainer.steps, figures=figures)
        if not self.console.is_terminal:
            self._say(f"step {trainer.steps}  {trainer.seconds / 60:.1f} min  {figures}")
        self.reported_at = now
        self.reported = (trainer.steps, trainer.waiting_seconds, trainer.throughput.flops)

    def _share_done(self) -> float:
        trainer, limit = self.trainer, self.budget.minute_limit
        by_steps = trainer.steps / self.budget.steps if self.budget.steps else 0.0
        return max(by_steps, trainer.seconds / 60 / limit if limit else 0.0)

    def _say(self, line: str) -> None:
        with suppress(OSError):  # a log on a full disk
            self.console.print(line)

    def _add_scalar(self, name: str, value: float, step: int) -> None:
        with suppress(OSError):  # TensorBoard's file on a full disk
            self.writer.add_scalar(name, value, step)

    def _save(self) -> None:
        with self._telling_of_full_disks():
            save_checkpoint(self.run.checkpoint, self.trainer.state_dict())
        self.saved_at = time.monotonic()

    @contextmanager
    def _telling_of_full_disks(self) -> Iterator[None]:
        """Say why a checkpoint cannot be written, and let the training go on."""
        try:
            yield
        except OutputError as error:
            self._say(f"at step {self.trainer.steps}, {error}; the training goes on and tries again")

    def _validate(self) -> None:
        """Validate the averaged generator, offer it as the best checkpoint, and report."""
        step, best_score = self.trainer.steps, self.best.score
        path = self.run.samples / f"step-{step:06d}.png"
        try:
            result = self.validation(path)
        except OSError as error:
            self._say(f"no sample at step {step}: {path} cannot be written ({error.strerror}); the training goes on")
            self.validated_at = time.monotonic()
            return
        figures = {"score": result.score, **result.figures}
        for name, value in figures.items():
            self._add_scalar(f"sample/{name}", value, step)
        improved = True
        with self._telling_of_full_disks():
            improved = self.best.offer(self.trainer, result)
        self._say(
            f"{result.name} at step {step}: "
            + "  ".join(f"{name} {value:.2f}" for name, value in figures.items())
            + (", the best so far; " if improved else f", the best was {best_score:.2f}; ")
            + str(path)
        )
        self.validated_at, self.validated_step = time.monotonic(), step
