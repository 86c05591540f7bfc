"""State of a show that its next process takes up after a restart."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from live.controls.presets import read_modulation
from live.controls.table import MOST_MODELS, PARAMETERS
from live.modulation.binding import Bindings
from live.reading.values import read_figure
from live.tempo.beat import FASTEST_BPM, SLOWEST_BPM


@dataclass(frozen=True)
class ShowState:
    """Controls of a show as the performer left them."""

    parameters: Mapping[str, float]
    """Values by name."""
    modulation: Mapping[str, Mapping[str, Any]]
    """Bindings of parameters to sources, as tables."""
    tempo: float | None
    """Beats a minute; None if nobody has set them."""
    preset: int | None
    """Preset that was recalled last."""
    other_preset: int | None
    """Preset that was recalled before it."""
    follows_camera: bool
    mirror: bool | None
    """True if left and right of the camera were exchanged, False if not, None if the performer never chose."""
    guard: bool
    blackout: bool
    model: int
    """Number of the model that led."""
    network: str
    """Provider and precision that played it, in words."""

    @property
    def bindings(self) -> Bindings:
        """Bindings of parameters to sources. Raises `ValueError` if they are none."""
        return read_modulation(self.modulation)

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return asdict(self)


def read_state(given: Mapping[str, Any]) -> ShowState | None:
    """Read a state; return None if it is empty or another version of the program wrote it."""
    try:
        state = ShowState(**given)
        parameters = {parameter.name: parameter for parameter in PARAMETERS}
        for name, value in state.parameters.items():
            parameters[name].read([value])
        _ = state.bindings
        read_figure(state.model, 1, MOST_MODELS)
        if state.tempo is not None:
            read_figure(state.tempo, SLOWEST_BPM, FASTEST_BPM)
    except (TypeError, KeyError, ValueError):
        return None
    return state
