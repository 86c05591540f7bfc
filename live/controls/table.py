"""The one table of controls: keys, OSC addresses, ranges, defaults and what the help says.

The help, `--list-controls`, docs/controls.md, the options of the command line, keys, OSC, MIDI and presets are all made
from this table.
"""

from collections.abc import Mapping

from live.controls.control import ALT, SHIFT, Action, Control, Group, Parameter, Rate, steps
from live.controls.entries.feedback import FEEDBACK
from live.controls.entries.grading import GRADING
from live.tempo.beat import FASTEST_BPM, SLOWEST_BPM

DIGITS = tuple("123456789")
# pygame's names for the number pad.
PAD_DIGITS = tuple(f"[{digit}]" for digit in DIGITS)
MODEL_KEYS = tuple(f"f{digit}" for digit in DIGITS)
MOST_MODELS = len(MODEL_KEYS)
# A step may be asked for at the rate of an external clock.
CLOCKED = Rate(60, 60)
# Each preset once in a row; from disk, but in a thread of its own.
RECALLED = Rate(9, 4)
STORED = Rate(9, 1)
# Each makes a new file, and a recording starts an encoder.
FILED = Rate(4, 1)
RECORDED = Rate(4, 0.5)
# The window system takes long for it, and the show waits.
WINDOWED = Rate(2, 0.5)

ACTIONS = (
    Action("reseed_from_end", "Continuation", ("r",), "R", "continue from the last film frame", quantized=True),
    Action("reseed_from_tail", "Continuation", ("t",), "T", "continue from a random frame of the tail", quantized=True),
    Action("reseed_from_camera", "Continuation", ("c",), "C", "continue from what the camera sees", quantized=True),
    Action(
        "shot",
        "Continuation",
        tuple(ALT + digit for digit in DIGITS),
        "Alt + 1 … 9",
        "continue from the beginning of a shot of the tail",
        "number",
        rate=RECALLED,
        quantized=True,
    ),
    Action(
        "seed",
        "Continuation",
        (),
        "",
        "begin a new randomness, by its seed",
        "number",
        low=0,
        high=2**32 - 1,
        quantized=True,
    ),
    Action("model", "Models", MODEL_KEYS, "F1 … F9", "dissolve to a model", "number", rate=RECALLED, quantized=True),
    Action(
        "model_mix",
        "Models",
        (),
        "",
        "dissolve between the last two models: 0 the one before, 1 the one that was chosen last",
        "fader",
        rate=CLOCKED,
        low=0,
        high=1,
    ),
    Action("mode", "Camera", ("m",), "M", "follow the camera, or the film alone", "toggle"),
    Action("mirror", "Camera", ("x",), "X", "mirror the camera", "toggle"),
    Action("freeze", "Time", ("space",), "Space", "freeze the picture, continue", "toggle"),
    Action("single_step", "Time", (".", "n"), ". or N", "one frame, then freeze", rate=CLOCKED),
    Action("tap", "Time", ("return", "enter"), "Enter", "tap the tempo"),
    Action("tempo", "Time", (), "", "beats a minute", "fader", rate=CLOCKED, low=SLOWEST_BPM, high=FASTEST_BPM),
    Action("guard", "Continuation", ("g",), "G", "return a collapsed dream to the film, or not", "toggle"),
    Action("blackout", "Outputs", ("b",), "B", "black, while the dream goes on", "toggle"),
    Action("fade", "Outputs", ("shift+b",), "Shift + B", "fade to black in two seconds, and back", "toggle"),
    Action(
        "recall",
        "Presets and MIDI",
        DIGITS + PAD_DIGITS,
        "1 … 9",
        "recall a preset",
        "number",
        rate=RECALLED,
        quantized=True,
    ),
    Action(
        "store",
        "Presets and MIDI",
        tuple(SHIFT + digit for digit in DIGITS + PAD_DIGITS),
        "Shift + 1 … 9",
        "store a preset",
        "number",
        rate=STORED,
        local_only=True,
    ),
    Action(
        "other_preset",
        "Presets and MIDI",
        ("a",),
        "A",
        "switch between the last two presets",
        rate=RECALLED,
        quantized=True,
    ),
    Action(
        "crossfade",
        "Presets and MIDI",
        (),
        "",
        "fade between the last two presets: 0 the one before, 1 the one that was recalled last",
        "fader",
        rate=CLOCKED,
        low=0,
        high=1,
    ),
    Action("reset", "Presets and MIDI", ("0", "[0]"), "0", "set all parameters to their defaults"),
    Action("refresh", "Presets and MIDI", (), "", "send the state of everything to the surfaces that follow"),
    Action(
        "learn",
        "Presets and MIDI",
        ("l",),
        "L",
        "learn: pair the next control with the next MIDI knob",
        "toggle",
        local_only=True,
    ),
    Action("snapshot", "Outputs", ("s",), "S", "save the picture as a PNG", rate=FILED, local_only=True),
    Action("record", "Outputs", ("v",), "V", "start or stop recording", rate=RECORDED, local_only=True),
    Action(
        "hud",
        "Window",
        ("i", "tab"),
        "I or Tab",
        "show the parameters; the machine, too; nothing",
        "toggle",
    ),
    Action("help", "Window", ("h",), "H", "show the keys", "toggle"),
    Action("fullscreen", "Window", ("f11",), "F11", "fullscreen, window", rate=WINDOWED, local_only=True),
    Action(
        "leave",
        "Window",
        ("escape",),
        "Esc",
        "leave the help, learning, fullscreen; twice: the show",
        local_only=True,
    ),
    Action("quit", "Window", ("q",), "Q", "twice: quit", asks=True, local_only=True),
)

