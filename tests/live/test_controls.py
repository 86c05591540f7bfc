import math
from collections import Counter
from types import SimpleNamespace

import pytest

from live.controls import ACTIONS, CONTROLS, HELP, PARAMETERS, Controls, list_controls
from live.parameters import Parameters
from live.wishes import Wishes

KEYS = [
    *(key for action in ACTIONS for key in action.keys),
    *(key for parameter in PARAMETERS for key in (*parameter.less, *parameter.more)),
]


class Desk:
    """Controls whose actions are written down and whose parameters live in one namespace."""

    def __init__(self) -> None:
        self.done: list[tuple] = []
        self.touched: list[str] = []
        self.learning = False
        self.now = 0.0
        self.turned = SimpleNamespace(**{parameter.name: parameter.default for parameter in PARAMETERS})
        handlers = {
            action.name: lambda *value, name=action.name: self.done.append((name, *value)) for action in ACTIONS
        }
        self.controls = Controls(
            handlers,
            Parameters({parameter.name: self.turned for parameter in PARAMETERS}),
            do=lambda wish: wish(),
            learning=lambda: self.learning,
            touch=self.touched.append,
            now=lambda: self.now,
        )


def test_every_key_does_what_the_table_says_and_no_other_key_does_anything():
    desk = Desk()
    for action in ACTIONS:
        for number, key in enumerate(action.keys, start=1):
            desk.done.clear()
            desk.controls.press(key)
            value = {"trigger": (), "toggle": (None,), "number": (number,)}[action.kind]
            assert desk.done == [(action.name, *value)], key
    desk.done.clear()
    before = dict(vars(desk.turned))
    for key in ("z", "f12", "left shift", "", "0", "shift+0"):
        desk.controls.press(key)
    assert desk.done == []
    assert vars(desk.turned) == before


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_the_keys_of_a_parameter_go_through_its_steps_and_stop_at_its_ends(parameter):
    desk = Desk()

    def value() -> float:
        return getattr(desk.turned, parameter.name)

    for keys, direction, end in [(parameter.more, +1, parameter.high), (parameter.less, -1, parameter.low)]:
        for key in keys:
            inside = parameter.steps[len(parameter.steps) // 2]
            setattr(desk.turned, parameter.name, inside)
            desk.controls.press(key)
            assert (value() - inside) * direction > 0, key
            for _ in range(100):
                desk.controls.press(key)
            assert value() == end
    # From between two steps the next one is taken, and the way back leads to the default exactly.
    for _ in range(100):
        if value() >= parameter.default:
            break
        desk.controls.press(parameter.more[0])
    assert value() == parameter.default
    setattr(desk.turned, parameter.name, parameter.default + 1e-3)
    desk.controls.press(parameter.less[0])
    assert value() == parameter.default
    assert sorted(parameter.steps) == list(parameter.steps)
    assert (parameter.steps[0], parameter.steps[-1]) == (parameter.low, parameter.high)


def test_shift_changes_only_the_keys_that_have_a_meaning_with_it():
    desk = Desk()
    for key in ("shift+r", "shift+=", "shift+3", "shift+up"):
        desk.controls.press(key)
    assert desk.done == [("reseed_from_end",), ("store", 3)]
    assert desk.turned.speed == 1.5, "a + that needs Shift"
    assert (desk.turned.shift_y, desk.turned.temperature) == (-0.05, 1.0)


def test_no_key_is_given_twice():
    assert [key for key, count in Counter(KEYS).items() if count > 1] == []


def test_the_help_names_every_control_with_its_keys():
    assert [row[1] for row in HELP] == [control.help for control in CONTROLS.values()]
    named = {"escape": "Esc", "-": "−"}
    for control, (label, _) in zip(CONTROLS.values(), HELP, strict=True):
        keys = control.keys if control in ACTIONS else (*control.less, *control.more)
        for key in keys:
            if not key.startswith("[") and key != "=" and key not in "2345678" and key[-1] not in "2345678":
                key = key.removeprefix("shift+")
                assert named.get(key, key).lower() in label.lower(), key
        assert ("Shift" in label) == any(key.startswith("shift+") for key in keys)


def test_the_list_has_a_line_for_every_control_with_its_address_and_range():
    head, *lines = list_controls().splitlines()
    assert head.split() == ["name", "keys", "OSC", "type", "range", "meaning"]
    for control, line in zip(CONTROLS.values(), lines, strict=True):
        for part in (control.name, control.label, f"/{control.name} ", control.type, control.range, control.meaning):
            assert part in line


def test_a_table_and_handlers_that_differ_are_a_mistake():
    handlers = {action.name: lambda: None for action in ACTIONS}
    parameters = Parameters({})
    with pytest.raises(ValueError, match="quit"):
        Controls({name: handler for name, handler in handlers.items() if name != "quit"}, parameters, print)
    with pytest.raises(ValueError, match="explode"):
        Controls(handlers | {"explode": lambda: None}, parameters, print)


def test_the_key_names_are_pygames():
    import pygame

    known = {pygame.key.name(getattr(pygame, name)) for name in dir(pygame) if name.startswith("K_")}
    assert {key.removeprefix("shift+") for key in KEYS} <= known


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
        ("zoom", [0.5], 0.5),
        ("zoom", [-2], -2.0),
    ],
)
def test_what_a_message_asks_for(name, arguments, value):
    read = CONTROLS[name].read(arguments)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *(("zoom", arguments) for arguments in ([], [4.01], [math.nan], [-math.inf], ["1"], [True], [None], [1, 1])),
        *(("recall", arguments) for arguments in ([], [0], [10], [1.5], [math.nan], [True], ["3"])),
        *(("blackout", arguments) for arguments in ([2], [-1], [0.5], [math.nan], ["on"], [1, 0], [None])),
        *(("quit", arguments) for arguments in ([2], ["now"], [[1]], [b"1"])),
        ("temperature", [10**400]),
    ],
)
def test_what_no_message_may_ask_for(name, arguments):
    with pytest.raises(ValueError, match=r"is not|is neither"):
        CONTROLS[name].read(arguments)


