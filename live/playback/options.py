"""Options of the timeline: what is shown, and for how long."""

from dataclasses import dataclass
from datetime import time
from typing import Annotated

from cyclopts import Parameter

from live.errors import SettingsError
from live.option_types import SHOW_GROUP
from live.playback.opening_hours import read_hours

LONGEST_SECONDS = 1e9
"""Thirty years."""


@Parameter(name="*", group=SHOW_GROUP)
@dataclass(frozen=True, kw_only=True)
class TimelineOptions:
    """Lengths of the parts of a show, in seconds."""

    tail: float = 3.0
    """Seconds of the film's tail that are shown first; 0 begins right after the end."""
    seconds: float | None = None
    """Seconds of continuation, in all episodes together. Default: endless in a window, 90 with --headless."""
    episode: float | None = None
    """Seconds of continuation before the picture fades back to the tail and begins again with new randomness."""
    hours: str | None = None
    """Hours in which a show in a window plays, such as 10:00-18:00; outside of them it is black. Default: always."""
    guard: Annotated[bool, Parameter(show_default=False)] = True
    """Return to the film when the continuation collapses (key G changes it). Default: yes."""

    def __post_init__(self) -> None:
        _ = self.opening_hours
        if not 0 <= self.tail <= LONGEST_SECONDS:
            raise SettingsError(f"--tail is {self.tail:g}; give seconds from 0 to {LONGEST_SECONDS:g}")
        if self.seconds is not None and not 0 < self.seconds <= LONGEST_SECONDS:
            raise SettingsError(f"--seconds is {self.seconds:g}; give seconds above 0, and at most {LONGEST_SECONDS:g}")
        if self.episode is not None and not 0 < self.episode <= LONGEST_SECONDS:
            raise SettingsError(f"--episode is {self.episode:g}; give seconds above 0, and at most {LONGEST_SECONDS:g}")

    @property
    def opening_hours(self) -> tuple[time, time] | None:
        """Beginning and end of --hours; None without."""
        try:
            return None if self.hours is None else read_hours(self.hours)
        except ValueError as error:
            raise SettingsError(f"--hours: {error}") from error
