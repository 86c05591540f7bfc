"""The one table of what hands can do while the show runs: keys, OSC addresses, ranges and what the help says.

An action is done, a parameter is turned. The help, `--list-controls`, the options of the command line, the keys, OSC
and MIDI are all made from this table.
"""

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from live.controls.pending import Value

Kind = Literal["trigger", "toggle", "number"]
SHIFT = "shift+"
DIGITS = tuple("123456789")


def _steps(low: float, high: float, step: float) -> tuple[float, ...]:
    # Each from whole numbers, so that 0.3 is 0.3.
    return tuple(round(number * step, 6) for number in range(round(low / step), round(high / step) + 1))


@dataclass(frozen=True)
class Action:
    """Something that can be done while the show runs."""

    name: str
    """Its OSC address without the slash."""
    keys: tuple[str, ...]
    """As `StageWindow.poll` names them."""
    label: str
    """The keys as the help shows them."""
    help: str
    kind: Kind = "trigger"
    """trigger: is done; toggle: is on or off; number: is done with the number of the key, 1…9."""
    uses_files: bool = False
    """It reads or writes a file, so OSC and MIDI may not ask for it as often as they like."""

    @property
    def type(self) -> str:
        """What OSC may send, for people."""
        return self.kind

    @property
    def meaning(self) -> str:
        """What it does."""
        return self.help

    @property
    def range(self) -> str:
        """What OSC may send, for people."""
        return {"trigger": "none or 1", "toggle": "none, 0 or 1", "number": "1…9"}[self.kind]

    def key_value(self, key: str) -> Value:
        """What the key asks for, as the action's handler takes it."""
        return int(key.removeprefix(SHIFT)) if self.kind == "number" else None

    def named(self, value: Value) -> str:
        """Its name, and the number if it has one."""
        return f"{self.name} {value}" if self.kind == "number" else self.name

    def read(self, arguments: Sequence[object]) -> Value:
        """What a message with these arguments asks for: True, or what the handler takes; False is a button let go.

        Raises `ValueError` if they are not of the action's type and range.
        """
        if not arguments and self.kind != "number":
            return True if self.kind == "trigger" else None
        number = _one_number(arguments, booleans=self.kind != "number")
        if self.kind == "number":
            if number not in range(1, 10):
                raise ValueError(f"{number:g} is not one of 1…9")
            return int(number)
        if number not in (0, 1):
            raise ValueError(f"{number:g} is neither 0 nor 1")
        return bool(number)


@dataclass(frozen=True)
class Parameter:
    """Something that can be turned while the show runs."""

    name: str
    """Its OSC address without the slash, its option and its key in a preset."""
    low: float
    high: float
    default: float
    steps: tuple[float, ...]
    """Where the keys stop, ascending."""
    less: tuple[str, ...]
    more: tuple[str, ...]
    """Keys, as `StageWindow.poll` names them."""
    label: str
    """The keys as the help shows them."""
    help: str
    meaning: str
    """What the number means, with its unit."""

    @property
    def type(self) -> str:
        """What OSC may send, for people."""
        return "float"

    @property
    def range(self) -> str:
        """What OSC may send, for people."""
        return f"{self.low:g}…{self.high:g}"

    def check(self, value: float) -> float:
        """`value`, if it lies in the range; else raises `ValueError`. Not a number lies in no range."""
        if not self.low <= value <= self.high:
            raise ValueError(f"{value:g} is not between {self.low:g} and {self.high:g}")
        return value

    def read(self, arguments: Sequence[object]) -> float:
        """The value that a message with these arguments asks for.

        Raises `ValueError` if they are not one number in the range.
        """
        return self.check(_one_number(arguments, booleans=False))

    def next_step(self, value: float, direction: int) -> float:
        """Where a key for less (`direction` −1) or more (+1) leads from `value`."""
        beyond = [step for step in self.steps if (step - value) * direction > 1e-9]
        if not beyond:
            return value
        return min(beyond) if direction > 0 else max(beyond)

    def at(self, share: float) -> float:
        """The value of a knob turned to `share`, 0…1: its middle is the default, so that a knob finds back to it.

        A default at an end of the range is found there.
        """
        middle = self.default if self.low < self.default < self.high else (self.low + self.high) / 2
        if share < 0.5:
            return self.low + (middle - self.low) * 2 * share
        return middle + (self.high - middle) * (2 * share - 1)


def _one_number(arguments: Sequence[object], *, booleans: bool) -> float:
    if len(arguments) == 1:
        (value,) = arguments
        # In Python True is a number too; TOML's have any size.
        if isinstance(value, (int, float)) and (booleans or not isinstance(value, bool)):
            with contextlib.suppress(OverflowError):
                if math.isfinite(value):
                    return float(value)
    raise ValueError(f"{list(arguments)} is not one number")


