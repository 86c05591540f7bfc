"""Board on which a training says how it stands. Its thread writes, others read, and neither waits for the other."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from train.runtime.progress import Standing

POINTS = 1000  # of a curve, at most


class Point(NamedTuple):
    """Point of a curve."""

    step: int
    curve: str
    value: float


@dataclass
class Board:
    """State of a training, for readers in other threads.

    Every attribute is replaced as a whole, or it only grows. So no reader sees a half of anything.

    Attributes:
        title: of the film or the pictures; empty until they are read.
        first_step: of this session; None until the training begins.
        points: of all curves in this session, with their numbers, as they came. Old ones of long curves are left out.
        checks: the bars of the newest validation: label, bar, value, met, low, high.
        best: score of the best checkpoint; None: there is none yet.
        outcome: how the training ended, in one line; empty until then.
    """

    title: str = ""
    first_step: int | None = None
    points: list[tuple[int, Point]] = field(default_factory=list)
    checks: Sequence[Mapping[str, Any]] = ()
    best: float | None = None
    outcome: str = ""
    _posted: tuple[float, Standing] | None = field(default=None, init=False)
    _count: int = field(default=0, init=False)
    _lengths: Counter[str] = field(default_factory=Counter, init=False)

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
        for curve, value in values.items():
            self.points.append((self._count, Point(step, curve, value)))
            self._count += 1
            self._lengths[curve] += 1
            if self._lengths[curve] > POINTS:
                self._thin_out(curve)

    def _thin_out(self, curve: str) -> None:
        """Leave out every second point of a curve, and keep its newest one."""
        kept: list[tuple[int, Point]] = []
        left = self._lengths[curve]
        for each in self.points:
            if each[1].curve == curve:
                left -= 1
                if left % 2:
                    continue
            kept.append(each)
        self._lengths[curve] -= len(self.points) - len(kept)
        self.points = kept
