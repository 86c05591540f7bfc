"""Fade from one picture into the frames that follow."""

import numpy as np

from live.playback.fade import Fade


def test_a_picture_fades_out_evenly() -> None:
    old, new = np.full((2, 2, 3), 40, np.uint8), np.full((2, 2, 3), 240, np.uint8)
    fade = Fade(frames=3)
    assert fade.over(new) is new, "no fade is under way yet"
    fade.begin(old)
    assert [int(fade.over(new)[0, 0, 0]) for _ in range(3)] == [90, 140, 190]
    assert fade.over(new) is new
    fade.begin(old)
    fade.end()
    assert fade.over(new) is new
    assert (old == 40).all()
