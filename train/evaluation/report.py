"""What an evaluation is asked, and what it found: figures, verdicts, a table and a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import cv2
import numpy as np
from rich.table import Table

from train.images.contact_sheet import contact_sheet
from train.metrics.rollout_metrics import Figures
from train.metrics.scoring import Bar, bars, score

FOLLOWED = {
    "correlation with the camera": "whole",
    "correlation of what moves": "moved",
    "the same by chance": "chance",
}
SHEET_COLUMNS = 8
SHEET_WIDTH = 192  # pixels of a picture


# ----------------------------------------------------------------------------
# Figures and verdicts.


@dataclass(frozen=True)
class Followed:
    """How closely a rollout followed a camera: correlations −1…1, see `train.metrics.camera_metrics`."""

    whole: float  # of light and dark
    moved: float  # of what changes alone
    chance: float  # the same against the clip shifted by half of its length


@dataclass(frozen=True)
class Rollout:
    """One continuation."""

    start: float  # second of the film that it goes on from
    seed: int | None  # of the noise; None where there is none
    figures: Figures
    pictures: tuple[np.ndarray, ...]  # some, at even distances from first to last
    seen: tuple[np.ndarray, ...] = ()  # what a camera saw when these were made, if there was one
    followed: Followed | None = None


@dataclass(frozen=True)
class Verdict:
    """One bar, held against all rollouts."""

    bar: Bar
    median: float
    worst: float

    @property
    def met(self) -> bool:
        """Whether every rollout meets it."""
        return self.bar.met(self.worst)

    @property
    def text(self) -> str:
        """Median (worst), and what that means."""
        return f"{self.median:.2f} ({self.worst:.2f}) {'met' if self.met else 'NOT MET'}"


@dataclass(frozen=True)
class Report:
    """All rollouts of one model, or of one of the two null models."""

    name: str
    rollouts: tuple[Rollout, ...]
    kernel_distance: float | None  # of all their pictures to the film's; None where its network is not installed
    parting: float | None = None  # seconds until two seeds have parted, at the slowest start; None if there is one seed

    @property
    def followed(self) -> Followed | None:
        """The mean of all rollouts; None if there was no camera."""
        each = [astuple(rollout.followed) for rollout in self.rollouts if rollout.followed]
        return Followed(*np.mean(each, axis=0).tolist()) if each else None

    @property
    def verdicts(self) -> list[Verdict]:
        """Bar by bar, in the order of the table."""
        found = []
        for bar in bars(self.rollouts[0].figures):
            values = [getattr(rollout.figures, bar.figure) for rollout in self.rollouts]
            worst = min(values, key=lambda value: (bar.met(value), bar.nearness(value)))
            if bar.met(worst):  # all do: then the worst is the one with the least to spare
                worst = min(values, key=lambda value: min(value - bar.low, bar.high - value))
            found.append(Verdict(bar, float(np.median(values)), worst))
        return found

    @property
    def met(self) -> int:
        """How many bars are met by all rollouts."""
        return sum(verdict.met for verdict in self.verdicts)

    @property
    def score(self) -> float:
        """0…1, see `train.metrics.scoring`."""
        return score([rollout.figures for rollout in self.rollouts])

    def to_json(self) -> dict[str, Any]:
        """Everything in it but the pictures."""
        return {
            "name": self.name,
            "met": self.met,
            "score": round(self.score, 4),
            "kernel_distance": self.kernel_distance,
            "parting": self.parting if self.parting is None or np.isfinite(self.parting) else "never",
            "followed": self.followed and _rounded(self.followed),
            "bars": [
                {
                    "figure": verdict.bar.figure,
                    "label": verdict.bar.label,
                    "bar": verdict.bar.text,
                    "median": round(verdict.median, 5),
                    "worst": round(verdict.worst, 5),
                    "met": verdict.met,
                }
                for verdict in self.verdicts
            ],
            "rollouts": [
                {
                    "start": round(rollout.start, 3),
                    "seed": rollout.seed,
                    "followed": rollout.followed and _rounded(rollout.followed),
                    "figures": rollout.figures.to_json(),
                }
                for rollout in self.rollouts
            ],
        }


def _rounded(followed: Followed) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(followed).items()}


# ----------------------------------------------------------------------------
# To look at.


def sheet(models: Sequence[Report]) -> np.ndarray:
    """Contact sheet, uint8 RGB: each row a rollout with the first seed, from its start on; in a corner the camera."""
    height, width = models[0].rollouts[0].pictures[0].shape[:2]
    shown = (SHEET_WIDTH, round(SHEET_WIDTH * height / width))
    pictures, captions = [], []
    for report in models:
        for rollout in report.rollouts:
            if rollout.seed:
                continue
            moments = np.linspace(0, rollout.figures.seconds, len(rollout.pictures))
            larger = [cv2.resize(picture, shown, interpolation=cv2.INTER_CUBIC) for picture in rollout.pictures]
            for picture, seen in zip(larger, rollout.seen, strict=False):
                inset = cv2.resize(seen, (shown[0] // 3, shown[1] // 3), interpolation=cv2.INTER_AREA)
                picture[-inset.shape[0] :, -inset.shape[1] :] = inset
            pictures += larger
            captions += [f"{report.name}, from {rollout.start:.1f} s", *(f"{s:.0f} s after" for s in moments[1:])]
    return contact_sheet(pictures, captions, SHEET_COLUMNS)


def table(models: Sequence[Report], nulls: Sequence[Report]) -> Table:
    """All verdicts, a column for each model and null."""
    everyone = [*models, *nulls]
    drawn = Table(title=f"median (worst) of {len(models[0].rollouts)} rollouts", title_justify="left")
    drawn.add_column("figure")
    drawn.add_column("bar")
    for report in everyone:
        drawn.add_column(report.name, style=None if report in models else "dim")
    for row in rows(everyone):
        drawn.add_row(*row)
    return drawn


def rows(reports: Sequence[Report]) -> list[list[str]]:
    """The table's cells: what is measured, its bar, and what each report has to say."""
    found = []
    for verdicts in zip(*(report.verdicts for report in reports), strict=True):
        # Where bundles see their film in different ways, so may their bars differ.
        limits = " / ".join(dict.fromkeys(verdict.bar.text for verdict in verdicts))
        found.append([verdicts[0].bar.label, limits, *(verdict.text for verdict in verdicts)])
    if all(report.kernel_distance is not None for report in reports):
        found.append(
            ["kernel distance (KID) to the film", "", *(f"{report.kernel_distance:.3f}" for report in reports)]
        )
    if any(report.parting is not None for report in reports):
        partings = ["" if report.parting is None else f"{report.parting:.1f}" for report in reports]
        found.append(["seconds until two seeds part", "", *(text.replace("inf", "never") for text in partings)])
    if any(report.followed for report in reports):
        for label, name in FOLLOWED.items():
            told = [f"{getattr(each.followed, name):.2f}" if each.followed else "" for each in reports]
            found.append([label, "", *told])
    found.append(["bars met", "all", *(f"{report.met} of {len(report.verdicts)}" for report in reports)])
    found.append(["score, 0–1", "", *(f"{report.score:.2f}" for report in reports)])
    return found
