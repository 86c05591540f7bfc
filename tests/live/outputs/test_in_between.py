"""Pictures between the frames of a show."""

from fractions import Fraction

import numpy as np
import pytest

from live.frame import Frame, Pixels
from live.outputs.in_between import Fading, Resampling


def frame(index: int, level: int, *, cut: bool = False) -> Frame:
    return Frame(np.full((2, 2, 3), level, np.uint8), index, 0.0, cut=cut)


def resampled(frames: list[Frame], rate: Fraction, wanted: int) -> list[tuple[int, int]]:
    """Return the number and the level of every picture."""
    resampling = Resampling(rate, Fraction(wanted))
    pictures = [picture for each in frames for picture in resampling.take(each)]
    return [(number, int(pixels[0, 0, 0])) for pixels, number in (*pictures, *resampling.finish())]


@pytest.mark.parametrize("first", [0, 7])
def test_pictures_between_two_frames_are_cross_faded(first: int) -> None:
    frames = [frame(first + index, 40 * index) for index in range(4)]
    pictures = resampled(frames, Fraction(15), 60)
    assert [number for number, _ in pictures] == list(range(16))
    # The last frame stays for its own time.
    assert [level for _, level in pictures] == [*range(0, 121, 10), 120, 120, 120]


def test_any_two_rates_fit() -> None:
    frames = [frame(index, 2 * index) for index in range(100)]
    pictures = resampled(frames, Fraction(24000, 1001), 60)
    assert len(pictures) == int(100 * 60 * 1001 / 24000) + 1
    for number, level in pictures:
        assert level == pytest.approx(min(2 * number * 24000 / 1001 / 60, 198), abs=0.51)


def test_a_cut_stays_one_and_a_missing_frame_is_not_crossed() -> None:
    cut = resampled([frame(0, 0), frame(1, 100, cut=True)], Fraction(12), 24)
    assert [level for _, level in cut] == [0, 0, 100, 100]
    gap = resampled([frame(0, 0), frame(2, 100)], Fraction(12), 24)
    assert [level for _, level in gap] == [0, 0, 0, 0, 100, 100]


def test_at_a_lower_rate_frames_are_left_out() -> None:
    assert resampled([frame(index, index) for index in range(8)], Fraction(24), 12) == [(0, 0), (1, 2), (2, 4), (3, 6)]


def level(picture: Pixels | None) -> int:
    assert picture is not None
    return int(picture[0, 0, 0])


def test_the_newest_frame_fades_in_until_the_next_is_due() -> None:
    fading = Fading()
    assert fading.picture(0.0) is None
    fading.start(frame(0, 0), 1.0, 10)
    assert fading.is_over(1.0)
    fading.start(frame(1, 100), 2.0, 10)
    assert [level(fading.picture(now)) for now in (1.9, 2.0, 2.05, 2.1, 9.0)] == [0, 0, 50, 100, 100]
    assert not fading.is_over(2.05)
    assert fading.is_over(2.11)
    fading.start(frame(2, 0, cut=True), 3.0, 10)
    assert level(fading.picture(3.0)) == 0
