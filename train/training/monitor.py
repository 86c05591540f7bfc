"""Monitor of a training: it reports progress and scalars, and says when to save and to validate."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from torch import Tensor

from train.errors import OutputError
from train.runtime.checkpoint import save_checkpoint
from train.runtime.curves import Curves
from train.runtime.interrupt import Interruption
from train.runtime.progress import Standing, duration, live_display
from train.runtime.run_folder import Run
from train.runtime.throughput import format_flops
from train.training.best_checkpoint import BestCheckpoint
from train.training.options import Budget
from train.training.trainer import Trainer
from train.training.validation import Validation, ValidationResult
from train.training.verdict import verdict
from train.watching.board import Board

SAVE_SECONDS = 120.0  # between checkpoints
REPORT_SECONDS = 10.0  # between scalars for TensorBoard
LOG_SECONDS = 60.0  # between log lines, where the output is no terminal


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
        interruption: Interruption,
        board: Board,
        *,
        peak_flops: float,
        report_seconds: float = REPORT_SECONDS,
        log_seconds: float = LOG_SECONDS,
        save_seconds: float = SAVE_SECONDS,
    ) -> None:
        """Prepare to monitor a training.

        Args:
            trainer: the training.
            run: its folder.
            validation: validates the averaged generator.
            best: keeps the averaged generator that scores best.
            budget: its limits are the end of the progress bar.
            console: for reports; a terminal gets a display that is always up to date, anything else log lines.
            interruption: ends a validation at once.
            board: for the state of the training, its curves and its bars.
            peak_flops: FLOP/s that the device reaches at its best.
            report_seconds: time between scalars for TensorBoard.
            log_seconds: time between log lines.
            save_seconds: time between checkpoints.
        """
        self.trainer, self.run, self.validation, self.best = trainer, run, validation, best
        self.budget, self.console, self.interruption, self.board = budget, console, interruption, board
        self.peak_flops, self.report_seconds, self.save_seconds = peak_flops, report_seconds, save_seconds
        self.log_seconds = log_seconds
        self.curves = Curves(run.folder / "tensorboard", first_step=trainer.steps + 1)
        self.saved_at = self.reported_at = self.validated_at = time.monotonic()
        self.reported = (trainer.steps, trainer.waiting_seconds, trainer.throughput.flops)
        self.logged_at = -math.inf
        self.began = (trainer.steps, trainer.seconds)
        self.validated_step: int | None = None
        self.last: ValidationResult | None = None
        self.verdict = ""
        self.sample_began = 0.0
        self.sample_share: float | None = None  # of the validation that is being made
        self.sample_seconds = 0.0  # that the last one took
        self.display = live_display(console, self.standing) if console.is_terminal else None

    def __enter__(self) -> Monitor:
        self.board.first_step, self.board.best = self.trainer.steps + 1, self.best.score
        self.board.post(self.standing())
        if self.display:
            self.display.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        unsaved: OutputError | None = None
        try:
            if kind is None or interrupted:
                try:
                    save_checkpoint(self.run.checkpoint, self.trainer.state_dict())
                except OutputError as error:
                    unsaved = error
            if kind is None and self.validated_step != self.trainer.steps:
                self._validate()
        finally:
            if self.display:
                self.display.stop()
        if (interrupted or self.interruption()) and not unsaved:
            self.board.outcome = f"saved at step {self.trainer.steps}; run the same command to continue"
            self._say(self.board.outcome)
        with suppress(OSError):
            self.curves.write()
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
        self.board.post(self.standing())
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
        self._add_to_curves({**values, **speeds}, trainer.steps)
        figures = "  ".join(f"{name.split('/')[1]} {value:.3f}" for name, value in values.items())
        figures += (
            f"  {speed:.1f} samples/s, {format_flops(flops_per_second * trainer.team.size)}, "
            f"{flops_per_second / self.peak_flops:.2f} of the peak ({self.peak_flops / flops_per_second:.1f} × the "
            f"floor), {100 * waiting:.0f} % of the time waiting for data"
        )
        if not self.display and now - self.logged_at > self.log_seconds:
            self.logged_at = now
            left = duration(self._seconds_left(now))
            self._say(f"step {trainer.steps}  {trainer.seconds / 60:.1f} min  {left + '  ' if left else ''}{figures}")
        self.reported_at = now
        self.reported = (trainer.steps, trainer.waiting_seconds, trainer.throughput.flops)

    # Where the training stands.

    def standing(self) -> Standing:
        """Return the state of the training now."""
        now, training_left = time.monotonic(), self._training_seconds_left()
        due = 60 * self.budget.sample_minutes - (now - self.validated_at)
        return Standing(
            step=self.trainer.steps,
            share=self._share_done(),
            left=self._seconds_left(now),
            verdict=self.verdict,
            sample=self.validation.name,
            due=due if training_left is None else min(due, training_left),
            sample_share=self.sample_share,
            sample_left=self._sample_seconds_left(now),
        )

    def _share_done(self) -> float:
        return min(1.0, self.budget.share(self.trainer.steps, self.trainer.seconds))

    def _training_seconds_left(self) -> float | None:
        """Return the seconds of training left; None: no step of this session has been timed yet."""
        trainer, limit, limits = self.trainer, self.budget.minute_limit, []
        if limit:
            limits.append(60 * limit - trainer.seconds)
        first_step, first_seconds = self.began
        if self.budget.steps and trainer.steps > first_step:
            seconds_per_step = (trainer.seconds - first_seconds) / (trainer.steps - first_step)
            limits.append((self.budget.steps - trainer.steps) * seconds_per_step)
        return max(0.0, min(limits)) if limits else None

    def _seconds_left(self, now: float) -> float | None:
        """Return the seconds until the end, with those of all validations until then."""
        training = self._training_seconds_left()
        if training is None:
            return None
        sample, interval = self.sample_seconds, 60 * self.budget.sample_minutes
        if self.sample_share is None:
            return training + ((training + now - self.validated_at) // interval + 1) * sample
        return training + (self._sample_seconds_left(now) or sample) + (training // interval + bool(training)) * sample

    def _sample_seconds_left(self, now: float) -> float | None:
        """Return the seconds until the validation that is being made is ready; None: there is none, or it began now."""
        return (now - self.sample_began) * (1 / self.sample_share - 1) if self.sample_share else None

    # Lines, scalars and files.

    def _say(self, line: str) -> None:
        with suppress(OSError):  # a log on a full disk
            self.console.print(line)

    def _add_to_curves(self, values: dict[str, float], step: int) -> None:
        self.board.add(values, step)
        with suppress(OSError):  # on a full disk, they are kept
            self.curves.add(values, step)

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
            with self.interruption.at_once():
                result = self._sample(path)
        except KeyboardInterrupt:
            return  # the training ends after this step, in all processes
        except OSError as error:
            self._say(f"no sample at step {step}: {path} cannot be written ({error.strerror}); the training goes on")
            self.validated_at = time.monotonic()
            return
        figures = {"score": result.score, **result.figures}
        curves = {f"sample/{name}": value for name, value in figures.items()}
        self._add_to_curves(curves | {f"bars/{check.bar.label}": check.value for check in result.checks}, step)
        improved = True
        with self._telling_of_full_disks():
            improved = self.best.offer(self.trainer, result)
        self.verdict, self.last = verdict(result, self.last), result
        self.board.checks, self.board.best = result.rows, self.best.score
        self.validated_at, self.validated_step = time.monotonic(), step
        if self.display:
            best = "the best so far" if improved else "not the best"
            self._say(f"step {step}, {self.trainer.seconds / 60:.0f} min, {best}: {path}\n  {self.verdict}")
        else:
            best = "the best so far" if improved else f"the best was {best_score:.2f}"
            values = "  ".join(f"{name} {value:.2f}" for name, value in figures.items())
            self._say(f"{result.name} at step {step}: {self.verdict}; {values}, {best}; {path}")

    def _sample(self, path: Path) -> ValidationResult:
        """Validate, and show how far it is."""
        self.sample_began, self.sample_share = time.monotonic(), 0.0
        logged_at = self.sample_began

        def on_progress(share: float) -> None:
            nonlocal logged_at
            self.sample_share = share
            self.board.post(self.standing())
            if not self.display and time.monotonic() - logged_at > self.log_seconds:
                logged_at = time.monotonic()
                self._say(f"{self.validation.name} at step {self.trainer.steps}: {100 * share:.0f} %")

        try:
            return self.validation(path, on_progress)
        finally:
            self.sample_share = None
            self.sample_seconds = time.monotonic() - self.sample_began
