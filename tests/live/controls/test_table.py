"""The table of controls: its keys, and what messages may ask for."""

import math
from collections import Counter

import pytest

from live.controls.control import Action, Parameter, Value
from live.controls.table import ACTIONS, CONTROLS, HELP, PARAMETERS

KEYS = [
    *(key for action in ACTIONS for key in action.keys),
    *(key for parameter in PARAMETERS for key in (*parameter.less, *parameter.more, *parameter.reset_keys)),
]


def test_no_key_is_given_twice() -> None:
    assert [key for key, count in Counter(KEYS).items() if count > 1] == []


def test_the_help_names_every_control_with_its_keys() -> None:
    keys_of = {
        control.help: control.keys if isinstance(control, Action) else (*control.less, *control.more)
        for control in CONTROLS.values()
    }
    rows = [row for _, section in HELP for row in section if not row[0].startswith(("Ctrl + key", "Shift + letter"))]
    assert sorted(text for _, text in rows) == sorted(text for text, keys in keys_of.items() if keys)
    named = {"escape": "Esc", "-": "−", "return": "Enter"}
    for label, text in rows:
        keys = keys_of[text]
        for key in keys:
            if "[" not in key and key != "=" and key not in "2345678" and key[-1] not in "2345678":
                key = key.removeprefix("shift+").removeprefix("alt+")
                assert named.get(key, key).lower() in label.lower(), key
        for word in ("Shift", "Alt"):
            assert (word in label) == any(key.startswith(word.lower()) for key in keys)


def test_the_key_names_are_pygames() -> None:
    import pygame

    names = {pygame.key.name(getattr(pygame, name)) for name in dir(pygame) if name.startswith("K_")}
    assert {key.removeprefix("alt+").removeprefix("shift+") for key in KEYS} <= names


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("quit", [], True),
        ("quit", [1.0], True),
        ("quit", [0], False),
        ("blackout", [], None),
        ("blackout", [0], False),
        ("blackout", [True], True),
        ("recall", [3], 3),
        ("recall", [9.0], 9),
        ("shot", [9], 9),
        ("seed", [0], 0),
        ("seed", [2**32 - 1], 2**32 - 1),
        ("crossfade", [0.25], 0.25),
        ("crossfade", [3], 1.0),
        ("crossfade", [-1], 0.0),
        ("tempo", [128.5], 128.5),
        ("tempo", [999], 300.0),
        ("tempo", [0], 20.0),
        ("zoom", [0.5], 0.5),
        ("zoom", [-2], -2.0),
        ("feedback_blend", ["difference"], 2.0),
        ("feedback_blend", [1], 1.0),
    ],
)
def test_what_a_message_asks_for(name: str, arguments: list[object], value: Value) -> None:
    read = CONTROLS[name].read(arguments)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *(("zoom", arguments) for arguments in ([], [4.01], [math.nan], [-math.inf], ["1"], [True], [None], [1, 1])),
        *(("recall", arguments) for arguments in ([], [0], [10], [1.5], [math.nan], [True], ["3"])),
        *(("seed", arguments) for arguments in ([], [-1], [2**32], [1.5], [math.nan])),
        *(("crossfade", arguments) for arguments in ([], [math.nan], [True], ["1"])),
        *(("blackout", arguments) for arguments in ([2], [-1], [0.5], [math.nan], ["on"], [1, 0], [None])),
        *(("quit", arguments) for arguments in ([2], ["now"], [[1]], [b"1"])),
        ("temperature", [10**400]),
    ],
)
def test_what_no_message_may_ask_for(name: str, arguments: list[object]) -> None:
    with pytest.raises(ValueError, match=r"is not|is neither"):
        CONTROLS[name].read(arguments)


def test_a_knobs_middle_is_the_default_and_its_ends_are_the_ranges() -> None:
    for parameter in PARAMETERS:
        inside = parameter.low < parameter.default < parameter.high
        assert parameter.at(0) == parameter.low
        if not parameter.choices:
            assert parameter.at(0.5) == (parameter.default if inside else (parameter.low + parameter.high) / 2)
        assert parameter.at(1) == parameter.high
        values = [parameter.at(position / 100) for position in range(101)]
        assert values == sorted(values)
        if parameter.choices:
            assert set(values) == set(range(len(parameter.choices)))


def test_a_number_between_choices_is_the_nearest_one() -> None:
    blend = CONTROLS["feedback_blend"]
    assert isinstance(blend, Parameter)
    assert [blend.read_clamped([value]) for value in (-5, 0.4, 0.6, 99.0)] == [0, 0, 1, 2]
    assert [blend.text(value) for value in (0.0, 1.0, 2.0)] == ["over", "lighten", "difference"]


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_a_knobs_position_and_its_value_belong_together(parameter: Parameter) -> None:
    for value in (parameter.low, parameter.default, parameter.high):
        assert parameter.at(parameter.share(value)) == pytest.approx(value)
    assert (parameter.share(parameter.low), parameter.share(parameter.high)) == (0, 1)
