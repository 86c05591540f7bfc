"""From keys, OSC and MIDI to what is done: every key, the newest wish, learning, floods."""

from collections import Counter
from types import SimpleNamespace

import pytest

from live.controls.dispatcher import Dispatcher
from live.controls.parameters import Parameters
from live.controls.pending import PendingControls
from live.controls.table import ACTIONS, PARAMETERS


class Desk:
    """A dispatcher whose actions are written down and whose parameters live in one namespace."""

    def __init__(self) -> None:
        self.done: list[tuple] = []
        self.touched: list[str] = []
        self.learning = False
        self.now = 0.0
        self.turned = SimpleNamespace(**{parameter.name: parameter.default for parameter in PARAMETERS})
        handlers = {
            action.name: lambda *value, name=action.name: self.done.append((name, *value)) for action in ACTIONS
        }
        self.dispatcher = Dispatcher(
            handlers,
            Parameters({parameter.name: self.turned for parameter in PARAMETERS}),
            do=lambda wish: wish(),
            learning=lambda: self.learning,
            touch=self.touched.append,
            now=lambda: self.now,
        )


def test_every_key_does_what_the_table_says_and_no_other_key_does_anything() -> None:
    desk = Desk()
    for action in ACTIONS:
        for number, key in enumerate(action.keys, start=1):
            desk.done.clear()
            desk.dispatcher.press(key)
            value = {"trigger": (), "toggle": (None,), "number": (number,)}[action.kind]
            assert desk.done == [(action.name, *value)], key
    desk.done.clear()
    before = dict(vars(desk.turned))
    for key in ("z", "f12", "left shift", "", "0", "shift+0"):
        desk.dispatcher.press(key)
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
            desk.dispatcher.press(key)
            assert (value() - inside) * direction > 0, key
            for _ in range(100):
                desk.dispatcher.press(key)
            assert value() == end
    # From between two steps the next one is taken, and the way back leads to the default exactly.
    for _ in range(100):
        if value() >= parameter.default:
            break
        desk.dispatcher.press(parameter.more[0])
    assert value() == parameter.default
    setattr(desk.turned, parameter.name, parameter.default + 1e-3)
    desk.dispatcher.press(parameter.less[0])
    assert value() == parameter.default
    assert sorted(parameter.steps) == list(parameter.steps)
    assert (parameter.steps[0], parameter.steps[-1]) == (parameter.low, parameter.high)


def test_shift_changes_only_the_keys_that_have_a_meaning_with_it() -> None:
    desk = Desk()
    for key in ("shift+r", "shift+=", "shift+3", "shift+up"):
        desk.dispatcher.press(key)
    assert desk.done == [("reseed_from_end",), ("store", 3)]
    assert desk.turned.speed == 1.5, "a + that needs Shift"
    assert (desk.turned.shift_y, desk.turned.temperature) == (-0.05, 1.0)


def test_a_table_and_handlers_that_differ_are_a_mistake() -> None:
    handlers = {action.name: lambda: None for action in ACTIONS}
    parameters = Parameters({})
    with pytest.raises(ValueError, match="quit"):
        Dispatcher({name: handler for name, handler in handlers.items() if name != "quit"}, parameters, print)
    with pytest.raises(ValueError, match="explode"):
        Dispatcher(handlers | {"explode": lambda: None}, parameters, print)


def test_wishes_are_granted_the_newest_of_each() -> None:
    desk, wishes = Desk(), PendingControls()
    desk.dispatcher.press("f")
    wishes.put("zoom", 0.7)
    wishes.put("recall", 2)
    for value in (0.1, 0.3):
        wishes.put("zoom", value)
    wishes.put("blackout", False)
    wishes.put("snapshot", True)
    desk.dispatcher.grant(wishes)
    assert desk.turned.zoom == 0.3
    assert desk.done == [("recall", 2), ("blackout", False), ("snapshot",)]
    assert wishes.coalesced == 2
    desk.dispatcher.grant(wishes)
    assert len(desk.done) == 3


def test_while_learning_a_control_is_touched_and_not_moved() -> None:
    desk, wishes = Desk(), PendingControls()
    desk.learning = True
    for key in ("f", "4", "l"):
        desk.dispatcher.press(key)
    wishes.put("temperature", 2.0)
    desk.dispatcher.grant(wishes)
    assert desk.touched == ["zoom", "recall 4", "temperature"]
    assert desk.done == [("learn", None)]
    assert (desk.turned.zoom, desk.turned.temperature) == (0.0, 1.0)


def test_quit_is_never_learned_and_its_keys_end_the_learning() -> None:
    desk, wishes = Desk(), PendingControls()
    desk.learning = True
    for key in ("q", "escape"):
        desk.dispatcher.press(key)
    assert desk.done == [("learn", False)] * 2
    wishes.put("quit", True)
    desk.dispatcher.grant(wishes)
    assert desk.done[2:] == [("quit",)], "from afar it is meant"
    assert desk.touched == []


def test_what_uses_files_is_granted_four_times_a_second_and_the_rest_is_counted() -> None:
    desk, wishes = Desk(), PendingControls()
    for hundredth in range(100):
        desk.now = hundredth / 100
        for name, value in [("snapshot", hundredth % 2 or None), ("store", 4), ("recall", 9), ("record", True)]:
            wishes.put(name, value)
        wishes.put("blackout", None)
        desk.dispatcher.grant(wishes)
    assert Counter(done[0] for done in desk.done) == {
        "snapshot": 4,
        "store": 4,
        "recall": 4,
        "record": 4,
        "blackout": 100,
    }
    assert wishes.refused == 4 * 96
    wishes.put("store", 5)
    desk.dispatcher.grant(wishes)
    assert desk.done[-1] == ("store", 5), "another file"
    for _ in range(2):
        desk.dispatcher.press("s")
    assert desk.done[-2:] == [("snapshot",)] * 2, "a hand is slow enough"
