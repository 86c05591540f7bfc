"""The result of an evaluation: figures, verdicts, a table and a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import cv2
import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from train.images.contact_sheet import contact_sheet
from train.metrics.camera_metrics import CameraFigures
from train.metrics.coherence import Coherence
from train.metrics.fidelity import FidelityFigures
from train.metrics.one_step import OneStep
from train.metrics.rollout_metrics import Figures
from train.metrics.scoring import Bar, Check, check_bars, check_unlimited, score

CAMERA_ROWS = {
    "motion against that of the camera": "moves",
    "the same by chance": "by_chance",
    "moves most where the camera does": "placed",
}
LABEL_WIDTH, BAR_WIDTH, GAP = 22, 11, 2  # characters: of a table's first two columns at least, and between columns
SHEET_COLUMNS = 8
SHEET_WIDTH = 192  # pixels of a picture


# ----------------------------------------------------------------------------
# Figures and verdicts.


@dataclass(frozen=True)
class Rollout:
    """One continuation."""

    start: float  # second of the film that it continues
    seed: int | None  # of the noise; None for a null model
    figures: Figures
    fidelity: FidelityFigures
    pictures: tuple[np.ndarray, ...]  # some, at even distances from first to last
    camera: tuple[np.ndarray, ...] = ()  # the camera's pictures at the same steps, if there was a camera
    followed: CameraFigures | None = None


@dataclass(frozen=True)
class Verdict:
    """One bar, compared with all rollouts."""

    bar: Bar
    median: float
    worst: float
    met: bool  # by every rollout

    @property
    def text(self) -> str:
        """Median (worst), and whether the bar is met, if there is one."""
        values = f"{self.median:.2f} ({self.worst:.2f})"
        return f"{values} {'met' if self.met else 'NOT MET'}" if self.bar.limited else values

    def to_json(self) -> dict[str, Any]:
        """Return it in plain values."""
        return {
            "figure": self.bar.figure,
            "label": self.bar.label,
            "bar": self.bar.text,
            "median": round(self.median, 5),
            "worst": round(self.worst, 5),
            "met": self.met,
        }


def judge(checks: Sequence[Check]) -> Verdict:
    """Sum up the checks of one bar in all rollouts; without limits, the greatest value counts as the worst."""
    bar, values, met = checks[0].bar, [check.value for check in checks], all(check.met for check in checks)
    worst = min(checks, key=lambda check: check.nearness).value
    if not bar.limited:
        worst = max(values)
    elif met:  # the worst is the one nearest to a limit
        worst = min(values, key=lambda value: min(value - bar.low, bar.high - value))
    return Verdict(bar, float(np.median(values)), worst, met)


@dataclass(frozen=True)
class Report:
    """All rollouts of a model or of a null model."""

    name: str
    rollouts: tuple[Rollout, ...]
    kernel_distance: float | None  # of all their pictures to the film's; None where its network is not installed
    seconds_until_apart: float | None = None  # of two seeds, at the slowest start; None if there is only one seed
    one_step: OneStep | None = None  # None for a null model
    coherence: Coherence | None = None  # likewise, and where wholeness is not measured

    @property
    def followed(self) -> CameraFigures | None:
        """Mean of all rollouts; None if there was no camera."""
        each = [astuple(rollout.followed) for rollout in self.rollouts if rollout.followed]
        return CameraFigures(*np.mean(each, axis=0).tolist()) if each else None

    @property
    def checks(self) -> list[list[Check]]:
        """Checks of each rollout with the bars; those of single steps are the same for all."""
        return [check_bars(each.figures, each.fidelity, self.one_step) for each in self.rollouts]

    @property
    def verdicts(self) -> list[Verdict]:
        """Verdicts on the bars, in the order of the table; what was not measured is left out."""
        return [judge(checks) for checks in zip(*self.checks, strict=True)]

    @property
    def further_verdicts(self) -> list[Verdict]:
        """Figures without a bar, likewise."""
        each = [check_unlimited(each.figures, each.fidelity, self.one_step, self.coherence) for each in self.rollouts]
        return [judge(checks) for checks in zip(*each, strict=True)]

    @property
    def met(self) -> int:
        """Number of bars that all rollouts meet."""
        return sum(verdict.met for verdict in self.verdicts)

    @property
    def score(self) -> float:
        """Score 0…1, see `train.metrics.scoring`."""
        return score(self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the pictures."""
        apart = self.seconds_until_apart
        return {
            "name": self.name,
            "met": self.met,
            "score": round(self.score, 4),
            "kernel_distance": self.kernel_distance,
            "parting": "never" if apart is not None and np.isinf(apart) else apart,
            "followed": self.followed and _rounded(self.followed),
            "bars": [verdict.to_json() for verdict in self.verdicts],
            "further_bars": [verdict.to_json() for verdict in self.further_verdicts],
            "one_step": self.one_step and self.one_step.to_json(),
            "coherence": self.coherence and self.coherence.to_json(),
            "rollouts": [
                {
                    "start": round(rollout.start, 3),
                    "seed": rollout.seed,
                    "followed": rollout.followed and _rounded(rollout.followed),
                    "figures": rollout.figures.to_json(),
                    "fidelity": rollout.fidelity.to_json(),
                }
                for rollout in self.rollouts
            ],
        }


