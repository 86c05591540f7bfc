"""The bars that a continuation must meet, and one number by which two of them can be ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import Any

from train.metrics.rollout_metrics import Figures

FLOOR = 0.02  # share that the worst possible figure still counts, so that it does not hide all others


@dataclass(frozen=True)
class Bar:
    """Range that one figure must be in."""

    figure: str  # field of Figures
    label: str
    low: float = -inf
    high: float = inf
    counts: bool = True  # towards the score

    @property
    def limited(self) -> bool:
        """False for a figure that is shown without a bar."""
        return self.low > -inf or self.high < inf

    def met(self, value: float) -> bool:
        """Return whether the value is in range."""
        return self.low <= value <= self.high

    def nearness(self, value: float) -> float:
        """Return 1 in range; outside of it, the ratio of bar and value, which falls to 0."""
        if value < self.low:
            return max(0.0, value / self.low)
        return self.high / value if value > self.high else 1.0

    @property
    def text(self) -> str:
        """The range as a person writes it; empty if it has no limits."""
        if not self.limited:
            return ""
        if self.low > -inf and self.high < inf:
            return f"{self.low:g}–{self.high:g}"
        return f"≥ {self.low:.3g}" if self.low > -inf else f"≤ {self.high:.3g}"


def bars(figures: Figures) -> tuple[Bar, ...]:
    """Return the bars for one rollout; some depend on its film."""
    film = figures.film
    return (
        Bar("alive", "seconds alive", low=figures.seconds),
        Bar("sharpness", "sharpness over the film's", 0.8, 1.25),
        Bar("sharpness_end", "sharpness, last 10 s", 0.8, 1.25),
        Bar("motion", "motion over the film's", 0.5, 2),
        Bar("motion_end", "motion, last 10 s", 0.5, 2),
        Bar("likeness", "likeness: distance to the film", high=0.35),
        Bar("likeness_end", "likeness, last 10 s", high=0.35),
        # A tenth of the distance of two seconds of the film. A slope over few seconds is too uncertain for a score.
        Bar("likeness_rise", "rise of likeness after 10 s", high=0.1, counts=False),
        Bar("variety", "variety over the film's", low=0.5 if film.static else 0.3),
        Bar("freeze", "longest freeze, seconds", high=max(3.0, film.freeze)),
        Bar("loops", "share of frames that loop", high=film.loops + 0.2),
        # Half a step of the film: a frame nearer than this is a repetition for `loops` too.
        Bar("nearest", "distance to the nearest film frame", low=0.5),
    )


def check_bars(figures: Figures) -> list[dict[str, Any]]:
    """Compare one rollout with its bars, in plain values: figure, label, bar, value, met."""
    values = [(bar, float(getattr(figures, bar.figure))) for bar in bars(figures)]
    return [
        {"figure": bar.figure, "label": bar.label, "bar": bar.text, "value": round(value, 5), "met": bar.met(value)}
        for bar, value in values
    ]


def score(figures: Sequence[Figures]) -> float:
    """Return how near rollouts come to all their bars: 0…1, mean over rollouts, continuous, the higher the better.

    The score of a rollout is the geometric mean of how near every figure is to its bar. A tenth of it depends on
    likeness itself, so that among rollouts that meet all bars the one most like the film is best.
    """
    return sum(_score(each) for each in figures) / len(figures)


def _score(figures: Figures) -> float:
    terms = [bar.nearness(getattr(figures, bar.figure)) for bar in bars(figures) if bar.counts]
    whole = exp(sum(log(FLOOR + (1 - FLOOR) * term) for term in terms) / len(terms))
    return whole * (1 - 0.1 * min(1.0, figures.likeness / 0.35))
