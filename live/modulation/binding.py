"""Binding of a parameter to a source, and its form in a preset.

[modulation]
zoom = { source = "sine", depth = 0.4, period = 8 }
rotation = { source = "camera", depth = 90 }
gain = { source = "audio.low", depth = 0.5 }
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from live.modulation.audio_figure import AUDIO_SOURCES, PREFIX, AudioFigure
from live.modulation.camera_movement import CameraMovement
from live.modulation.oscillator import SHAPES, Oscillator
from live.modulation.source import Moment, Source
from live.reading.values import quoted, read_figure

SOURCES = (*SHAPES, "camera", *AUDIO_SOURCES)
SECONDS, BEATS = (0.1, 3600.0), (0.125, 1024.0)
"""The shortest and the longest period."""
LARGEST_DEPTH = 1e6


@dataclass(frozen=True)
class Binding:
    """A source, and how far it moves a parameter."""

    source: Source
    depth: float
    """Distance, in the parameter's unit, by which the source moves it at 1. Below 0 it moves the other way."""

    def at(self, moment: Moment) -> float:
        """Return the distance from the value that the hand gave."""
        return self.depth * self.source.at(moment)

    def table(self) -> dict[str, Any]:
        """Return it as `read_binding` takes it."""
        return {"source": self.source.name, "depth": self.depth, **self.source.settings()}

    def toml(self) -> str:
        """Return it as an inline table of TOML."""
        items = (
            f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value:.7g}"
            for key, value in self.table().items()
        )
        return f"{{ {', '.join(items)} }}"


Bindings: TypeAlias = Mapping[str, Binding]
"""Bindings by the names of their parameters."""


def read_binding(given: object) -> Binding:
    """Read a table of TOML or JSON.

    Raises:
        ValueError: It is not the table of a binding.
    """
    if not isinstance(given, dict):
        raise ValueError('it is no table like { source = "sine", depth = 0.5, period = 8 }')
    left = dict(given)
    name = left.pop("source", None)
    if name not in SOURCES:
        found = quoted(name) if isinstance(name, str) else repr(name)
        raise ValueError(f"source is {found}; give one of {', '.join(SOURCES)}")
    depth = _figure(left, "depth", -LARGEST_DEPTH, LARGEST_DEPTH)
    source: Source = CameraMovement()
    if name in AUDIO_SOURCES:
        source = AudioFigure(name.removeprefix(PREFIX))
    elif name != "camera":
        if ("period" in left) == ("beats" in left):
            raise ValueError(f"{name} needs either a period, in seconds, or beats")
        in_beats = "beats" in left
        period = _figure(left, "beats", *BEATS) if in_beats else _figure(left, "period", *SECONDS)
        source = Oscillator(name, period, _figure(left, "phase", 0, 1, default=0.0), in_beats)
    if left:
        raise ValueError(f"{name} has no {quoted(next(iter(left)))}")
    return Binding(source, depth)


def _figure(given: dict[str, Any], key: str, low: float, high: float, *, default: float | None = None) -> float:
    """Take a number out of a table."""
    if key not in given and default is None:
        raise ValueError(f"{key} is missing")
    value = given.pop(key, default)
    try:
        return read_figure(value, low, high)
    except ValueError as error:
        found = quoted(value) if isinstance(value, str) else repr(value)
        raise ValueError(f"{key} is {found}; give a number from {low:g} to {high:g}") from error
