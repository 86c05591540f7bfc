"""What follows a camera, what stands before it, and what does the opposite."""

import numpy as np

from train.metrics.camera_metrics import CameraMeter


def shown(place: int, *, wall: bool = True) -> np.ndarray:
    """A bright square at a place before a wall that is bright at its right."""
    picture = np.full((72, 128, 3), 60, np.uint8)
    if wall:
        picture[:, 96:] = 200
    picture[24:48, place : place + 16] = 255
    return picture


def test_what_follows_a_camera_moves_with_it() -> None:
    places = [8 * (number % 10) for number in range(40)]
    follows, stands, opposes = CameraMeter(), CameraMeter(), CameraMeter()
    for place in places:
        follows.add(255 - (255 - shown(place)) // 2, shown(place))
        stands.add(shown(40), shown(place))
        opposes.add(shown(72 - place), shown(place))
    assert follows.followed > 0.99
    assert follows.moved() > 0.95
    assert follows.moved(shift=5) < 0.5  # half a round later
    assert follows.moved(shift=10) > 0.95  # a whole one
    assert stands.followed > 0.6  # the wall
    assert abs(stands.moved()) < 1e-3
    assert opposes.moved() < 0.2
    blank = CameraMeter()
    blank.add(np.zeros((72, 128, 3), np.uint8), shown(3))
    assert blank.followed == blank.moved() == 0
