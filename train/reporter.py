"""What a training tells of itself while it goes on, and what it leaves behind."""

from __future__ import annotations

import time

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from train.checkpoint import save_checkpoint
from train.film import Film
from train.pictures import write_picture
from train.rollout import roll_out, rollout_sheet, vitality
from train.run import Run, rate_of
from train.step import first_context
from train.training_loop import Training
from train.video import write_video

SAVE_EVERY = 120.0  # seconds
REPORT_EVERY = 10.0  # seconds


class Reporter:
    """Progress, scalars, rollouts and checkpoints; always leaves a checkpoint behind."""

    def __init__(
        self,
        run: Run,
        training: Training,
        film: Film,
        *,
        minutes: float | None,
        steps: int | None,
        sample_minutes: float,
        console: Console,
    ) -> None:
        self.run, self.training, self.console = run, training, console
        self.minutes, self.steps, self.sample_every = minutes, steps, 60 * sample_minutes
        self.context = first_context(run.load_seed()[0], training.generator.config.context_frames)
        self.rate = rate_of(film, training.windows.stride)
        self.writer = SummaryWriter(str(run.folder / "tensorboard"), purge_step=training.steps + 1)
        self.saved = self.reported = self.sampled = time.monotonic()
        self.steps_reported, self.steps_sampled = training.steps, -1
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
        values = {name: float(value) for name, value in scalars.items()}
        for name, value in {**values, "speed/samples_per_second": speed}.items():
            self.writer.add_scalar(name, value, training.steps)
        figures = "  ".join(f"{name.split('/')[1]} {value:.3f}" for name, value in values.items())
        figures += f"  {speed:.1f} samples/s"
        shares = [training.steps / self.steps if self.steps else 0.0]
        shares.append(training.seconds / 60 / self.minutes if self.minutes else 0.0)
        self.progress.update(self.task, completed=max(shares), step=training.steps, figures=figures)
        if not self.console.is_terminal:
            self.console.print(f"step {training.steps}  {training.seconds / 60:.1f} min  {figures}")
        self.reported, self.steps_reported = now, training.steps

    def _save(self) -> None:
        save_checkpoint(self.run.checkpoint, self.training.state_dict())
        self.saved = time.monotonic()

    def _sample(self) -> None:
        """Twenty seconds after the end, as the averaged generator dreams them now."""
        steps = max(8, int(20 * float(self.rate)))
        context = self.context.to(self.training.device)
        frames = np.stack(list(roll_out(self.training.ema, context, steps, temperature=1.0, seed=0)))
        number = self.training.steps
        write_picture(self.run.samples / f"step-{number:06d}.png", rollout_sheet(frames, float(self.rate)))
        write_video(self.run.samples / f"step-{number:06d}.mkv", frames, self.rate)
        figures = vitality(frames[-len(frames) // 4 :], *self.run.load_seed())
        self.writer.add_scalar("rollout/sharpness_over_film", figures.sharpness, number)
        self.writer.add_scalar("rollout/motion_over_film", figures.motion, number)
        self.console.print(
            f"rollout at step {number}: in its last quarter sharpness {figures.sharpness:.2f} and motion "
            f"{figures.motion:.2f} times the film's; {self.run.samples / f'step-{number:06d}.png'}",
        )
        self.sampled, self.steps_sampled = time.monotonic(), number
