"""The present value of every parameter, set at once or gliding to a preset."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from live.controls.control import Group
from live.controls.table import CHOICES, DEFAULTS, PARAMETERS


@dataclass
class _Glide:
    starts: dict[str, float]
    goals: dict[str, float]
    seconds: float
    elapsed: float = 0.0


class Parameters:
    """Values of the table's parameters, by name. They begin at its defaults.

    While a show plays, only the player's thread changes them, between two frames. Any thread may read them.

    Args:
        apply: Hands the values to the parts of the show that use them. It is called at once, and after every change.
        given: Values that replace defaults.
        unused: Names of parameters that have no effect with the present model. They can be set all the same.
    """

    def __init__(
        self,
        apply: Callable[[Mapping[str, float]], None],
        given: Mapping[str, float] | None = None,
        *,
        unused: Collection[str] = (),
    ) -> None:
        self.unused = unused
        self._apply = apply
        self._values = {**DEFAULTS, **(given or {})}
        self._glide: _Glide | None = None
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

    def set(self, values: Mapping[str, float]) -> None:
        """Set parameters at once. They leave a glide that is under way."""
        self.changes += 1
        self._set_at.update(dict.fromkeys(values, self.changes))
        if self._glide:
            for name in values:
                self._glide.goals.pop(name, None)
        self._change(values)

    def recall(self, values: Mapping[str, float], glide: float, *, since: int | None = None) -> None:
        """Bring parameters to `values` over `glide` seconds, at once if that is 0. An earlier glide ends.

        Choices change at once. Parameters that were set after `changes` was `since` keep their values.
        """
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
            self._change(glide.goals)
            return
        # Smoothstep: the glide begins and ends at rest.
        share = share * share * (3 - 2 * share)
        starts = glide.starts
        self._change({name: starts[name] + (goal - starts[name]) * share for name, goal in glide.goals.items()})

    def _change(self, values: Mapping[str, float]) -> None:
        self._values.update(values)
        self._apply(self._values)
