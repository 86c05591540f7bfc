"""The present value of every parameter, turned by hand or gliding to a preset."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass
class _Glide:
    starts: dict[str, float]
    goals: dict[str, float]
    seconds: float
    elapsed: float = 0.0


class Parameters:
    """Parameters by name. Each lives where it works: `owners` says whose attribute of that name it is.

    `idle` are the names of those that change nothing with the model that plays; they can be turned all the same.
    Everything here is for the thread that makes the frames; any thread may read values.
    """

    def __init__(self, owners: Mapping[str, object], idle: Collection[str] = ()) -> None:
        self.idle = idle
        self._owners = owners
        self._glide: _Glide | None = None

    def __getitem__(self, name: str) -> float:
        return getattr(self._owners[name], name)

    def values(self) -> dict[str, float]:
        """All of them, by name."""
        return {name: self[name] for name in self._owners}

    def turn(self, values: Mapping[str, float]) -> None:
        """Set parameters by hand, at once. They leave a glide that they are in."""
        for name, value in values.items():
            setattr(self._owners[name], name, value)
            if self._glide:
                self._glide.goals.pop(name, None)

    def recall(self, values: Mapping[str, float], glide: float) -> None:
        """Bring parameters to `values` over `glide` seconds, at once if that is 0. Ends a glide that is going on."""
        self._glide = None
        if glide:
            self._glide = _Glide({name: self[name] for name in values}, dict(values), glide)
        else:
            self.turn(values)

    def advance(self, seconds: float) -> None:
        """Let a glide go on by so many seconds. Where it is depends on the time alone, not on how it was divided."""
        if self._glide is None:
            return
        glide = self._glide
        glide.elapsed += seconds
        share = glide.elapsed / glide.seconds
        if share >= 1:
            self._glide = None
            self.turn(glide.goals)
            return
        # Smoothstep: it begins and ends at rest.
        share = share * share * (3 - 2 * share)
        for name, goal in glide.goals.items():
            start = glide.starts[name]
            setattr(self._owners[name], name, start + (goal - start) * share)
