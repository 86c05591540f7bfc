"""Low frequency oscillator: a wave of seconds, minutes or beats."""

import math
import random
from dataclasses import dataclass
from typing import Any, Literal, get_args

from live.modulation.source import Moment

Shape = Literal["sine", "triangle", "square", "saw", "random"]
SHAPES: tuple[Shape, ...] = get_args(Shape)


@dataclass(frozen=True)
class Oscillator:
    """A wave between −1 and 1. Sine and triangle begin at 0 and rise."""

    shape: Shape
    """random: one value for each period."""
    period: float
    """Seconds or beats."""
    phase: float = 0.0
    """0…1: share of the period by which it is ahead. Random values of another phase are others."""
    in_beats: bool = False
    """True if the period is in beats."""

    @property
    def name(self) -> str:
        """See `Source`."""
        return self.shape

    def at(self, moment: Moment) -> float:
        """See `Source`."""
        turns = (moment.beats if self.in_beats else moment.seconds) / self.period + self.phase
        turn = math.floor(turns)
        share = turns - turn
        if self.shape == "sine":
            return math.sin(math.tau * share)
        if self.shape == "triangle":
            return 1 - 4 * abs((share + 0.25) % 1 - 0.5)
        if self.shape == "square":
            return 1.0 if share < 0.5 else -1.0
        if self.shape == "saw":
            return 2 * share - 1
        # It depends on nothing else, so that a show can be repeated.
        return random.Random(f"{turn} {self.phase}").uniform(-1, 1)

    def settings(self) -> dict[str, Any]:
        """See `Source`."""
        return {"beats" if self.in_beats else "period": self.period, **({"phase": self.phase} if self.phase else {})}
