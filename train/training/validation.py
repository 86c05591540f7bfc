"""Validation of the averaged generator while it trains, which decides the checkpoint that is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from train.evaluation.rollout import next_frame, roll_out, rollout_sheet, sheet_steps
from train.images.contact_sheet import write_picture
from train.images.video import write_video
from train.metrics.fidelity import FidelityFigures, FidelityMeter, FilmFidelity
from train.metrics.film_statistics import FilmStatistics
from train.metrics.rollout_metrics import Figures, RolloutMeter
from train.metrics.scoring import Check, check_bars, score
from train.models.show_step import first_context
from train.training.film_trainer import FilmTrainer
from train.training.paper_trainer import PaperTrainer

ROLLOUT_SECONDS = 90.0
LOGGED_FIGURES = ("alive", "sharpness", "motion", "likeness", "variety")


@dataclass(frozen=True)
class ValidationResult:
    """Result of a validation."""

    name: str  # of the validation, as it is printed
    score: float  # higher is better
    figures: dict[str, float]  # to be logged beside the score
    checks: tuple[Check, ...] = ()  # its bars, if it has any

    @property
    def report(self) -> list[dict[str, Any]]:
        """The checks for the model card: figure, label, bar, value, met."""
        return [check.to_json() for check in self.checks]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The checks for the page of the training: as `report`, with low and high, which are infinite for no limit."""
        return [check.to_json() | {"low": check.bar.low, "high": check.bar.high} for check in self.checks]


class Validation(Protocol):
    """Validates the averaged generator of a training.

    Attributes:
        name: what is made for it, as it is printed: rollout.
    """

    name: str

    def __call__(self, path: Path, on_progress: Callable[[float], None]) -> ValidationResult:
        """Validate the averaged generator as it is now.

        An interruption may raise KeyboardInterrupt anywhere inside; it leaves no half file.

        Args:
            path: picture to write; more may be written beside it.
            on_progress: takes the share done, 0…1.
        """


class RolloutValidation:
    """Rolls out the averaged generator from the last film frame, and measures ninety seconds of it and single steps."""

    name = "rollout"

    def __init__(
        self,
        trainer: FilmTrainer | PaperTrainer,
        statistics: FilmStatistics,
        fidelity: Callable[[], FilmFidelity],
        rate: Fraction,
        tail: np.ndarray,
        *,
        seconds: float = ROLLOUT_SECONDS,
    ) -> None:
        """Prepare rollouts.

        Args:
            trainer: the training.
            statistics: those of the film.
            fidelity: returns the film as yardstick; called in each validation, and may take a minute the first time.
            rate: steps per second.
            tail: the film's last frames, uint8 RGB [n, H, W, 3].
            seconds: length of a rollout, at least two.
        """
        self.trainer, self.statistics, self.fidelity, self.rate = trainer, statistics, fidelity, rate
        self.context = first_context(tail, trainer.windows.context_frames)
        self.steps = max(2 * statistics.window, int(seconds * rate))

    def __call__(self, path: Path, on_progress: Callable[[float], None]) -> ValidationResult:
        """Roll out, and write the picture `path` and a video beside it."""
        trainer, steps = self.trainer, self.steps
        context, film = self.context.to(trainer.device), self.fidelity()
        meter, fidelity_meter = RolloutMeter(self.statistics), FidelityMeter(film)
        kept: dict[int, np.ndarray] = {}
        wanted = set(sheet_steps(steps))
        measurements: list[tuple[Figures, FidelityFigures]] = []

        def measured() -> Iterator[np.ndarray]:
            for i, frame in enumerate(roll_out(trainer.ema, context, steps, temperature=1.0, seed=0)):
                meter.add(frame)
                fidelity_meter.add(frame)
                if i in wanted:
                    kept[i] = frame
                on_progress((i + 1) / steps)
                yield frame
            # Wholeness takes seconds: an interruption in it must find the video unfinished, and removes it.
            measurements.append((meter.figures(), fidelity_meter.figures()))

        with trainer.autocast():
            one_step = film.measure_steps(self._predict)
            write_video(path.with_suffix(".mkv"), measured(), self.rate)
        ((figures, fidelity_figures),) = measurements
        checks = check_bars(figures, fidelity_figures, one_step)
        write_picture(path.with_suffix(".png"), rollout_sheet(kept, steps, float(self.rate)))
        logged = {name: getattr(figures, name) for name in LOGGED_FIGURES}
        name = f"rollout of {figures.seconds:.0f} s"
        return ValidationResult(name, score([checks]), logged, tuple(checks))

    def _predict(self, target: int) -> np.ndarray:
        """Return the averaged generator's prediction of a film frame, uint8 RGB [H, W, 3]."""
        trainer, windows = self.trainer, self.trainer.windows
        context = first_context(windows.context_pictures(target - windows.stride), windows.context_frames)
        return next_frame(trainer.ema, context.to(trainer.device))
