"""From frame to frame, on a clock that the test turns."""

import numpy as np
import pytest

from live.display.crossfade import Crossfade
from live.frame import Frame


class RemoteControls:
    """A fade whose time only the test moves."""

    def __init__(self, smooth: bool = True) -> None:
        self.time = 5.0
        self.fade = Crossfade(smooth=smooth, now=lambda: self.time)

    def take(self, index: int, *, cut: bool = False) -> Frame:
        frame = Frame(np.full((2, 2, 3), index, np.uint8), index, 0.0, 0.0, cut=cut)
        self.fade.take(frame)
        return frame

    def wait(self, seconds: float, rate: float = 10.0) -> bool:
        self.time += seconds
        return self.fade.advance(rate)


def test_a_frame_covers_the_one_before_until_the_next_is_due() -> None:
    hands = RemoteControls()
    first = hands.take(0)
    assert (hands.fade.share, hands.fade.under) == (1, None)
    hands.wait(3)
    hands.take(1)
    assert hands.fade.share == 0
    assert hands.fade.under is first.pixels
    assert hands.wait(0.025)
    assert hands.fade.share == pytest.approx(0.25)
    hands.fade.drawn(0.01)
    assert not hands.wait(0.0), "nothing has moved"
    assert hands.wait(0.5)
    assert (hands.fade.share, hands.fade.under) == (1, None)
    hands.fade.drawn(0.01)
    assert not hands.wait(1), "nothing moves any more"


def test_another_speed_never_leads_back() -> None:
    hands = RemoteControls()
    hands.take(0)
    hands.take(1)
    hands.wait(0.05)
    hands.wait(0.0, rate=1.0)
    assert hands.fade.share == pytest.approx(0.5)
    hands.wait(0.1, rate=1.0)
    assert hands.fade.share == pytest.approx(0.6)


@pytest.mark.parametrize(("index", "cut"), [(1, True), (3, False)])
def test_cuts_are_hard_and_so_is_what_follows_dropped_frames(index, cut) -> None:
    hands = RemoteControls()
    hands.take(0)
    hands.take(index, cut=cut)
    assert (hands.fade.share, hands.fade.under) == (1, None)
    hands.take(index + 1)
    assert hands.fade.share == 0


def test_who_does_not_want_it_sees_every_frame_at_once() -> None:
    hands = RemoteControls(smooth=False)
    for index in range(3):
        hands.take(index)
        assert (hands.fade.share, hands.fade.under) == (1, None)
        assert not hands.wait(0.01)


def test_a_window_that_draws_slowly_leaves_the_generator_its_time() -> None:
    hands = RemoteControls()
    hands.take(0)
    hands.fade.drawn(0.0)
    hands.take(1)
    hands.wait(0.06)
    hands.fade.drawn(0.06)
    assert not hands.wait(0.06), "it rests"
    assert hands.fade.share == 1
    assert not hands.wait(0.11)
    assert hands.wait(0.02), "and then shows the frame whole, if no other has come"
    hands.fade.drawn(0.01)
    assert not hands.wait(1)


def test_only_what_fades_in_takes_its_time_to_be_whole() -> None:
    hands = RemoteControls()
    hands.take(0)
    assert hands.fade.seconds(12) == 0
    hands.take(1)
    assert hands.fade.seconds(12) == 1 / 12
    hands.wait(1)
    assert hands.fade.seconds(12) == 1 / 12, "it has taken that long"
    hands.take(2, cut=True)
    assert hands.fade.seconds(12) == 0
