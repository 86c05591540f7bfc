"""The bars that a continuation must meet, and one number by which two of them can be ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import Any

from train.metrics.coherence import Coherence
from train.metrics.fidelity import FidelityFigures
from train.metrics.one_step import OneStep
from train.metrics.rollout_metrics import Figures
from train.metrics.steadiness import Steadiness

FLOOR = 0.02  # share that the worst possible figure still counts, so that it does not hide all others


@dataclass(frozen=True)
class Words:
    """Words for a figure that misses its bar, as an artist would say it: lines, soft, harsh."""

    subject: str
    low: str = ""  # below the range
    high: str = ""  # above it


@dataclass(frozen=True)
class Bar:
    """Range that one figure must be in."""

    figure: str  # field of Figures
    label: str
    low: float = -inf
    high: float = inf
    counts: bool = True  # towards the score
    words: Words | None = None  # for the verdict; without them, it uses the label
    given: Bar | None = None  # another bar: where that one is missed, this one is missed too

    @property
    def limited(self) -> bool:
        """False for a figure that is shown without a bar."""
        return self.low > -inf or self.high < inf

    def met(self, value: float) -> bool:
        """Return whether the value is in range."""
        return self.low <= value <= self.high

    def nearness(self, value: float) -> float:
        """Return 1 in range; outside of it, the ratio of bar and value, which falls to 0."""
        if self.met(value):
            return 1.0
        if value < self.low:
            return max(0.0, value / self.low)
        return self.high / value if value > self.high else 0.0  # not a number

    @property
    def text(self) -> str:
        """The range as a person writes it; empty if it has no limits."""
        if not self.limited:
            return ""
        if self.low > -inf and self.high < inf:
            text = f"{self.low:g}–{self.high:g}"
        else:
            text = f"≥ {self.low:.3g}" if self.low > -inf else f"≤ {self.high:.3g}"
        return f"{text}, {self.given.label} {self.given.text}" if self.given else text


@dataclass(frozen=True)
class Check:
    """One bar, compared with one rollout."""

    bar: Bar
    value: float
    nearness: float  # 0…1, of the value and of what the bar is given; 1 if it is met

    @classmethod
    def of(cls, bar: Bar, figures: object) -> Check:
        """Compare a bar with the fields of these figures."""
        value = float(getattr(figures, bar.figure))
        nearness = bar.nearness(value)
        return cls(bar, value, min(nearness, cls.of(bar.given, figures).nearness) if bar.given else nearness)

    @property
    def met(self) -> bool:
        """True if the value is in range, and so is what the bar is given."""
        return self.nearness == 1

    def to_json(self) -> dict[str, Any]:
        """Return it in plain values."""
        bar = self.bar
        return {
            "figure": bar.figure,
            "label": bar.label,
            "bar": bar.text,
            "value": round(self.value, 5),
            "met": self.met,
        }


# Noise and mush are far from every film frame, which is no merit. Twice the bar of likeness divides what is of the film
# (up to 0.6 in docs/results.md) from noise over the film's mean picture (0.95) and pure noise (2.6).
OF_THE_FILM = Bar("likeness", "likeness", high=0.7)

ONE_STEP_BARS = (
    Bar("over_copying", "one step: error over that of copying", high=0.5, words=Words("steps", high="inexact")),
    Bar("over_better", "one step: error over the better of copy and line"),
    Bar("picture_over_copying", "one step: over copying, full size"),
    Bar("picture_over_better", "one step: over the better, full size"),
    Bar("wholeness", "one step: wholeness", low=0.35, words=Words("steps", "breaking things")),
)
COHERENCE_BARS = (
    Bar("after_2", "2 steps: wholeness"),
    Bar("after_8", "8 steps: wholeness"),
    Bar("after_32", "32 steps: wholeness"),
)
# Of `Figures`, without limits: a film changes from shot to shot itself. The null models stand beside them.
DRIFT_BARS = (
    Bar("clarity_drift", "drift of clarity (VDE)"),
    Bar("motion_drift", "drift of motion (VDE)"),
)


def bars(figures: Figures) -> tuple[Bar, ...]:
    """Return the bars of `Figures` for one rollout; some depend on its film."""
    film = figures.film
    lines, ending = Words("lines", "soft", "harsh"), Words("ending", "soft", "harsh")
    return (
        Bar("alive", "seconds alive", low=figures.seconds, words=Words("picture", "collapsing")),
        Bar("sharpness", "sharpness over the film's", 0.8, 1.25, words=lines),
        Bar("sharpness_end", "sharpness, last 10 s", 0.8, 1.25, words=ending),
        Bar("motion", "motion over the film's", 0.5, 2, words=Words("motion", "weak", "restless")),
        Bar("motion_end", "motion, last 10 s", 0.5, 2, words=Words("ending", "weak", "restless")),
        Bar("likeness", "likeness: distance to the film", high=0.35, words=Words("pictures", high="unlike the film")),
        Bar("likeness_end", "likeness, last 10 s", high=0.35, words=Words("ending", high="unlike the film")),
        # A tenth of the distance of two seconds of the film. A slope over few seconds is too uncertain for a score.
        Bar(
            "likeness_rise",
            "rise of likeness after 10 s",
            high=0.1,
            counts=False,
            words=Words("pictures", high="drifting away"),
        ),
        Bar("variety", "variety over the film's", low=0.5 if film.static else 0.3, words=Words("scenes", "all alike")),
        Bar("freeze", "longest freeze, seconds", high=max(3.0, film.freeze), words=Words("motion", high="freezing")),
        Bar("loops", "share of frames that loop", high=film.loops + 0.2, words=Words("scenes", high="repeating")),
        # Half a step of the film: a frame nearer than this is a repetition for `loops` too.
        Bar(
            "nearest",
            "distance to the nearest film frame",
            low=0.5,
            words=Words("frames", "mere copies"),
            given=OF_THE_FILM,
        ),
    )


def fidelity_bars(film: Steadiness) -> tuple[Bar, ...]:
    """Return the bars of `FidelityFigures` for rollouts of a film; a figure without limits is shown only."""
    return (
        Bar("wholeness", "wholeness of what moves", low=0.25, words=Words("things", "coming apart")),
        Bar("flicker", "flicker, levels", high=film.flicker + 0.5, words=Words("surfaces", high="flickering")),
        Bar("grain", "grain, levels", high=film.grain + 0.5, words=Words("surfaces", high="rough")),
        Bar("jumps", "jumps a minute", high=1.5 * film.jumps, words=Words("frames", high="jumping")),
        Bar("largest_share", "largest share of a shot"),
        Bar("longest_stay", "longest stay in a shot, seconds"),
    )


def check_bars(figures: Figures, fidelity: FidelityFigures, one_step: OneStep | None) -> list[Check]:
    """Compare a model with the bars that its score, its verdict and the number of bars met are made of.

    A bar whose figure was not measured is left out: wholeness where its network is not installed, and single steps of
    a null model. Of eighteen bars, sixteen are left without wholeness.

    Args:
        figures: of one rollout.
        fidelity: of the same rollout.
        one_step: of the same model; None where it was not measured.
    """
    return [check for check in _check_all(figures, fidelity, one_step) if check.bar.limited]


def check_unlimited(
    figures: Figures, fidelity: FidelityFigures, one_step: OneStep | None, coherence: Coherence | None
) -> list[Check]:
    """Return the figures that are shown without a bar.

    Args:
        figures: this and the next two as of `check_bars`.
        fidelity: of the same rollout.
        one_step: of the same model.
        coherence: of the same model; None where it was not measured.
    """
    checks = _check_all(figures, fidelity, one_step, coherence)
    return [check for check in checks if not check.bar.limited]


def _check_all(
    figures: Figures, fidelity: FidelityFigures, one_step: OneStep | None, coherence: Coherence | None = None
) -> list[Check]:
    """Compare everything that was measured."""
    groups: list[tuple[tuple[Bar, ...], object]] = [
        (bars(figures), figures),
        (fidelity_bars(fidelity.film), fidelity),
        (DRIFT_BARS, figures),
    ]
    if one_step:
        groups.append((ONE_STEP_BARS, one_step))
    if coherence:
        groups.append((COHERENCE_BARS, coherence))
    return [Check.of(bar, each) for group, each in groups for bar in group if getattr(each, bar.figure) is not None]


def score(rollouts: Sequence[Sequence[Check]]) -> float:
    """Return how near rollouts come to all their bars: 0…1, mean over rollouts, continuous, the higher the better.

    The score of a rollout is the geometric mean of how near every figure is to its bar. A tenth of it depends on
    likeness itself, so that among rollouts that meet all bars the one most like the film is best.

    Args:
        rollouts: the checks of each, of `check_bars`.
    """
    return sum(_score(each) for each in rollouts) / len(rollouts)


def _score(checks: Sequence[Check]) -> float:
    terms = [check.nearness for check in checks if check.bar.counts]
    whole = exp(sum(log(FLOOR + (1 - FLOOR) * term) for term in terms) / len(terms))
    likeness = next(check.value for check in checks if check.bar.figure == "likeness")
    return whole * (1 - 0.1 * min(1.0, likeness / 0.35))
