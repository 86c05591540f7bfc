"""Bindings of a show, which may fade into others."""

from collections.abc import Collection

from live.modulation.binding import Bindings
from live.modulation.camera_movement import CameraMovement
from live.modulation.source import Moment


class Modulation:
    """Distances of the bound parameters from the values that the hand gave.

    Args:
        bindings: The bindings at first.
    """

    def __init__(self, bindings: Bindings) -> None:
        self._before: Bindings = {}
        self._after = bindings
        self.share = 1.0
        """0…1: how far the bindings have faded into the newest ones."""

    @property
    def bindings(self) -> Bindings:
        """The bindings; while some fade into others, those that are nearer."""
        return self._before if self.share < 0.5 else self._after

    @property
    def active(self) -> bool:
        """True if any parameter is bound."""
        return bool(self._after) or (self.share < 1 and bool(self._before))

    @property
    def watches_camera(self) -> bool:
        """True if a parameter is bound to the camera's movement."""
        bound = (*self._after.values(), *(self._before.values() if self.share < 1 else ()))
        return any(isinstance(binding.source, CameraMovement) for binding in bound)

    def fade(self, before: Bindings, after: Bindings, share: float) -> None:
        """Let bindings take effect by 1 − `share`, and others by `share`."""
        self._before, self._after, self.share = before, after, share

    def free(self, names: Collection[str]) -> None:
        """End the modulation of parameters."""
        self._before, self._after = without(self._before, names), without(self._after, names)

    def offsets(self, moment: Moment) -> dict[str, float]:
        """Return the distance of each bound parameter, by its name."""
        offsets = {name: binding.at(moment) * self.share for name, binding in self._after.items()}
        if self.share < 1:
            for name, binding in self._before.items():
                offsets[name] = offsets.get(name, 0.0) + binding.at(moment) * (1 - self.share)
        return offsets


def without(bindings: Bindings, names: Collection[str]) -> Bindings:
    """Return the bindings of all other parameters."""
    return {name: binding for name, binding in bindings.items() if name not in names}
