"""The two kinds of control: an action is done, a parameter is set."""

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from live.reading.values import quoted

Value: TypeAlias = float | bool | None
"""A parameter's value, an action's number, or a toggle's state (None: the other one)."""
Kind = Literal["trigger", "toggle", "number", "fader"]
Group = Literal[
    "Continuation", "Models", "Time", "Camera", "Feedback", "Grading", "Presets and MIDI", "Outputs", "Window"
]
CTRL, ALT, SHIFT = "ctrl+", "alt+", "shift+"
"""Beginnings of the names of keys, in this order."""
ARROWS = ("left", "right", "up", "down")
# With Ctrl, a key moves a parameter by this share of a step.
FINE = 0.1


@dataclass(frozen=True)
class Rate:
    """Limit on how often something is done."""

    burst: int
    """Number of times that are possible at once after a pause."""
    per_second: float
    """Number of times a second in the long run."""


@dataclass(frozen=True)
class Action:
    """Something that can be done while the show runs."""

    name: str
    """The OSC address without its slash."""
    group: Group
    """The section of docs/controls.md."""
    keys: tuple[str, ...]
    """Names as `StageWindow.poll` returns them."""
    label: str
    """The keys as the help shows them."""
    help: str
    kind: Kind = "trigger"
    """trigger: is done; toggle: is on or off; number: is done with the number of the key; fader: is done with a number
    of its range, or the position of a knob."""
    rate: Rate = Rate(10, 10)
    """Limit on how often it is done, for keys and for messages apart."""
    asks: bool = False
    """True if a key must be pressed twice for it."""
    local_only: bool = False
    """True if another machine may not do it unless --osc-all allows it."""
    quantized: bool = False
    """True if --quantize lets it wait for the next beat or bar."""
    high: int = 9
    """Highest number, of a number or fader."""
    low: int = 1
    """Lowest number, of a number or fader."""

    @property
    def type(self) -> str:
        """Kind of value that OSC may send, for people."""
        return self.kind

    @property
    def is_continuous(self) -> bool:
        """True if a knob moves it and a button does not."""
        return self.kind == "fader"

    @property
    def meaning(self) -> str:
        """Effect of the action, and whether another machine may have it."""
        return f"{self.help}; from another machine only with --osc-all" if self.local_only else self.help

    @property
    def range(self) -> str:
        """The values that OSC may send, for people."""
        numbers = f"{self.low}…{self.high}"
        return {"trigger": "none or 1", "toggle": "none, 0 or 1", "number": numbers, "fader": numbers}[self.kind]

    def key_value(self, key: str) -> Value:
        """Return what a key asks for, as the action's handler takes it."""
        return int(key.removeprefix(ALT).removeprefix(SHIFT).strip("[]f")) if self.kind == "number" else None

    def at(self, share: float) -> float:
        """Return the value of a fader at the position `share`, 0…1, of a knob."""
        return self.low + (self.high - self.low) * share

    def share(self, value: float) -> float:
        """Return the position, 0…1, of a knob that stands at a fader's value, or at the end nearest to it."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def numbered_name(self, value: Value) -> str:
        """Return the name, with the number if the action has one."""
        return f"{self.name} {value}" if self.kind == "number" else self.name

    def read(self, arguments: Sequence[object]) -> Value:
        """Return what an OSC message with these arguments asks for.

        Args:
            arguments: Values as OSC delivers them.

        Returns:
            For a trigger True, or False if a button was released; for the others, the value for the handler.

        Raises:
            ValueError: The arguments do not have the action's type and range.
        """
        if not arguments and self.kind in ("trigger", "toggle"):
            return True if self.kind == "trigger" else None
        number = _one_number(arguments, booleans=self.kind in ("trigger", "toggle"))
        if self.kind == "fader":
            return min(max(number, float(self.low)), float(self.high))
        if self.kind == "number":
            if not (number.is_integer() and self.low <= number <= self.high):
                raise ValueError(f"{number:g} is not one of {self.range}")
            return int(number)
        if number not in (0, 1):
            raise ValueError(f"{number:g} is neither 0 nor 1")
        return bool(number)


@dataclass(frozen=True)
class Parameter:
    """A number, or one of some choices, that can be set while the show runs."""

    name: str
    """The OSC address without its slash, the option and the key in a preset."""
    group: Group
    """The section of docs/controls.md."""
    needs: str | None
    """Input of the graph without which it has no effect, or "models" for more than one model; None if it always has
    one."""
    low: float
    high: float
    default: float
    meaning: str
    """Meaning of the number, with its unit."""
    choices: tuple[str, ...] = ()
    """Names of the values 0, 1, 2, … of a parameter that has no others; empty for a number."""
    steps: tuple[float, ...] = ()
    """Values at which the keys stop, ascending."""
    less: tuple[str, ...] = ()
    """Keys that lower it, named as `StageWindow.poll` returns them."""
    more: tuple[str, ...] = ()
    """Keys that raise it."""
    label: str = ""
    """The keys as the help shows them; empty if there are none."""
    help: str = ""
    """Effect of the keys; empty if there are none."""

    @property
    def is_continuous(self) -> bool:
        """True: a knob moves it, and a button does not."""
        return True

    @property
    def type(self) -> str:
        """Kind of value that OSC may send, for people."""
        return "choice" if self.choices else "float"

    @property
    def range(self) -> str:
        """The values that OSC may send, for people."""
        if self.choices:
            return ", ".join(f"{number} {name}" for number, name in enumerate(self.choices))
        return f"{self.low:g}…{self.high:g}"

    def read(self, arguments: Sequence[object]) -> float:
        """Return the value that a message with these arguments asks for: a number, or the name of a choice.

        Raises:
            ValueError: The arguments are not exactly one value of the range.
        """
        if self.choices and len(arguments) == 1 and isinstance(arguments[0], str):
            if arguments[0] not in self.choices:
                raise ValueError(f"{quoted(arguments[0])} is not one of {', '.join(self.choices)}")
            return float(self.choices.index(arguments[0]))
        value = _one_number(arguments, booleans=False)
        if not self.low <= value <= self.high:
            raise ValueError(f"{value:g} is not between {self.low:g} and {self.high:g}")
        if self.choices and not value.is_integer():
            raise ValueError(f"{value:g} is not one of {self.range}")
        return value

    def read_clamped(self, arguments: Sequence[object]) -> float:
        """Return the value of the range that is nearest to the one that a message with these arguments asks for.

        Raises:
            ValueError: The arguments are not exactly one finite number.
        """
        return self._whole(min(max(_one_number(arguments, booleans=False), self.low), self.high))

    def text(self, value: float) -> str:
        """Return a value in the fewest digits that differ from its neighbours', or the name of a choice."""
        return self.choices[round(value)] if self.choices else f"{value:.7g}"

    @property
    def reset_keys(self) -> tuple[str, ...]:
        """Keys that set it to its default: Shift with one of its letters or arrows."""
        names = ((key, key.removeprefix(ALT)) for key in (*self.less, *self.more))
        return tuple(
            key.removesuffix(name) + SHIFT + name
            for key, name in names
            if name in ARROWS or (len(name) == 1 and name.isalpha())
        )

    def next_step(self, value: float, direction: int, *, fine: bool = False) -> float:
        """Return the value after a key for less (`direction` −1) or more (+1) is pressed at `value`.

        A number stops at its ends; behind the last choice comes the first. `fine` moves a number by a tenth of the step
        that it would take.
        """
        if self.choices:
            return (value + direction) % len(self.choices)
        beyond = [step for step in self.steps if (step - value) * direction > 1e-9]
        if not beyond:
            return value
        nearest = min(beyond) if direction > 0 else max(beyond)
        if not fine:
            return nearest
        before = max(
            (step for step in self.steps if (step - nearest) * direction < -1e-9), key=lambda step: step * direction
        )
        moved = round(value + (nearest - before) * FINE, 6)
        return min(moved, nearest) if direction > 0 else max(moved, nearest)

    def at(self, share: float) -> float:
        """Return the value of a knob at the position `share`, 0…1.

        The knob's middle is the default, so that it is easily found again. A default at an end of the range lies at
        that end.
        """
        middle = self.default if self.low < self.default < self.high else (self.low + self.high) / 2
        if share < 0.5:
            return self._whole(self.low + (middle - self.low) * 2 * share)
        return self._whole(middle + (self.high - middle) * (2 * share - 1))

    def share(self, value: float) -> float:
        """Return the position, 0…1, of a knob that stands at a value: the inverse of `at`."""
        middle = self.default if self.low < self.default < self.high else (self.low + self.high) / 2
        if value < middle:
            return 0.5 * (value - self.low) / (middle - self.low)
        return 0.5 + 0.5 * (value - middle) / (self.high - middle)

    def _whole(self, value: float) -> float:
        return float(round(value)) if self.choices else value


def steps(low: float, high: float, step: float) -> tuple[float, ...]:
    """Return the values from `low` to `high` at which the keys of a parameter stop."""
    # Each is computed from whole numbers, so that 0.3 is 0.3.
    return tuple(round(number * step, 6) for number in range(round(low / step), round(high / step) + 1))


Control: TypeAlias = Action | Parameter


def _one_number(arguments: Sequence[object], *, booleans: bool) -> float:
    if len(arguments) == 1:
        (value,) = arguments
        # In Python True is a number too; TOML's have any size.
        if isinstance(value, (int, float)) and (booleans or not isinstance(value, bool)):
            with contextlib.suppress(OverflowError):
                if math.isfinite(value):
                    return float(value)
    raise ValueError(f"{list(arguments)} is not one number")
