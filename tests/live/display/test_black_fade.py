"""The fade to black and back."""

import numpy as np
import pytest

from live.display.black_fade import FADE_SECONDS, BlackFade


def test_it_takes_its_time_and_turns_where_it_is() -> None:
    now = [0.0]
    fade = BlackFade(lambda: now[0])
    pixels = np.full((2, 2, 3), 200, np.uint8)
    assert fade.over(pixels) is pixels
    fade.toggle(None)
    seen = []
    for seconds in (0.0, FADE_SECONDS / 2, FADE_SECONDS, 2 * FADE_SECONDS):
        now[0] = seconds
        seen.append(int(fade.over(pixels)[0, 0, 0]))
    assert seen == [200, 100, 0, 0]
    fade.toggle(True)
    assert fade.light == 0, "it is black already"
    fade.toggle(False)
    now[0] += FADE_SECONDS / 4
    assert fade.light == pytest.approx(0.25)
    fade.toggle(True)
    now[0] += FADE_SECONDS / 8
    assert fade.light == pytest.approx(0.125)
