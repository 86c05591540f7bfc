"""Rollouts that move with a camera, stand still before it, move elsewhere, and move always."""

import numpy as np

from train.metrics.camera_metrics import CameraMeter

PERIOD = 20  # steps in which the square comes back


def draw(place: int, colour: int = 255) -> np.ndarray:
    """A square at a place, before a wall that is bright at its right."""
    picture = np.full((72, 128, 3), 60, np.uint8)
    picture[:, 96:] = 200
    picture[24:48, place : place + 16] = colour
    return picture


def places() -> list[int]:
    """Places of a square that goes to and fro."""
    return [5 * min(number % PERIOD, PERIOD - number % PERIOD) for number in range(2 * PERIOD)]


def test_a_rollout_that_moves_with_a_camera() -> None:
    meter = CameraMeter()
    for place in places():
        meter.add(draw(place, 0), draw(place))  # of another colour
    figures = meter.figures(PERIOD // 2)
    assert figures.moves > 0.95
    assert figures.by_chance < 0.1
    assert figures.placed == 1
    assert meter.figures(PERIOD).by_chance > 0.6  # a whole round later


def test_a_rollout_that_stands_or_moves_elsewhere() -> None:
    stands, elsewhere = CameraMeter(), CameraMeter()
    for place in places():
        stands.add(draw(40), draw(place))
        elsewhere.add(draw(105 - place), draw(place))
    assert stands.figures(PERIOD // 2).moves == 0
    assert elsewhere.figures(PERIOD // 2).moves < 0.3
    assert elsewhere.figures(PERIOD // 2).placed < 0.5


def test_what_always_moves_at_one_place_proves_nothing() -> None:
    meter, always = CameraMeter(), np.random.default_rng(0)
    for place in places():
        frame = draw(0)
        frame[20:52, 20:60] = always.integers(0, 255, (32, 40, 1), np.uint8)
        meter.add(frame, draw(place))
    assert abs(meter.figures(PERIOD // 2).moves) < 0.3


def test_a_camera_that_never_moves_gives_zeros() -> None:
    meter = CameraMeter()
    for place in places():
        meter.add(draw(place), draw(40))
    figures = meter.figures(PERIOD // 2)
    assert (figures.moves, figures.by_chance, figures.placed) == (0, 0, 0)