def _rounded(followed: CameraFigures) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(followed).items()}


# ----------------------------------------------------------------------------
# Contact sheet and table.


def sheet(models: Sequence[Report]) -> np.ndarray:
    """Return the contact sheet, uint8 RGB: a row for each rollout of the first seed, with the camera in a corner."""
    height, width = models[0].rollouts[0].pictures[0].shape[:2]
    shown = (SHEET_WIDTH, round(SHEET_WIDTH * height / width))
    pictures, captions = [], []
    for report in models:
        for rollout in report.rollouts:
            if rollout.seed:
                continue
            seconds = np.linspace(0, rollout.figures.seconds, len(rollout.pictures))
            larger = [cv2.resize(picture, shown, interpolation=cv2.INTER_CUBIC) for picture in rollout.pictures]
            for picture, camera in zip(larger, rollout.camera, strict=False):
                inset = cv2.resize(camera, (shown[0] // 3, shown[1] // 3), interpolation=cv2.INTER_AREA)
                picture[-inset.shape[0] :, -inset.shape[1] :] = inset
            pictures += larger
            captions += [f"{report.name}, from {rollout.start:.1f} s", *(f"after {s:.0f} s" for s in seconds[1:])]
    return contact_sheet(pictures, captions, SHEET_COLUMNS)


def tables(models: Sequence[Report], nulls: Sequence[Report], width: int) -> list[Table]:
    """Return all verdicts in one table, with a column for each model and null model.

    Where `width` characters are too few for all columns, tables below each other take as many as there is room for.
    """
    reports = [*models, *nulls]
    labels, limits, *columns = zip(*rows(reports), strict=True)
    groups: list[list[int]] = [[]]
    room = columns_room = width - LABEL_WIDTH - BAR_WIDTH
    for number, (report, cells) in enumerate(zip(reports, columns, strict=True)):
        needed = max(len(text) for text in (report.name, *cells)) + GAP
        if groups[-1] and needed > room:
            groups.append([])
            room = columns_room
        groups[-1].append(number)
        room -= needed
    found = []
    for group in groups:
        drawn = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        drawn.add_column("median (worst)")
        drawn.add_column("bar")
        for number in group:
            drawn.add_column(reports[number].name, style="dim" if number >= len(models) else None, no_wrap=True)
        for row in zip(labels, limits, *(columns[number] for number in group), strict=True):
            drawn.add_row(*row)
        found.append(drawn)
    return found


def rows(reports: Sequence[Report]) -> list[list[str]]:
    """Return the table's cells: the figure, its bar, and each report's verdict. Figures without a bar are last."""
    found = _verdict_rows([report.verdicts for report in reports])
    if all(report.kernel_distance is not None for report in reports):
        found.append(
            ["kernel distance (KID) to the film", "", *(f"{report.kernel_distance:.3f}" for report in reports)]
        )
    if any(report.seconds_until_apart is not None for report in reports):
        texts = ["" if (s := report.seconds_until_apart) is None else f"{s:.1f}" for report in reports]
        found.append(["seconds until two seeds differ", "", *(text.replace("inf", "never") for text in texts)])
    if any(report.followed for report in reports):
        for label, name in CAMERA_ROWS.items():
            values = [f"{getattr(each.followed, name):.2f}" if each.followed else "" for each in reports]
            found.append([label, "", *values])
    found.append(["bars met", "all", *(f"{report.met} of {len(report.verdicts)}" for report in reports)])
    found.append(["score, 0–1", "", *(f"{report.score:.2f}" for report in reports)])
    return [*found, *_verdict_rows([report.further_verdicts for report in reports])]


def _verdict_rows(columns: Sequence[Sequence[Verdict]]) -> list[list[str]]:
    """Return the rows of the verdicts of each report; a cell is empty where a figure was not measured."""
    each = [{verdict.bar.label: verdict for verdict in verdicts} for verdicts in columns]
    found = []
    for label in dict.fromkeys(label for verdicts in each for label in verdicts):
        measured = [verdicts[label] for verdicts in each if label in verdicts]
        # Bundles that read their film in different ways may have different bars.
        limits = " / ".join(dict.fromkeys(verdict.bar.text for verdict in measured))
        found.append([label, limits, *(verdicts[label].text if label in verdicts else "" for verdicts in each)])
    return found
