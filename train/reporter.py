"""What a training tells of itself while it goes on, and what it leaves behind."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from train.checkpoint import load_checkpoint, save_checkpoint
from train.film import Film
from train.measure import FilmReference, RolloutMeter
from train.pictures import write_picture
from train.rollout import roll_out, rollout_sheet, sheet_moments
from train.run import Run, rate_of
from train.score import held, score
from train.step import first_context
from train.story import Story
from train.training_loop import Training
from train.video import write_video

SAVE_EVERY = 120.0  # seconds
REPORT_EVERY = 10.0  # seconds
ROLLOUT_SECONDS = 90
SHOWN = ("alive", "sharpness", "motion", "likeness", "variety")  # of the figures


class Reporter:
    """Progress, scalars, rollouts and checkpoints; always leaves a checkpoint behind."""

    def __init__(
        self,
        run: Run,
        training: Training,
        film: Film,
        story: Story,
        *,
        minutes: float | None,
        steps: int | None,
        sample_minutes: float,
        patience: int,
        console: Console,
    ) -> None:
        self.run, self.training, self.console, self.patience = run, training, console, patience
        self.minutes, self.steps, self.sample_every = minutes, steps, 60 * sample_minutes
        self.context = first_context(run.load_seed()[0], training.generator.config.context_frames)
        self.rate = rate_of(film, training.windows.stride)
        self.reference = FilmReference(film.frames, story.shots, training.windows.stride, float(self.rate))
        if not training.steps:
            run.best.unlink(missing_ok=True)  # of a training that was here before
        self.best = load_checkpoint(run.best)["score"] if run.best.is_file() else None
        self.failures = 0  # rollouts since the best one
        self.writer = SummaryWriter(str(run.folder / "tensorboard"), purge_step=training.steps + 1)
        self.saved = self.reported = self.sampled = time.monotonic()
        self.steps_reported, self.steps_sampled, self.waited_reported = training.steps, -1, training.waited
        self.progress = Progress(
            TextColumn("step {task.fields[step]}"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %  {task.fields[figures]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.progress.add_task("train", total=1.0, step=training.steps, figures="")

    def __enter__(self) -> Reporter:
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

    def _report(self, scalars: dict[str, Tensor], now: float) -> None:
        training = self.training
        speed = (training.steps - self.steps_reported) * training.samples_per_step / (now - self.reported)
        waiting = (training.waited - self.waited_reported) / (now - self.reported)
        values = {name: float(value) for name, value in scalars.items()}
        speeds = {"speed/samples_per_second": speed, "speed/share_waiting_for_data": waiting}
        for name, value in {**values, **speeds}.items():
            self.writer.add_scalar(name, value, training.steps)
        figures = "  ".join(f"{name.split('/')[1]} {value:.3f}" for name, value in values.items())
        figures += f"  {speed:.1f} samples/s, {100 * waiting:.0f} % of the time waiting for data"
        shares = [training.steps / self.steps if self.steps else 0.0]
        shares.append(training.seconds / 60 / self.minutes if self.minutes else 0.0)
        self.progress.update(self.task, completed=max(shares), step=training.steps, figures=figures)
        if not self.console.is_terminal:
            self.console.print(f"step {training.steps}  {training.seconds / 60:.1f} min  {figures}")
        self.reported, self.steps_reported, self.waited_reported = now, training.steps, training.waited

    def _save(self) -> None:
        save_checkpoint(self.run.checkpoint, self.training.state_dict())
        self.saved = time.monotonic()

    def _sample(self) -> None:
        """Ninety seconds after the end, as the averaged generator dreams them now: kept if they are the best so far."""
        training, number = self.training, self.training.steps
        context = self.context.to(training.device)
        steps = max(2 * self.reference.window, int(ROLLOUT_SECONDS * self.rate))
        meter, kept = RolloutMeter(self.reference), {}
        moments = set(sheet_moments(steps))

        def watched() -> Iterator[np.ndarray]:
            for i, frame in enumerate(roll_out(training.ema, context, steps, temperature=1.0, seed=0)):
                meter.add(frame)
                if i in moments:
                    kept[i] = frame
                yield frame

        with torch.autocast(training.device.type, torch.bfloat16, enabled=training.bf16):
            write_video(self.run.samples / f"step-{number:06d}.mkv", watched(), self.rate)
        figures = meter.figures()
        reached = score([figures])
        write_picture(self.run.samples / f"step-{number:06d}.png", rollout_sheet(kept, steps, float(self.rate)))
        shown = {"score": reached, **{name: getattr(figures, name) for name in SHOWN}}
        for name, value in shown.items():
            self.writer.add_scalar(f"rollout/{name}", value, number)
        best = self.best is None or reached > self.best
        self.failures = 0 if best else self.failures + 1
        if best:
            self.best = reached
            save_checkpoint(self.run.best, {**training.averaged_state(), "score": reached, "report": held(figures)})
        self.console.print(
            f"rollout of {figures.seconds:.0f} s at step {number}: "
            + "  ".join(f"{name} {value:.2f}" for name, value in shown.items())
            + (", the best so far; " if best else f", the best was {self.best:.2f}; ")
            + str(self.run.samples / f"step-{number:06d}.png")
        )
        self.sampled, self.steps_sampled = time.monotonic(), number

    @property
    def stands_still(self) -> bool:
        """Whether the score has not risen for as many rollouts as the patience lasts."""
        return self.failures >= self.patience
