import numpy as np
import pytest

from live.display.crossfade import Crossfade
from live.frame import Frame


class ManualFade:
    """A cross-fade on a clock that only the test moves."""

    def __init__(self, smooth: bool = True) -> None:
        self.seconds = 5.0
        self.crossfade = Crossfade(smooth=smooth, now=lambda: self.seconds)

    def start(self, index: int, *, cut: bool = False) -> Frame:
        frame = Frame(np.full((2, 2, 3), index, np.uint8), index, 0.0, cut=cut)
        self.crossfade.start(frame)
        return frame

    def wait(self, seconds: float, rate: float = 10.0) -> bool:
        """Move the clock and return True if the picture must be drawn again."""
        self.seconds += seconds
        return self.crossfade.advance(rate)

    @property
    def complete(self) -> bool:
        """True if only the newest frame is visible."""
        return self.crossfade.share == 1 and self.crossfade.under is None


def test_a_frame_covers_the_one_before_until_the_next_is_due() -> None:
    fade = ManualFade()
    first = fade.start(0)
    assert fade.complete
    fade.wait(3)
    fade.start(1)
    assert fade.crossfade.share == 0
    assert fade.crossfade.under is first.pixels
    assert fade.wait(0.025)
    assert fade.crossfade.share == pytest.approx(0.25)
    fade.crossfade.note_drawn(0.01)
    assert not fade.wait(0.0), "nothing has moved"
    assert fade.wait(0.5)
    assert fade.complete
    fade.crossfade.note_drawn(0.01)
    assert not fade.wait(1), "nothing moves any more"


def test_another_speed_never_moves_the_fade_back() -> None:
    fade = ManualFade()
    fade.start(0)
    fade.start(1)
    fade.wait(0.05)
    fade.wait(0.0, rate=1.0)
    assert fade.crossfade.share == pytest.approx(0.5)
    fade.wait(0.1, rate=1.0)
    assert fade.crossfade.share == pytest.approx(0.6)


@pytest.mark.parametrize(("index", "cut"), [(1, True), (3, False)])
def test_a_cut_or_dropped_frames_are_not_faded_over(index: int, cut: bool) -> None:
    fade = ManualFade()
    fade.start(0)
    fade.start(index, cut=cut)
    assert fade.complete
    fade.start(index + 1)
    assert fade.crossfade.share == 0


def test_without_smooth_every_frame_is_visible_at_once() -> None:
    fade = ManualFade(smooth=False)
    for index in range(3):
        fade.start(index)
        assert fade.complete
        assert not fade.wait(0.01)


def test_a_window_that_draws_slowly_leaves_the_generator_its_time() -> None:
    fade = ManualFade()
    fade.start(0)
    fade.crossfade.note_drawn(0.0)
    fade.start(1)
    fade.wait(0.06)
    fade.crossfade.note_drawn(0.06)
    assert not fade.wait(0.06), "it rests"
    assert fade.crossfade.share == 1
    assert not fade.wait(0.11)
    assert fade.wait(0.02), "then it shows the complete frame if no other has come"
    fade.crossfade.note_drawn(0.01)
    assert not fade.wait(1)


def test_only_a_faded_frame_takes_time_until_it_is_fully_visible() -> None:
    fade = ManualFade()
    fade.start(0)
    assert fade.crossfade.seconds(12) == 0
    fade.start(1)
    assert fade.crossfade.seconds(12) == 1 / 12
    fade.wait(1)
    assert fade.crossfade.seconds(12) == 1 / 12, "it has taken that long"
    fade.start(2, cut=True)
    assert fade.crossfade.seconds(12) == 0
