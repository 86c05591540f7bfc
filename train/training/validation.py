"""What an averaged generator is put to now and then while it trains: what came of it decides which one is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from train.data.film import Film
from train.data.shots import Story
from train.evaluation.rollout import roll_out, rollout_sheet, sheet_steps
from train.images.contact_sheet import write_picture
from train.images.video import write_video
from train.metrics.film_statistics import FilmStatistics
from train.metrics.rollout_metrics import RolloutMeter
from train.metrics.scoring import check_bars, score
from train.models.show_step import first_context
from train.training.film_trainer import FilmTrainer

ROLLOUT_SECONDS = 90
SHOWN = ("alive", "sharpness", "motion", "likeness", "variety")  # of the figures


@dataclass(frozen=True)
class ValidationResult:
    """What came of a trial."""

    told: str  # what it was
    score: float  # the higher the better
    shown: dict[str, float]  # figures beside the score
    report: list[dict[str, Any]]  # for the model card: figure, label, bar, value, met


class Validation(Protocol):
    """Leaves PATH.png and maybe more."""

    def __call__(self, path: Path) -> ValidationResult:
        """Put the averaged generator to it as it is now."""


class RolloutValidation:
    """Ninety seconds after the end, as the averaged generator dreams them now."""

    def __init__(self, training: FilmTrainer, film: Film, story: Story, seed: np.ndarray) -> None:
        """`seed`: the film's last frames, uint8 RGB [n, H, W, 3]."""
        self.training = training
        self.context = first_context(seed, training.generator.config.context_frames)
        self.rate = film.step_rate(training.windows.stride)
        self.reference = FilmStatistics(film.frames, story.shots, training.windows.stride, float(self.rate))

    def __call__(self, path: Path) -> ValidationResult:
        """Roll out; leaves PATH.png and PATH.mkv."""
        training = self.training
        context = self.context.to(training.device)
        steps = max(2 * self.reference.window, int(ROLLOUT_SECONDS * self.rate))
        meter, kept = RolloutMeter(self.reference), {}
        moments = set(sheet_steps(steps))

        def watched() -> Iterator[np.ndarray]:
            for i, frame in enumerate(roll_out(training.ema, context, steps, temperature=1.0, seed=0)):
                meter.add(frame)
                if i in moments:
                    kept[i] = frame
                yield frame

        with torch.autocast(training.device.type, torch.bfloat16, enabled=training.bf16):
            write_video(path.with_suffix(".mkv"), watched(), self.rate)
        figures = meter.figures()
        write_picture(path.with_suffix(".png"), rollout_sheet(kept, steps, float(self.rate)))
        shown = {name: getattr(figures, name) for name in SHOWN}
        return ValidationResult(f"rollout of {figures.seconds:.0f} s", score([figures]), shown, check_bars(figures))
