"""Values of parameters: defaults, what is applied, and glides."""

import math

import pytest

from live.controls.parameters import Parameters
from live.controls.table import PARAMETERS
from live.modulation.binding import Binding
from live.modulation.camera_movement import CameraMovement
from live.modulation.oscillator import Oscillator
from live.modulation.source import Moment


class Applied:
    """Keeps the values that were applied last."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def __call__(self, values: object) -> None:
        assert isinstance(values, dict)
        self.values = dict(values)


@pytest.fixture
def applied() -> Applied:
    return Applied()


@pytest.fixture
def parameters(applied: Applied) -> Parameters:
    return Parameters(applied)


def test_they_begin_at_the_tables_defaults_and_are_applied_at_once(applied: Applied) -> None:
    defaults = {parameter.name: parameter.default for parameter in PARAMETERS}
    assert Parameters(applied).values() == applied.values == defaults
    assert Parameters(applied, {"zoom": 0.5}).values() == applied.values == defaults | {"zoom": 0.5}


def test_every_change_is_applied(applied: Applied, parameters: Parameters) -> None:
    parameters.set({"zoom": 0.5, "speed": 2.0})
    assert (parameters["zoom"], parameters["speed"]) == (0.5, 2.0)
    assert applied.values == parameters.values()
    parameters.values()["zoom"] = 3.0
    assert parameters["zoom"] == 0.5, "values() is a copy"


def test_without_a_glide_a_preset_is_there_at_once(applied: Applied, parameters: Parameters) -> None:
    before = parameters.values()
    parameters.recall({"zoom": 1.0}, 0.0)
    assert applied.values == before | {"zoom": 1.0}


def test_a_glide_begins_and_ends_at_rest_and_arrives_exactly(applied: Applied, parameters: Parameters) -> None:
    parameters.set({"zoom": -1.0})
    parameters.recall({"zoom": 1.0}, 2.0)
    assert parameters["zoom"] == -1.0
    way = []
    for _ in range(20):
        parameters.advance(0.1)
        way.append(applied.values["zoom"])
    steps = [b - a for a, b in zip([-1.0, *way], way, strict=False)]
    assert way == sorted(way)
    assert way[9] == pytest.approx(0.0)
    assert way[4] == pytest.approx(-1 + 2 * (3 / 16 - 2 / 64)), "3t² − 2t³ at a quarter"
    assert max(steps) == pytest.approx(steps[9], rel=0.02)
    assert steps[0] < max(steps) / 5
    parameters.advance(0.1)
    assert applied.values["zoom"] == 1.0
    applied.values = {"zoom": math.nan}
    parameters.advance(10.0)
    assert math.isnan(applied.values["zoom"]), "after the glide nothing more is applied"


def test_a_glide_depends_on_the_time_and_not_on_the_frame_rate(parameters: Parameters) -> None:
    places = []
    for count in (1, 12, 60):
        parameters.set({"zoom": 0.0})
        parameters.recall({"zoom": 1.0}, 3.0)
        for _ in range(count):
            parameters.advance(1.0 / count)
        places.append(parameters["zoom"])
    assert places == pytest.approx([places[0]] * 3)
    assert 0 < places[0] < 0.5


def test_a_parameter_that_is_set_leaves_the_glide(parameters: Parameters) -> None:
    parameters.recall({"zoom": 1.0, "speed": 2.0}, 1.0)
    parameters.advance(0.5)
    parameters.set({"zoom": 0.1})
    parameters.advance(0.25)
    assert parameters["zoom"] == 0.1
    assert 1.5 < parameters["speed"] < 2.0
    parameters.advance(1.0)
    assert (parameters["zoom"], parameters["speed"]) == (0.1, 2.0)


def test_a_new_preset_ends_the_glide_to_another(parameters: Parameters) -> None:
    parameters.recall({"zoom": 1.0, "speed": 2.0}, 1.0)
    parameters.advance(0.5)
    half = parameters["speed"]
    parameters.recall({"zoom": -1.0}, 1.0)
    assert parameters["zoom"] == pytest.approx(0.5), "the new glide begins at the present value"
    parameters.advance(1.0)
    assert (parameters["zoom"], parameters["speed"]) == (-1.0, half)


def test_choices_do_not_glide(applied: Applied) -> None:
    parameters = Parameters(applied)
    parameters.recall({"zoom": 1.0, "feedback": 2.0}, 4.0)
    assert (applied.values["zoom"], applied.values["feedback"]) == (0.0, 2.0)
    parameters.advance(2.0)
    assert (applied.values["zoom"], applied.values["feedback"]) == (0.5, 2.0)


def test_what_differs_from_the_defaults_in_a_group() -> None:
    given = {"zoom": 0.5, "feedback_blend": 1.0, "gain": 2.0, "trail": 1.0}
    parameters = Parameters(lambda _: None, given, unused=["trail"])
    assert parameters.changed("Feedback") == {"zoom": 0.5, "feedback_blend": "lighten"}
    assert parameters.changed("Grading") == {"gain": 2.0}


SQUARE = Binding(Oscillator("square", 2.0), 0.5)
HIGH, LOW = Moment(0.0), Moment(1.0)
"""Moments at which the square is at 1 and at −1."""


def test_without_bindings_nothing_is_modulated(parameters: Parameters) -> None:
    assert not parameters.modulates
    assert parameters.modulated() == {}


def test_a_modulation_moves_around_the_value_of_the_hand_and_within_the_range(applied: Applied) -> None:
    parameters = Parameters(applied, {"zoom": 1.0}, modulation={"zoom": SQUARE, "gain": Binding(CameraMovement(), 2.0)})
    assert parameters.modulates
    assert parameters.watches_camera
    parameters.modulate(Moment(0.0, movement=0.25))
    assert (applied.values["zoom"], applied.values["gain"]) == (1.5, 1.5)
    assert (parameters["zoom"], parameters.values()["zoom"]) == (1.0, 1.0), "the hand's"
    parameters.set({"zoom": 2.0})
    assert applied.values["zoom"] == 2.5, "the hand moves it at once"
    parameters.modulate(LOW)
    assert (applied.values["zoom"], applied.values["gain"]) == (1.5, 1.0)
    assert parameters.modulated() == {"zoom": (SQUARE, 1.5), "gain": (Binding(CameraMovement(), 2.0), 1.0)}
    parameters.set({"zoom": -4.0})
    assert applied.values["zoom"] == -4.0
    parameters.modulate(HIGH)
    assert applied.values["zoom"] == -3.5
    parameters.set({"zoom": 3.9})
    assert applied.values["zoom"] == 4.0


def test_a_reset_ends_the_modulation_of_what_is_reset(applied: Applied) -> None:
    parameters = Parameters(applied, {"zoom": 1.0}, modulation={"zoom": SQUARE, "hue": SQUARE})
    parameters.modulate(HIGH)
    parameters.reset(["zoom"])
    assert (applied.values["zoom"], applied.values["hue"]) == (0.0, 0.5)
    parameters.modulate(HIGH)
    assert (applied.values["zoom"], applied.values["hue"]) == (0.0, 0.5)
    parameters.reset()
    assert applied.values == {parameter.name: parameter.default for parameter in PARAMETERS}
    assert not parameters.modulates


def test_a_recall_changes_the_modulation_of_what_it_names(applied: Applied, parameters: Parameters) -> None:
    other = Binding(Oscillator("square", 2.0), 1.0)
    parameters.recall({"zoom": 1.0}, 0.0, modulation={"zoom": SQUARE, "hue": SQUARE})
    parameters.recall({"zoom": 2.0}, 0.0, modulation={"shift_x": other})
    assert parameters.bindings == {"hue": SQUARE, "shift_x": other}
    parameters.modulate(HIGH)
    assert [applied.values[name] for name in ("zoom", "hue", "shift_x")] == [2.0, 0.5, 1.0]
    parameters.recall(parameters.values(), 0.0)
    assert parameters.bindings == {}
    assert parameters.modulates, "once more, so that nothing stays where it was moved"
    parameters.modulate(HIGH)
    assert applied.values == parameters.values()
    assert not parameters.modulates


def test_a_glide_brings_the_modulation_too(applied: Applied, parameters: Parameters) -> None:
    parameters.recall({"zoom": 1.0}, 0.0, modulation={"zoom": SQUARE})
    parameters.recall({"zoom": 0.0}, 2.0, modulation={"hue": SQUARE})
    seen = []
    for _ in range(3):
        parameters.modulate(HIGH)
        seen.append((applied.values["zoom"], applied.values["hue"]))
        parameters.advance(1.0)
    assert seen == [(1.5, 0.0), (0.75, 0.25), (0.0, 0.5)]


def test_a_crossfade_is_between_two_modulations_and_overrules_a_glide(applied: Applied, parameters: Parameters) -> None:
    kept = {"shift_x": SQUARE}
    parameters.recall({}, 9.0, modulation=kept)
    parameters.advance(9.0)
    parameters.recall({"zoom": 0.0}, 9.0)
    for share, zoom, hue in [(0.0, 0.5, 0.0), (0.25, 0.375, 0.125), (1.0, 0.0, 0.5)]:
        parameters.crossfade({"zoom": 0.0, "hue": 0.0}, {"zoom": SQUARE, "tint": SQUARE}, {"hue": SQUARE}, share)
        parameters.advance(1.0)
        parameters.modulate(HIGH)
        assert [applied.values[name] for name in ("zoom", "hue", "shift_x", "tint")] == [zoom, hue, 0.5, 0.0]
        assert parameters.bindings == kept | ({"zoom": SQUARE} if share < 0.5 else {"hue": SQUARE})
