"""What a continuation must reach, and one number by which two of them can be ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import Any

from train.metrics.rollout_metrics import Figures

FLOOR = 0.02  # what a figure that could not be worse still counts, so that one does not hide all others


@dataclass(frozen=True)
class Bar:
    """What one figure must be."""

    figure: str  # field of Figures
    label: str
    low: float = -inf
    high: float = inf
    counts: bool = True  # towards the score

    def met(self, value: float) -> bool:
        """Whether the value is in range."""
        return self.low <= value <= self.high

    def nearness(self, value: float) -> float:
        """1 in range, and falling to 0 with the ratio of bar and value beyond it."""
        if value < self.low:
            return max(0.0, value / self.low)
        return self.high / value if value > self.high else 1.0

    @property
    def text(self) -> str:
        """The range as a person writes it."""
        if self.low > -inf and self.high < inf:
            return f"{self.low:g}–{self.high:g}"
        return f"≥ {self.low:.3g}" if self.low > -inf else f"≤ {self.high:.3g}"


def bars(figures: Figures) -> tuple[Bar, ...]:
    """The bars for one rollout; some lie where its film lies."""
    film = figures.film
    return (
        Bar("alive", "seconds alive", low=figures.seconds),
        Bar("sharpness", "sharpness over the film's", 0.8, 1.25),
        Bar("sharpness_end", "the same, last 10 s", 0.8, 1.25),
        Bar("motion", "motion over the film's", 0.5, 2),
        Bar("motion_end", "the same, last 10 s", 0.5, 2),
        Bar("likeness", "likeness: distance to the film", high=0.35),
        Bar("likeness_end", "the same, last 10 s", high=0.35),
        # A tenth of what two seconds of the film differ by; a slope over so few seconds is too uncertain for a score.
        Bar("likeness_rise", "its rise after the first 10 s", high=0.1, counts=False),
        Bar("variety", "variety over the film's", low=0.5 if film.static else 0.3),
        Bar("freeze", "longest freeze, seconds", high=max(3.0, film.freeze)),
        Bar("loops", "share of frames that loop", high=film.loops + 0.2),
        # As far as half a step of the film: nearer, `loops` too calls it a repetition.
        Bar("nearest", "distance to the nearest film frame", low=0.5),
    )


def held(figures: Figures) -> list[dict[str, Any]]:
    """One rollout held against its bars, in plain values: figure, label, bar, value, met."""
    values = [(bar, float(getattr(figures, bar.figure))) for bar in bars(figures)]
    return [
        {"figure": bar.figure, "label": bar.label, "bar": bar.text, "value": round(value, 5), "met": bar.met(value)}
        for bar, value in values
    ]


def score(figures: Sequence[Figures]) -> float:
    """How near rollouts come to all their bars: 0…1, mean over rollouts, continuous, the higher the better.

    For each the geometric mean of how near every figure is; and a tenth of it for likeness itself, so that among
    rollouts that meet all bars the one most like the film is best.
    """
    return sum(_score(each) for each in figures) / len(figures)


def _score(figures: Figures) -> float:
    terms = [bar.nearness(getattr(figures, bar.figure)) for bar in bars(figures) if bar.counts]
    whole = exp(sum(log(FLOOR + (1 - FLOOR) * term) for term in terms) / len(terms))
    return whole * (1 - 0.1 * min(1.0, figures.likeness / 0.35))
