"""Rollouts that follow a camera, that stand still before it, and that do the opposite."""

import numpy as np

from train.metrics.camera_metrics import CameraMeter


def draw(place: int) -> np.ndarray:
    """A bright square at a place, before a wall that is bright at its right."""
    picture = np.full((72, 128, 3), 60, np.uint8)
    picture[:, 96:] = 200
    picture[24:48, place : place + 16] = 255
    return picture


def test_a_rollout_that_follows_a_camera_moves_with_it() -> None:
    places = [8 * (number % 10) for number in range(40)]
    follows, stands, opposes = CameraMeter(), CameraMeter(), CameraMeter()
    for place in places:
        follows.add(255 - (255 - draw(place)) // 2, draw(place))
        stands.add(draw(40), draw(place))
        opposes.add(draw(72 - place), draw(place))
    assert follows.correlation > 0.99
    assert follows.motion_correlation() > 0.95
    assert follows.motion_correlation(shift=5) < 0.5  # half a round later
    assert follows.motion_correlation(shift=10) > 0.95  # a whole round later
    assert stands.correlation > 0.6  # the wall
    assert abs(stands.motion_correlation()) < 1e-3
    assert opposes.motion_correlation() < 0.2


def test_a_black_rollout_follows_nothing() -> None:
    black = CameraMeter()
    black.add(np.zeros((72, 128, 3), np.uint8), draw(3))
    assert black.correlation == black.motion_correlation() == 0
