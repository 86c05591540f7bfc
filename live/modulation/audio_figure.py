"""Figure of a sound as a source."""

from dataclasses import dataclass
from typing import Any

from live.audio.levels import FIGURES
from live.modulation.source import Moment

PREFIX = "audio."
AUDIO_SOURCES = tuple(PREFIX + figure for figure in FIGURES)


@dataclass(frozen=True)
class AudioFigure:
    """One of the figures of the sound that the show listens to; 0 if it listens to none."""

    figure: str
    """Name of the figure, one of `FIGURES`."""

    @property
    def name(self) -> str:
        """See `Source`."""
        return PREFIX + self.figure

    def at(self, moment: Moment) -> float:
        """See `Source`."""
        return float(getattr(moment.audio, self.figure))

    def settings(self) -> dict[str, Any]:
        """See `Source`."""
        return {}
