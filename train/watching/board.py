"""Board on which a training says how it stands. Its thread writes, others read, and neither waits for the other."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from train.runtime.progress import Standing


class Point(NamedTuple):
    """Point of a curve."""

    step: int
    curve: str
    value: float


@dataclass
class Board:
    """State of a training, for readers in other threads.

    Every attribute is replaced as a whole, and `points` only grows. So no reader sees a half of anything.

    Attributes:
        title: of the film or the pictures; empty until they are read.
        first_step: of this session; None until the training begins.
        points: of all curves in this session, as they came.
        checks: the bars of the newest validation: label, bar, value, met, low, high.
        best: score of the best checkpoint; None: there is none yet.
        outcome: how the training ended, in one line; empty until then.
    """

    title: str = ""
    first_step: int | None = None
    points: list[Point] = field(default_factory=list)
    checks: Sequence[Mapping[str, Any]] = ()
    best: float | None = None
    outcome: str = ""
    _posted: tuple[float, Standing] | None = field(default=None, init=False)

    def post(self, standing: Standing) -> None:
        """Replace the standing."""
        self._posted = time.monotonic(), standing

    @property
    def standing(self) -> tuple[float, Standing] | None:
        """Seconds since the newest standing was posted, and that standing; None before the first."""
        posted = self._posted
        return (time.monotonic() - posted[0], posted[1]) if posted else None

    def add(self, values: Mapping[str, float], step: int) -> None:
        """Add a point to some curves."""
        self.points.extend(Point(step, curve, value) for curve, value in values.items())
