"""What is heard in a sound at one moment: the figures that parameters can be bound to."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class AudioLevels:
    """Figures of a sound, 0…1 each."""

    level: float = 0.0
    """Loudness: 0 in silence, 1 as loud as it has been lately."""
    onset: float = 0.0
    """1 when something begins, such as a beat or a word. It falls to a third in 0.15 s."""
    low: float = 0.0
    """Loudness below 250 Hz: bass and drums."""
    mid: float = 0.0
    """Loudness from 250 to 2500 Hz: voices and most instruments."""
    high: float = 0.0
    """Loudness above 2500 Hz: cymbals, sibilants, applause."""


SILENCE = AudioLevels()
FIGURES = tuple(field.name for field in fields(AudioLevels))
