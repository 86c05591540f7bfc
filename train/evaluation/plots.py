"""Page of curves over time, with the table of verdicts below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullFormatter
from matplotlib.transforms import Bbox

from train.evaluation.report import Report, rows
from train.metrics.scoring import bars

# Okabe and Ito's colours, which colour-blind readers can tell apart. With more models, bands would hide the lines.
COLOURS = ("#0072b2", "#d55e00", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195")
DASHES = ("-", (0, (5, 1.5)), (0, (2, 1)))  # the first six, the next six, …
WIDTH, COLUMN = 12.0, 1.75  # inches: of the page, and of a column of its table
MET, MISSED, FILM, NULL = "#009e73", "#b3261e", "#8a8a8a", "#6b6b6b"
NULL_LINES = ((0, (6, 3)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))  # hold, replay, h264


@dataclass(frozen=True)
class Panel:
    """One figure over time."""

    curve: str  # field of Figures
    title: str
    bar: str  # figure whose bar is shown; empty if none
    range: str  # field of FilmFigures; empty if none
    scale: dict[str, Any]
    usual: tuple[float, float]  # always shown
    widest: tuple[float, float]  # shown if needed; curves are clipped to it
    ticks: tuple[float, ...]


RATIOS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
PANELS = (
    Panel(
        "sharpness_curve", "Sharpness over the film's median", "sharpness", "sharpness_range",
        {"value": "log"}, (0.4, 2.5), (0.02, 50), RATIOS,
    ),
    Panel(
        "motion_curve", "Motion over the film's median", "motion", "motion_range",
        {"value": "symlog", "linthresh": 0.1, "linscale": 0.4}, (-0.01, 5), (-0.01, 50), (0, *RATIOS[2:]),
    ),
    Panel(
        "likeness_curve", "Likeness: distance to the most similar second of the film; 1 is its own median",
        "likeness", "", {"value": "linear"}, (-0.02, 1.05), (-0.02, 3), (0, 0.35, 0.7, 1, 1.5, 2, 2.5, 3),
    ),
    Panel(
        "palette_curve", "Palette: the same of colours alone", "", "",
        {"value": "linear"}, (-0.02, 1.05), (-0.02, 3), (0, 0.5, 1, 1.5, 2, 2.5, 3),
    ),
    Panel(
        "nearest_curve", "Distance to the nearest film frame, in steps of the film; a replay has 0", "nearest", "",
        {"value": "symlog", "linthresh": 0.5, "linscale": 0.6}, (-0.03, 10), (-0.03, 50), (0, 0.5, 1, 2, 5, 10, 20, 50),
    ),
)  # fmt: skip


def curves(path: Path, models: Sequence[Report], nulls: Sequence[Report], title: str) -> None:
    """Draw the curves and the table of all models and null models, and write the page as PNG."""
    lines = rows([*models, *nulls])
    figure = Figure(figsize=(_width(len(models) + len(nulls)), 13 + 0.26 * len(lines)), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    heights = [0.6] + [2.2] * len(PANELS) + [0.26 * len(lines) + 0.3]
    head, *axes, below = figure.subplots(len(heights), 1, height_ratios=heights)
    seconds = max(report.rollouts[0].figures.seconds for report in models)
    for axis, panel in zip(axes, PANELS, strict=True):
        _panel(axis, panel, models, nulls, seconds)
    for axis in axes[1:]:
        axis.sharex(axes[0])
    for axis in axes[:-1]:
        axis.tick_params(labelbottom=False)
    axes[-1].set_xlabel("seconds of the rollout")
    _mark_collapses(axes[1], models, seconds)
    count = len(models[0].rollouts)
    head.axis("off")
    heading = head.text(0, 1, f"{title}: {seconds:.0f} seconds of continuation", fontsize=15, va="top")
    heading.set_in_layout(False)  # a long title, such as that of several films, must not push the curves aside
    handles, labels = axes[1].get_legend_handles_labels()
    if len(models) <= len(COLOURS):
        handles.append(Patch(color="#808080", alpha=0.3, linewidth=0))
        labels.append(f"all {count} rollouts; line: median")
    key = head.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(0, 0), ncols=len(labels), frameon=False, fontsize=9.5,
        borderaxespad=0, borderpad=0, columnspacing=1.4, handlelength=1.8,
    )  # fmt: skip
    key.set_in_layout(False)  # long names of models must not push the curves aside
    _table(below, lines, models, nulls)
    figure.savefig(path)


def _width(columns: int) -> float:
    """Return the width in inches of a page whose table has so many columns of figures."""
    return max(WIDTH, 0.4 * WIDTH + COLUMN * columns)


def _panel(axis: Axes, panel: Panel, models: Sequence[Report], nulls: Sequence[Report], seconds: float) -> None:
    every = np.concatenate([_curves(report, panel).ravel() for report in [*models, *nulls]])
    low = max(min(panel.usual[0], float(every.min()) * 0.8), panel.widest[0])
    high = min(max(panel.usual[1], float(every.max()) * 1.1), panel.widest[1])
    figures = models[0].rollouts[0].figures
    for bar in bars(figures):
        if bar.figure == panel.bar:
            axis.axhspan(
                max(bar.low, low), min(bar.high, high), color=MET, alpha=0.12, linewidth=0, label="the bar is met"
            )
    if panel.range:
        for edge, label in zip(getattr(figures.film, panel.range), ("5–95 % of the film", None), strict=True):
            axis.axhline(edge, color=FILM, linewidth=1, linestyle=(0, (8, 2, 1, 2)), label=label)
    for number, report in enumerate(nulls):
        _draw(axis, _curves(report, panel).clip(low, high), report, NULL, 1.3, NULL_LINES[number % len(NULL_LINES)])
    for number, report in enumerate(models):
        shown, colour = _curves(report, panel).clip(low, high), COLOURS[number % len(COLOURS)]
        if len(models) <= len(COLOURS):
            axis.fill_between(
                _window_seconds(report), shown.min(0), shown.max(0), color=colour, alpha=0.15, linewidth=0
            )
        _draw(axis, shown, report, colour, 2.2, DASHES[number // len(COLOURS) % len(DASHES)])
    axis.set_title(panel.title, loc="left", fontsize=11)
    axis.set_yscale(**panel.scale)
    axis.set_yticks([tick for tick in panel.ticks if low <= tick <= high])
    axis.set_ylim(low, high)
    axis.set_xlim(0, seconds)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.tick_params(which="minor", left=False)
    axis.grid(axis="y", color="#e4e4e4", linewidth=0.7)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)


def _draw(axis: Axes, shown: np.ndarray, report: Report, colour: str, width: float, line: Any) -> None:
    axis.plot(
        _window_seconds(report), np.median(shown, 0), label=report.name, color=colour, linewidth=width, linestyle=line
    )


def _curves(report: Report, panel: Panel) -> np.ndarray:
    """Return the curves of all rollouts, float [rollouts, windows]."""
    return np.stack([getattr(rollout.figures, panel.curve) for rollout in report.rollouts])


def _window_seconds(report: Report) -> np.ndarray:
    """Return the middles of the windows in seconds."""
    figures = report.rollouts[0].figures
    return (np.arange(len(figures.motion_curve)) + 0.5) * figures.seconds_per_window


def _mark_collapses(axis: Axes, models: Sequence[Report], seconds: float) -> None:
    """Mark where the median rollout of a model collapses."""
    for number, report in enumerate(models):
        alive = float(np.median([rollout.figures.alive for rollout in report.rollouts]))
        if alive < report.rollouts[0].figures.seconds:
            late = alive > 0.8 * seconds
            axis.axvline(alive, color=COLOURS[number % len(COLOURS)], linewidth=1.2, linestyle=":")
            axis.annotate(
                f"{report.name} collapses after {alive:.0f} s",
                (alive, 0.88 - 0.13 * (number % 6)),
                (-5 if late else 5, 0),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="right" if late else "left",
                color=COLOURS[number % len(COLOURS)],
                fontsize=10,
            )


def _table(axis: Axes, lines: list[list[str]], models: Sequence[Report], nulls: Sequence[Report]) -> None:
    axis.axis("off")
    columns = len(models) + len(nulls)
    first, second = (share * WIDTH / _width(columns) for share in (0.26, 0.14))
    rest = (1 - first - second) / columns
    table = axis.table(
        lines,
        colLabels=["median (worst rollout)", "bar", *(report.name for report in [*models, *nulls])],
        colWidths=[first, second, *[rest] * columns],
        cellLoc="left",
        bbox=Bbox.unit(),
        edges="horizontal",
    )
    table.auto_set_font_size(False)
    table.set_fontsize(10 if columns < 5 else 8)
    for (row, column), cell in table.get_celld().items():
        cell.set_edgecolor("#dddddd")
        text = cell.get_text()
        if row == 0:
            text.set_fontweight("bold")
            if 2 <= column < 2 + len(models):
                text.set_color(COLOURS[(column - 2) % len(COLOURS)])
        elif column >= 2 and text.get_text().endswith("met"):
            text.set_color(MET)
        elif column >= 2 and text.get_text().endswith("NOT MET"):
            text.set_color(MISSED)
