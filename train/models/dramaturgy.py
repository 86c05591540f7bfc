"""Dramaturgy of the show: when it leaves a shot and for which, and how far time leans.

The pictures do not tell how long a shot has been stayed in, nor which shots were seen lately. A small state does, which
goes in and out of the graph beside the context: `visits`, zeros at the beginning of a continuation.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from train.models.film_memory import NO_SHOT

FIRST_SECONDS = 8.0  # the least that the film's last shot goes on at the beginning
FIRST_MOST_SECONDS = 40.0  # and the most
MOST_SECONDS = 15.0  # that a shot is stayed in, or twice its own length, whichever is more
RECENT_SECONDS = 60.0  # after which the memory of a visit has fallen to 1/e
CHANCE = 0.1  # of noise on the memory of a visit, at temperature 1
CLOCKS = 2  # numbers of `visits` beside those of the shots: seconds in this shot, and since the beginning
LONGEST_CLOCK = 1000.0  # seconds; a clock that gets there goes back by `LEAN_PERIOD`
LEAN_PERIOD = 10.0  # seconds in which time leans to one side, to the other, and is upright again
LEAN = 0.25  # seconds by which the right edge of the picture is ahead of the left at the most, at temperature 1


class Dramaturgy(nn.Module):
    """Decides which states leave their shot, and which shot they enter.

    A shot is left at its end, and in the first eight seconds not at all; and wherever it has been stayed in for too
    long. The shot that was seen longest ago is entered, at its beginning.
    """

    lengths: Tensor  # float [shots], seconds of each shot
    step_seconds: Tensor  # float [], time of a step

    def __init__(self, lengths: Tensor, step_seconds: Tensor) -> None:
        """Make a dramaturgy of these tensors, which are described above."""
        super().__init__()
        self.shots = len(lengths)  # as a number: an exported graph would compute it anew in every step
        self.register_buffer("lengths", lengths)
        self.register_buffer("step_seconds", step_seconds)

    @property
    def numbers(self) -> int:
        """Length of `visits`."""
        return self.shots + CLOCKS

    def forward(self, shot: Tensor, at_end: Tensor, visits: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
        """Decide for one step.

        Args:
            shot: int64 [B], that the states are in.
            at_end: bool [B], True at the end of the shot.
            visits: float [B, numbers] of the step before: for each shot 1 while it plays, then falling to 0; and the
                clocks.
            chance: float [B, shots], standard normal times the temperature.

        Returns:
            the shot to enter, int64 [B], or NO_SHOT; and the next `visits`.
        """
        step = self.step_seconds
        seen, stayed, elapsed = visits.split([self.shots, 1, 1], 1)
        playing = torch.arange(self.shots, device=shot.device) == shot[:, None]
        stays = (seen * playing).sum(1, keepdim=True) == 1
        stayed, elapsed = _limited(stayed * stays + step), _limited(elapsed + step)
        seen = torch.where(playing, 1.0, seen * torch.exp(-step / RECENT_SECONDS))

        most = (2 * self.lengths).clamp(min=MOST_SECONDS)[shot]
        first = (elapsed - stayed < step / 2)[:, 0]  # no shot was left yet
        most = torch.where(first, most.clamp(max=FIRST_MOST_SECONDS), most)
        may_leave = ~first | (elapsed[:, 0] >= FIRST_SECONDS)
        leaves = (stayed[:, 0] >= most) | (at_end & may_leave)
        # The shot that plays has 1 and all others less, but chance could make it the least.
        wanted = (seen + CHANCE * chance + 10.0 * playing).argmin(1)
        enter = torch.where(leaves & (wanted != shot), wanted, NO_SHOT)
        return enter, torch.cat([seen, stayed, elapsed], 1)

    def lean(self, visits: Tensor, temperature: Tensor) -> Tensor:
        """Return by how many seconds the right edge of the picture is ahead of the left: float [B].

        Time leans slowly to and fro while a shot is stayed in. It is upright where the shot begins, and at temperature
        0.

        Args:
            visits: of `forward`.
            temperature: [B] float, ≥ 0.
        """
        stayed = visits[:, self.shots]
        leans: Tensor = LEAN * temperature * torch.sin(2 * math.pi / LEAN_PERIOD * stayed)
        return leans


def _limited(clock: Tensor) -> Tensor:
    """Keep a clock, in seconds, from growing for ever, at the same moment of the lean."""
    return torch.where(clock > LONGEST_CLOCK, clock - LEAN_PERIOD, clock)
