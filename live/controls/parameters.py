"""The present value of every parameter: set at once or gliding to a preset, and modulated around that."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from live.controls.control import Group
from live.controls.table import CHOICES, DEFAULTS, PARAMETERS
from live.modulation.binding import Binding, Bindings
from live.modulation.modulation import Modulation, without
from live.modulation.source import Moment

_RANGES = {parameter.name: (parameter.low, parameter.high) for parameter in PARAMETERS}


@dataclass
class _Glide:
    starts: dict[str, float]
    goals: dict[str, float]
    seconds: float
    elapsed: float = 0.0
    fades_modulation: bool = True


class Parameters:
    """Values of the table's parameters, by name. They begin at its defaults.

    Everything here reads and sets the values that the hand gave, or a preset. A modulation moves the present values
    around them, within each parameter's range.

    While a show plays, only the player's thread changes them, between two frames. Any thread may read them.

    Args:
        apply: Hands the present values to the parts of the show that use them. It is called at once, and after every
            change.
        given: Values that replace defaults.
        unused: Names of parameters that have no effect with the present model. They can be set all the same.
        modulation: Bindings of parameters to sources.
    """

    def __init__(
        self,
        apply: Callable[[Mapping[str, float]], None],
        given: Mapping[str, float] | None = None,
        *,
        unused: Collection[str] = (),
        modulation: Bindings | None = None,
    ) -> None:
        self.unused = unused
        self._apply = apply
        self._values = {**DEFAULTS, **(given or {})}
        self._glide: _Glide | None = None
        self._modulation = Modulation(modulation or {})
        self._offsets: dict[str, float] = {}
        self._set_at: dict[str, int] = {}
        self.changes = 0
        """Number of times that parameters were set."""
        apply(self._values)

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def values(self) -> dict[str, float]:
        """Return a copy of all values, by name."""
        return dict(self._values)

    def changed(self, group: Group) -> dict[str, float | str]:
        """Return the parameters of a group that have an effect and are not at their default: names and values.

        The values of choices are their names.
        """
        return {
            each.name: each.text(self[each.name]) if each.choices else self[each.name]
            for each in PARAMETERS
            if each.group == group and each.name not in self.unused and self[each.name] != each.default
        }

    @property
    def bindings(self) -> Bindings:
        """Bindings of parameters to sources."""
        return self._modulation.bindings

    def modulated(self) -> dict[str, tuple[Binding, float]]:
        """Return the binding and the present value of each parameter that is modulated, by its name."""
        offsets = self._offsets
        return {name: (binding, self._moved(name, offsets.get(name, 0.0))) for name, binding in self.bindings.items()}

    def set(self, values: Mapping[str, float]) -> None:
        """Set parameters at once. They leave a glide that is under way."""
        self.changes += 1
        self._set_at.update(dict.fromkeys(values, self.changes))
        if self._glide:
            for name in values:
                self._glide.goals.pop(name, None)
        self._change(values)

    def reset(self, names: Collection[str] = DEFAULTS.keys()) -> None:
        """Set parameters to their defaults, and end their modulation."""
        self._modulation.free(names)
        self._offsets = {name: offset for name, offset in self._offsets.items() if name not in names}
        self.set({name: DEFAULTS[name] for name in names})

    def recall(
        self, values: Mapping[str, float], glide: float, *, modulation: Bindings | None = None, since: int | None = None
    ) -> None:
        """Bring parameters to `values` over `glide` seconds, at once if that is 0. An earlier glide ends.

        Choices change at once. Parameters that were set after `changes` was `since` keep their values. All of `values`
        and of `modulation` have the modulation that is given here, or none; others keep theirs.
        """
        before, given = self.bindings, modulation or {}
        after = {**without(before, values.keys()), **given}
        self._modulation.fade(before, after, 0.0 if glide else 1.0)
        if since is not None:
            values = {name: value for name, value in values.items() if self._set_at.get(name, 0) <= since}
        self._glide = None
        if glide:
            gliding = {name: value for name, value in values.items() if name not in CHOICES}
            self._glide = _Glide({name: self[name] for name in gliding}, gliding, glide)
            values = {name: value for name, value in values.items() if name in CHOICES}
        self._change(values)

    def advance(self, seconds: float) -> None:
        """Continue a glide by some seconds. The values depend on the total time alone, not on how it was divided."""
        if self._glide is None:
            return
        glide = self._glide
        glide.elapsed += seconds
        share = glide.elapsed / glide.seconds
        if share >= 1:
            self._glide = None
            if glide.fades_modulation:
                self._modulation.share = 1.0
            self._change(glide.goals)
            return
        # Smoothstep: the glide begins and ends at rest.
        share = share * share * (3 - 2 * share)
        if glide.fades_modulation:
            self._modulation.share = share
        starts = glide.starts
        self._change({name: starts[name] + (goal - starts[name]) * share for name, goal in glide.goals.items()})

    def crossfade(self, values: Mapping[str, float], before: Bindings, after: Bindings, share: float) -> None:
        """Set parameters at once to `values`, and let their modulation be between two others.

        Args:
            values: Values of the parameters.
            before: Bindings at 0. Those of parameters that are not among `values` are left out, here and in `after`.
            after: Bindings at 1.
            share: 0…1.
        """
        kept = without(self.bindings, values.keys())
        before = {name: binding for name, binding in before.items() if name in values}
        after = {name: binding for name, binding in after.items() if name in values}
        self._modulation.fade({**kept, **before}, {**kept, **after}, share)
        if self._glide:
            self._glide.fades_modulation = False
        self.set(values)

    @property
    def modulates(self) -> bool:
        """True if `modulate` is to be called before each frame."""
        return self._modulation.active or bool(self._offsets)

    @property
    def watches_camera(self) -> bool:
        """True if a parameter is bound to the camera's movement."""
        return self._modulation.watches_camera

    def modulate(self, moment: Moment) -> None:
        """Move the bound parameters to where they are at a moment."""
        self._offsets = self._modulation.offsets(moment)
        self.apply()

    def apply(self) -> None:
        """Hand the present values on once more: a part that uses them is new."""
        self._change({})

    def _moved(self, name: str, offset: float) -> float:
        low, high = _RANGES[name]
        return min(max(self._values[name] + offset, low), high)

    def _change(self, values: Mapping[str, float]) -> None:
        self._values.update(values)
        moved = {name: self._moved(name, offset) for name, offset in self._offsets.items()}
        self._apply({**self._values, **moved} if moved else self._values)