def test_a_knobs_middle_is_the_default_and_its_ends_are_the_ranges():
    for parameter in PARAMETERS:
        inside = parameter.low < parameter.default < parameter.high
        assert parameter.at(0) == parameter.low
        assert parameter.at(0.5) == (parameter.default if inside else (parameter.low + parameter.high) / 2)
        assert parameter.at(1) == parameter.high
        values = [parameter.at(position / 100) for position in range(101)]
        assert values == sorted(values)


def test_wishes_are_granted_the_newest_of_each():
    desk, wishes = Desk(), Wishes()
    desk.controls.press("f")
    wishes.put("zoom", 0.7)
    wishes.put("recall", 2)
    for value in (0.1, 0.3):
        wishes.put("zoom", value)
    wishes.put("blackout", False)
    wishes.put("snapshot", True)
    desk.controls.grant(wishes)
    assert desk.turned.zoom == 0.3
    assert desk.done == [("recall", 2), ("blackout", False), ("snapshot",)]
    assert wishes.coalesced == 2
    desk.controls.grant(wishes)
    assert len(desk.done) == 3


def test_while_learning_a_control_is_touched_and_not_moved():
    desk, wishes = Desk(), Wishes()
    desk.learning = True
    for key in ("f", "4", "l"):
        desk.controls.press(key)
    wishes.put("temperature", 2.0)
    desk.controls.grant(wishes)
    assert desk.touched == ["zoom", "recall 4", "temperature"]
    assert desk.done == [("learn", None)]
    assert (desk.turned.zoom, desk.turned.temperature) == (0.0, 1.0)


def test_quit_is_never_learned_and_its_keys_end_the_learning():
    desk, wishes = Desk(), Wishes()
    desk.learning = True
    for key in ("q", "escape"):
        desk.controls.press(key)
    assert desk.done == [("learn", False)] * 2
    wishes.put("quit", True)
    desk.controls.grant(wishes)
    assert desk.done[2:] == [("quit",)], "from afar it is meant"
    assert desk.touched == []


def test_what_uses_files_is_granted_four_times_a_second_and_the_rest_is_counted():
    desk, wishes = Desk(), Wishes()
    for hundredth in range(100):
        desk.now = hundredth / 100
        for name, value in [("snapshot", hundredth % 2 or None), ("store", 4), ("recall", 9), ("record", True)]:
            wishes.put(name, value)
        wishes.put("blackout", None)
        desk.controls.grant(wishes)
    assert Counter(done[0] for done in desk.done) == {
        "snapshot": 4,
        "store": 4,
        "recall": 4,
        "record": 4,
        "blackout": 100,
    }
    assert wishes.refused == 4 * 96
    wishes.put("store", 5)
    desk.controls.grant(wishes)
    assert desk.done[-1] == ("store", 5), "another file"
    for _ in range(2):
        desk.controls.press("s")
    assert desk.done[-2:] == [("snapshot",)] * 2, "a hand is slow enough"