ACTIONS = (
    Action("reseed_from_end", ("r",), "R", "go on from the last film frame"),
    Action("reseed_from_tail", ("t",), "T", "go on from a random moment of the tail"),
    Action("reseed_from_camera", ("c",), "C", "go on from what the camera sees"),
    Action("mode", ("m",), "M", "follow the camera, or the film alone", "toggle"),
    Action("mirror", ("x",), "X", "mirror the camera", "toggle"),
    Action("freeze", ("space",), "Space", "freeze the picture, go on", "toggle"),
    Action("single_step", (".", "n"), ". or N", "one frame, then freeze"),
    Action("guard", ("g",), "G", "bring a dream that dies back to the film, or not", "toggle"),
    Action("blackout", ("b",), "B", "black, while the dream goes on", "toggle"),
    Action("recall", DIGITS, "1 … 9", "recall a preset", "number", uses_files=True),
    Action(
        "store", tuple(SHIFT + digit for digit in DIGITS), "Shift + 1 … 9", "store a preset", "number", uses_files=True
    ),
    Action("other_preset", ("a",), "A", "back and forth between the last two presets", uses_files=True),
    Action("learn", ("l",), "L", "learn: the next control and the next MIDI knob", "toggle"),
    Action("snapshot", ("s",), "S", "save the picture as a PNG", uses_files=True),
    Action("record", ("v",), "V", "start or stop recording", uses_files=True),
    Action("hud", ("i", "tab"), "I or Tab", "rates and delays", "toggle"),
    Action("help", ("h",), "H", "this help", "toggle"),
    Action("fullscreen", ("f11",), "F11", "fullscreen, window"),
    Action("quit", ("q", "escape"), "Q or Esc", "quit"),
)

PARAMETERS = (
    Parameter(
        name="temperature",
        low=0.0,
        high=2.0,
        default=1.0,
        steps=_steps(0, 2, 0.1),
        less=("down",),
        more=("up",),
        label="Arrow down, Arrow up",
        help="less, more chance (temperature)",
        meaning="how much chance enters each step: 0 none, 1 as trained",
    ),
    Parameter(
        name="speed",
        low=0.25,
        high=4.0,
        default=1.0,
        steps=(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0),
        less=("-", "[-]"),
        # Where + shares its key with =, nobody should need Shift; [+] and [-] are the number pad's.
        more=("+", "=", "[+]"),
        label="−, +",
        help="slower, faster",
        meaning="times the model's frame rate; in a window",
    ),
    Parameter(
        name="camera_mix",
        low=0.0,
        high=1.0,
        default=1.0,
        steps=_steps(0, 1, 0.1),
        less=("left",),
        more=("right",),
        label="Arrow left, Arrow right",
        help="follow the camera less, more closely",
        meaning="how closely the camera is followed: 0 not at all, 1 as closely as the model can",
    ),
    Parameter(
        name="zoom",
        low=-4.0,
        high=4.0,
        default=0.0,
        steps=_steps(-4, 4, 0.2),
        less=("d",),
        more=("f",),
        label="D, F",
        help="zoom out, in",
        meaning="feedback: doublings of the picture's size in a second",
    ),
    Parameter(
        name="rotation",
        low=-360.0,
        high=360.0,
        default=0.0,
        steps=_steps(-360, 360, 10),
        less=("j",),
        more=("k",),
        label="J, K",
        help="turn to the left, to the right",
        meaning="feedback: degrees in a second, clockwise",
    ),
    Parameter(
        name="shift_x",
        low=-1.0,
        high=1.0,
        default=0.0,
        steps=_steps(-1, 1, 0.05),
        less=("shift+left",),
        more=("shift+right",),
        label="Shift + Arrow left, right",
        help="shift to the left, to the right",
        meaning="feedback: widths of the picture in a second, to the right",
    ),
    Parameter(
        name="shift_y",
        low=-1.0,
        high=1.0,
        default=0.0,
        steps=_steps(-1, 1, 0.05),
        less=("shift+up",),
        more=("shift+down",),
        label="Shift + Arrow up, down",
        help="shift up, down",
        meaning="feedback: heights of the picture in a second, downwards",
    ),
    Parameter(
        name="hue_drift",
        low=-360.0,
        high=360.0,
        default=0.0,
        steps=_steps(-360, 360, 10),
        less=("o",),
        more=("p",),
        label="O, P",
        help="colours drift: red to blue, red to green",
        meaning="feedback: degrees of the colour circle in a second, red to green to blue",
    ),
    Parameter(
        name="contrast_drift",
        low=-4.0,
        high=4.0,
        default=0.0,
        steps=_steps(-4, 4, 0.2),
        less=("shift+o",),
        more=("shift+p",),
        label="Shift + O, P",
        help="contrast fades, grows",
        meaning="feedback: doublings of the contrast around mid grey in a second",
    ),
    Parameter(
        name="camera_blend",
        low=0.0,
        high=1.0,
        default=0.0,
        steps=_steps(0, 1, 0.1),
        less=("w",),
        more=("e",),
        label="W, E",
        help="less, more of the camera in the picture",
        meaning="feedback: the share of the picture that is the camera's after a second",
    ),
)

Control: TypeAlias = Action | Parameter
CONTROLS: Mapping[str, Control] = {control.name: control for control in (*ACTIONS, *PARAMETERS)}

HELP = tuple((control.label, control.help) for control in CONTROLS.values())
"""The help, as rows of keys and meaning."""


def list_controls() -> str:
    """The whole table as text, one control a line: name, keys, OSC address, type, range and meaning."""
    rows = [
        ("name", "keys", "OSC", "type", "range", "meaning"),
        *(
            (name, control.label, f"/{name}", control.type, control.range, control.meaning)
            for name, control in CONTROLS.items()
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join((*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[-1])) for row in rows
    )
