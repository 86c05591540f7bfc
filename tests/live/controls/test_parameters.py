from types import SimpleNamespace

import pytest

from live.controls.parameters import Parameters


@pytest.fixture
def owner():
    return SimpleNamespace(zoom=0.0, speed=1.0)


@pytest.fixture
def parameters(owner):
    return Parameters({"zoom": owner, "speed": owner})


def test_a_parameter_is_its_owners_attribute(owner, parameters) -> None:
    parameters.turn({"zoom": 0.5})
    assert owner.zoom == 0.5
    owner.speed = 2.0
    assert parameters["speed"] == 2.0
    assert parameters.values() == {"zoom": 0.5, "speed": 2.0}


def test_without_a_glide_a_preset_is_there_at_once(owner, parameters) -> None:
    parameters.recall({"zoom": 1.0}, 0.0)
    assert vars(owner) == {"zoom": 1.0, "speed": 1.0}


def test_a_glide_begins_and_ends_at_rest_and_arrives_exactly(owner, parameters) -> None:
    parameters.turn({"zoom": -1.0})
    parameters.recall({"zoom": 1.0}, 2.0)
    assert owner.zoom == -1.0
    way = []
    for _ in range(20):
        parameters.advance(0.1)
        way.append(owner.zoom)
    steps = [b - a for a, b in zip([-1.0, *way], way, strict=False)]
    assert way == sorted(way)
    assert way[9] == pytest.approx(0.0)
    assert way[4] == pytest.approx(-1 + 2 * (3 / 16 - 2 / 64)), "3t² − 2t³ at a quarter"
    assert max(steps) == pytest.approx(steps[9], rel=0.02)
    assert steps[0] < max(steps) / 5
    parameters.advance(0.1)
    assert owner.zoom == 1.0
    owner.zoom = 0.25
    parameters.advance(10.0)
    assert owner.zoom == 0.25, "it is over"


def test_a_glide_depends_on_the_time_and_not_on_the_frame_rate(owner, parameters) -> None:
    places = []
    for count in (1, 12, 60):
        owner.zoom = 0.0
        parameters.recall({"zoom": 1.0}, 3.0)
        for _ in range(count):
            parameters.advance(1.0 / count)
        places.append(owner.zoom)
    assert places == pytest.approx([places[0]] * 3)
    assert 0 < places[0] < 0.5


def test_what_is_touched_by_hand_leaves_the_glide(owner, parameters) -> None:
    parameters.recall({"zoom": 1.0, "speed": 2.0}, 1.0)
    parameters.advance(0.5)
    parameters.turn({"zoom": 0.1})
    parameters.advance(0.25)
    assert owner.zoom == 0.1
    assert 1.5 < owner.speed < 2.0
    parameters.advance(1.0)
    assert vars(owner) == {"zoom": 0.1, "speed": 2.0}


def test_a_new_preset_ends_the_glide_to_another(owner, parameters) -> None:
    parameters.recall({"zoom": 1.0, "speed": 2.0}, 1.0)
    parameters.advance(0.5)
    half = owner.speed
    parameters.recall({"zoom": -1.0}, 1.0)
    assert owner.zoom == pytest.approx(0.5), "from where it was"
    parameters.advance(1.0)
    assert (owner.zoom, owner.speed) == (-1.0, half)