PARAMETERS = (
    Parameter(
        name="temperature",
        group="Continuation",
        needs="temperature",
        low=0.0,
        high=2.0,
        default=1.0,
        steps=steps(0, 2, 0.1),
        less=("down",),
        more=("up",),
        label="Arrow down, Arrow up",
        help="less, more randomness (temperature)",
        meaning="how much randomness enters each step: 0 none, 1 as in training",
    ),
    Parameter(
        name="model_fade",
        group="Models",
        needs="models",
        low=0.0,
        high=60.0,
        default=2.0,
        meaning="seconds of a dissolve to another model; at 0 it is a cut",
    ),
    Parameter(
        name="speed",
        group="Time",
        needs=None,
        low=0.25,
        high=4.0,
        default=1.0,
        steps=(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0),
        less=("-", "[-]"),
        # `=` is here so that + needs no Shift on keyboards where they share a key; [+] and [-] are the number pad's.
        more=("+", "=", "[+]"),
        label="−, +",
        help="slower, faster",
        meaning="multiple of the model's frame rate, in a window",
    ),
    Parameter(
        name="camera_mix",
        group="Camera",
        needs="camera_mix",
        low=0.0,
        high=1.0,
        default=1.0,
        steps=steps(0, 1, 0.1),
        less=("left",),
        more=("right",),
        label="Arrow left, Arrow right",
        help="follow the camera less, more closely",
        meaning="how closely the camera is followed: 0 not at all, 1 as closely as the model can",
    ),
    *FEEDBACK,
    *GRADING,
)

DEFAULTS: Mapping[str, float] = {parameter.name: parameter.default for parameter in PARAMETERS}
"""Initial value of every parameter. The parts that use a parameter begin with it, too."""

CHOICES = frozenset(parameter.name for parameter in PARAMETERS if parameter.choices)
"""Names of the parameters that have choices, and nothing between them."""

CONTROLS: Mapping[str, Control] = {control.name: control for control in (*ACTIONS, *PARAMETERS)}

SAFE_CONTROLS: Mapping[str, Control] = {
    name: control for name, control in CONTROLS.items() if not (isinstance(control, Action) and control.local_only)
}
"""The controls that other machines may move unless --osc-all allows all."""

_HELP_GROUPS: Mapping[str, tuple[Group, ...]] = {
    "the dream": ("Continuation", "Models", "Time", "Camera"),
    "the picture": ("Feedback", "Grading"),
    "the show": ("Presets and MIDI", "Outputs", "Window"),
}
_KEYS_OF_PARAMETERS = (
    ("Ctrl + key", "fine steps of a parameter"),
    ("Shift + letter, arrow", "set one parameter to its default"),
)

HELP = tuple(
    (
        title,
        (
            *(
                (control.label, control.help)
                for group in groups
                for control in CONTROLS.values()
                if control.group == group and control.label
            ),
            *(_KEYS_OF_PARAMETERS if "Window" in groups else ()),
        ),
    )
    for title, groups in _HELP_GROUPS.items()
)
"""The help, as sections: titles, and rows of keys and meaning. Controls without keys have none."""
