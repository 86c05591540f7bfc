"""Keys, OSC and MIDI run actions and set parameters: every key, the newest request, learning, floods."""

from collections import Counter
from collections.abc import Callable

import pytest

from live.controls.control import Parameter, Value
from live.controls.dispatcher import Dispatcher
from live.controls.parameters import Parameters
from live.controls.pending import PendingControls
from live.controls.table import ACTIONS, PARAMETERS
from live.modulation.binding import Binding
from live.modulation.camera_movement import CameraMovement
from live.tempo.beat import Beat
from live.tempo.quantizer import Quantize, Quantizer


class Desk:
    """A dispatcher whose actions are recorded."""

    def __init__(self, quantize: Quantize = "none") -> None:
        self.done: list[tuple[str, *tuple[Value, ...]]] = []
        self.touched: list[str] = []
        self.learning = False
        self.now = 0.0
        self.parameters = Parameters(lambda _: None)
        self.dispatcher = Dispatcher(
            {action.name: self._handler(action.name) for action in ACTIONS},
            self.parameters,
            do=lambda task: task(),
            learning=lambda: self.learning,
            touch=self.touched.append,
            quantizer=Quantizer(Beat(lambda: self.now), quantize),
            now=lambda: self.now,
        )

    def _handler(self, name: str) -> Callable[..., None]:
        return lambda *value: self.done.append((name, *value))


def test_every_key_does_what_the_table_says_and_no_other_key_does_anything() -> None:
    desk = Desk()
    values: dict[str, tuple[Value, ...]]
    for action in ACTIONS:
        for number, key in enumerate(action.keys):
            desk.done.clear()
            desk.now += 10
            desk.dispatcher.press(key)
            if action.asks:
                assert desk.done == []
                desk.dispatcher.press(key)
            values = {"trigger": (), "toggle": (None,), "number": (1 + number % 9,)}
            assert desk.done == [(action.name, *values[action.kind])], key
    desk.done.clear()
    before = desk.parameters.values()
    for key in ("f12", "left shift", "", "shift+0", "alt+0", "alt+r"):
        desk.dispatcher.press(key)
    assert desk.done == []
    assert desk.parameters.values() == before


NUMBERS = [parameter for parameter in PARAMETERS if parameter.steps and not parameter.choices]


@pytest.mark.parametrize("parameter", NUMBERS, ids=lambda parameter: parameter.name)
def test_the_keys_of_a_parameter_go_through_its_steps_and_stop_at_its_ends(parameter: Parameter) -> None:
    desk, name = Desk(), parameter.name
    for keys, direction, end in [(parameter.more, +1, parameter.high), (parameter.less, -1, parameter.low)]:
        for key in keys:
            inside = parameter.steps[len(parameter.steps) // 2]
            desk.parameters.set({name: inside})
            desk.dispatcher.press(key)
            assert (desk.parameters[name] - inside) * direction > 0, key
            for _ in range(100):
                desk.dispatcher.press(key)
            assert desk.parameters[name] == end
    # The way back leads to the default exactly, and from between two steps a key leads to the next step.
    for _ in range(100):
        if desk.parameters[name] >= parameter.default:
            break
        desk.dispatcher.press(parameter.more[0])
    assert desk.parameters[name] == parameter.default
    desk.parameters.set({name: parameter.default + 1e-3})
    desk.dispatcher.press(parameter.less[0])
    assert desk.parameters[name] == parameter.default
    assert sorted(parameter.steps) == list(parameter.steps)
    assert (parameter.steps[0], parameter.steps[-1]) == (parameter.low, parameter.high)


def test_the_key_of_a_choice_goes_round() -> None:
    desk, seen = Desk(), []
    for _ in range(4):
        desk.dispatcher.press("z")
        seen.append(desk.parameters["feedback_blend"])
    assert seen == [1, 2, 0, 1]
    desk.dispatcher.press("shift+z")
    assert desk.parameters["feedback_blend"] == 0


def test_shift_and_a_letter_or_arrow_of_a_parameter_resets_it() -> None:
    desk = Desk()
    for parameter in PARAMETERS:
        for key in parameter.reset_keys:
            binding = {} if parameter.choices else {parameter.name: Binding(CameraMovement(), 1.0)}
            desk.parameters.recall({parameter.name: parameter.high}, 0.0, modulation=binding)
            desk.dispatcher.press(key)
            assert desk.parameters[parameter.name] == parameter.default, key
            assert desk.parameters.bindings == {}, "and its modulation ends"
    with_keys = {parameter.name for parameter in PARAMETERS if parameter.more}
    assert with_keys - {parameter.name for parameter in PARAMETERS if parameter.reset_keys} == {"speed"}


def test_ctrl_makes_steps_fine_and_a_plain_key_leads_back_to_the_steps() -> None:
    desk = Desk()
    seen = []
    for key in ("ctrl+f", "ctrl+f", "f", "ctrl+d", "ctrl+up", "ctrl+=", "ctrl+-", "ctrl+alt+p"):
        desk.dispatcher.press(key)
        seen.append([desk.parameters[name] for name in ("zoom", "temperature", "speed", "contrast_drift")])
    assert seen == [
        [0.02, 1.0, 1.0, 0.0],
        [0.04, 1.0, 1.0, 0.0],
        [0.2, 1.0, 1.0, 0.0],
        [0.18, 1.0, 1.0, 0.0],
        [0.18, 1.01, 1.0, 0.0],
        [0.18, 1.01, 1.05, 0.0],
        [0.18, 1.01, 1.0, 0.0],
        [0.18, 1.01, 1.0, 0.02],
    ]


def test_a_number_that_is_held_gets_faster_and_nothing_else_repeats() -> None:
    desk, seen = Desk(), []
    for key in ("f", "b", "z", "shift+f", None):
        desk.dispatcher.press(key or "")
        before = desk.parameters["zoom"]
        for _ in range(200):
            desk.now += 0.01
            desk.dispatcher.hold(key)
            seen.append(desk.parameters["zoom"])
        if key != "f":
            assert desk.parameters["zoom"] == before
    assert desk.done == [("blackout", None)]
    assert desk.parameters["feedback_blend"] == 1
    # One press, then 10 a second after 0.4 s, then more: 8 + 4.8 after 1.2 s.
    assert [seen[at] for at in (30, 55, 119)] == [0.2, 0.4, 2.6]
    assert seen[199] == 4.0


def test_two_presses_that_are_too_far_apart_do_not_quit() -> None:
    desk = Desk()
    for _ in range(3):
        desk.dispatcher.press("q")
        desk.dispatcher.hold(None)
        desk.now += 2.1
        desk.dispatcher.hold(None)
    assert desk.done == []


def test_two_presses_quit_though_the_show_stood_still_between_them() -> None:
    desk = Desk()
    desk.dispatcher.press("q")
    desk.dispatcher.hold(None)
    desk.now += 30
    desk.dispatcher.press("q")
    assert desk.done == [("quit",)]


def test_shift_changes_only_the_keys_that_have_a_meaning_with_it() -> None:
    desk = Desk()
    for key in ("shift+r", "shift+=", "shift+3", "alt+up", "shift+[4]"):
        desk.dispatcher.press(key)
    assert desk.done == [("reseed_from_end",), ("store", 3), ("store", 4)]
    assert desk.parameters["speed"] == 1.5, "a + that needs Shift"
    assert (desk.parameters["shift_y"], desk.parameters["temperature"]) == (-0.05, 1.0)


def test_a_table_and_handlers_that_differ_are_a_mistake() -> None:
    handlers = {action.name: lambda: None for action in ACTIONS}
    parameters = Parameters(lambda _: None)
    with pytest.raises(ValueError, match="quit"):
        Dispatcher({name: handler for name, handler in handlers.items() if name != "quit"}, parameters, print)
    with pytest.raises(ValueError, match="explode"):
        Dispatcher(handlers | {"explode": lambda: None}, parameters, print)


def test_the_newest_request_of_each_kind_is_run() -> None:
    desk, pending = Desk(), PendingControls()
    desk.dispatcher.press("f")
    pending.put("zoom", 0.7)
    pending.put("recall", 2)
    for value in (0.1, 0.3):
        pending.put("zoom", value)
    pending.put("blackout", False)
    pending.put("snapshot", True)
    desk.dispatcher.run_pending(pending)
    assert desk.parameters["zoom"] == 0.3
    assert desk.done == [("recall", 2), ("blackout", False), ("snapshot",)]
    assert pending.coalesced == 2
    desk.dispatcher.run_pending(pending)
    assert len(desk.done) == 3


def test_while_learning_a_control_is_touched_and_not_moved() -> None:
    desk, pending = Desk(), PendingControls()
    desk.learning = True
    for key in ("f", "4", "l"):
        desk.dispatcher.press(key)
    pending.put("temperature", 2.0)
    desk.dispatcher.run_pending(pending)
    assert desk.touched == ["zoom", "recall 4", "temperature"]
    assert desk.done == [("learn", None)]
    assert (desk.parameters["zoom"], desk.parameters["temperature"]) == (0.0, 1.0)


def test_leave_and_quit_are_never_learned() -> None:
    desk, pending = Desk(), PendingControls()
    desk.learning = True
    for key in ("q", "escape"):
        desk.dispatcher.press(key)
    assert desk.done == [("leave",)], "Q asks first"
    pending.put("quit", True)
    desk.dispatcher.run_pending(pending)
    assert desk.done[1:] == [("quit",)], "a remote request to quit is meant"
    assert desk.touched == []


@pytest.mark.parametrize("source", ["keys", "messages"])
def test_a_flood_of_any_action_is_done_no_more_often_than_its_rate_and_said_once(
    source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, pending = Desk(), PendingControls()
    seconds, rounds = 20, 100
    # The newest place of a fader is never refused.
    actions = [action for action in ACTIONS if action.kind != "fader" and (action.keys or source == "messages")]
    for hundredth in range(seconds * rounds):
        desk.now = hundredth / rounds
        for action in actions:
            if source == "keys":
                for _ in range(1 + action.asks):
                    desk.dispatcher.press(action.keys[hundredth % len(action.keys)])
            else:
                pending.put(action.name, {"trigger": True, "toggle": None, "number": 1 + hundredth % 9}[action.kind])
        desk.dispatcher.run_pending(pending)
    done = Counter(name for name, *_ in desk.done)
    for action in actions:
        most = action.rate.burst + seconds * action.rate.per_second
        assert most - 1 <= done[action.name] <= most, action.name
    assert pending.refused == (source == "messages") * (seconds * rounds * len(actions) - len(desk.done))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(actions)
    assert "record is asked for too often; more than 0.5 a second are not done" in lines


def test_the_last_place_of_a_fader_holds_in_the_end() -> None:
    desk, pending = Desk(), PendingControls()
    for number in range(200):
        pending.put("crossfade", number / 200)
        desk.dispatcher.run_pending(pending)
    assert desk.done[-1] != ("crossfade", 199 / 200)
    desk.now += 1
    desk.dispatcher.run_pending(pending)
    assert desk.done[-1] == ("crossfade", 199 / 200)
    assert pending.refused == 0


def test_a_flood_of_messages_does_not_lock_out_the_keys() -> None:
    desk, pending = Desk(), PendingControls()
    for _ in range(100):
        pending.put("blackout", None)
        desk.dispatcher.run_pending(pending)
    before = len(desk.done)
    desk.dispatcher.press("b")
    assert desk.done[before:] == [("blackout", None)]


def test_the_last_state_of_a_toggle_holds_after_a_flood() -> None:
    desk, pending = Desk(), PendingControls()
    for number in range(101):
        pending.put("blackout", number % 2 == 0)
        desk.dispatcher.run_pending(pending)
    pending.put("blackout", False)
    for second in range(3):
        desk.now = float(second)
        desk.dispatcher.run_pending(pending)
    assert desk.done[-1] == ("blackout", False)
    assert len(desk.done) == 11, "once, when there was room for it"
    assert pending.refused == 0


def test_parameters_are_not_limited() -> None:
    desk, pending = Desk(), PendingControls()
    for number in range(1000):
        pending.put("zoom", number / 1000)
        desk.dispatcher.run_pending(pending)
        assert desk.parameters["zoom"] == number / 1000


def test_reseeds_shots_and_presets_wait_for_the_beat_and_nothing_else_does() -> None:
    desk, pending = Desk("beat"), PendingControls()
    desk.now = 0.1
    waiting = [action for action in ACTIONS if action.quantized]
    assert {action.name for action in waiting} == {
        *("reseed_from_end", "reseed_from_tail", "reseed_from_camera", "shot", "seed"),
        *("model", "recall", "other_preset"),
    }
    for action in ACTIONS:
        pending.put(action.name, {"trigger": True, "toggle": True, "number": 2, "fader": 0.5}[action.kind])
    desk.dispatcher.run_pending(pending)
    assert [name for name, *_ in desk.done] == [action.name for action in ACTIONS if not action.quantized]
    desk.done.clear()
    for key in ("r", "4", "5"):
        desk.dispatcher.press(key)
    desk.now = 0.49
    desk.dispatcher.run_pending(pending)
    assert desk.done == []
    desk.now = 0.51
    desk.dispatcher.run_pending(pending)
    assert sorted(name for name, *_ in desk.done) == sorted(action.name for action in waiting)
    assert ("recall", 5) in desk.done
