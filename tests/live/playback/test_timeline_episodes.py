"""The timeline over several episodes: fades back to the film, and collapses that are returned to it."""

from pathlib import Path

import numpy as np
import pytest

from live.bundle.life_signs import LifeSigns
from tests.live.bundles import RATE, make_film
from tests.live.playback.timelines import make_timeline, play

ALWAYS_COLLAPSED = LifeSigns(sharpness=(2.0, 3.0), colour=((0.0, 1.0),) * 3, motion=0.0, stillness=0.0)
"""Ranges that no picture reaches."""


def test_after_an_episode_it_fades_back_to_the_tail_and_continues_otherwise(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, tail=1.0, seconds=5.0, episode=2.0)
    assert timeline.length == 3 * 12 + 60
    frames = play(timeline)
    assert len(frames) == 96
    assert [frame.index for frame in frames] == list(range(96))
    after = [frame.seconds_after_end for frame in frames]
    np.testing.assert_allclose(after[36:72], after[:36])
    np.testing.assert_allclose(after[72:], after[:24])
    first, second = (np.stack([frame.pixels for frame in frames[begin : begin + 36]]) for begin in (0, 36))
    film, last = make_film()[-12:], frames[35].pixels
    np.testing.assert_array_equal(second[9:12], film[9:12])
    # During the fade, the episode's last picture is mixed in, less and less.
    assert all(not np.array_equal(shown, plain) for shown, plain in zip(second[:9], film[:9], strict=True))
    far = [np.abs(shown.astype(float) - last).mean() for shown in second[:9]]
    assert far[0] < far[4] < far[8]
    assert not np.array_equal(first[12:], second[12:]), "the noise is another"


def test_episodes_are_repeatable(bundle_folder: Path) -> None:
    one, other = (play(make_timeline(bundle_folder, tail=0.5, seconds=3.0, episode=1.0)) for _ in range(2))
    np.testing.assert_array_equal([frame.pixels for frame in one], [frame.pixels for frame in other])


def test_a_collapse_fades_back_to_the_film_within_two_seconds(
    bundle_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeline = make_timeline(bundle_folder, tail=1.0, seconds=5.25, signs=ALWAYS_COLLAPSED)
    frames = play(timeline)
    after = [frame.seconds_after_end for frame in frames]
    # 1.75 seconds of continuation, then the film again, faded in.
    assert after[:34].index(1.75) == 32
    assert after[33] < 0
    np.testing.assert_array_equal(frames[33 + 9].pixels, make_film()[-3])
    assert timeline.collapses == 3
    assert "collapsed 2 s after the end; back to the film" in capsys.readouterr().out


def test_the_performer_may_switch_the_guard_off(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, tail=1.0, seconds=3.0, signs=ALWAYS_COLLAPSED)
    timeline.guard(False)
    assert len(play(timeline)) == 12 + 36
    assert timeline.collapses == 0
    timeline = make_timeline(bundle_folder, tail=0.0, seconds=None, signs=ALWAYS_COLLAPSED)
    timeline.guard()
    play(timeline, 40)
    timeline.guard()
    play(timeline, 1)
    assert timeline.collapses == 1


def test_a_reseed_ends_the_fade(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, tail=1.0, seconds=None, episode=1.0)
    assert play(timeline, 24 + 2)[-1].seconds_after_end < 0
    timeline.reseed_from_end()
    picture = make_film()[0]
    assert timeline._fade.over(picture) is picture
    assert play(timeline, 1)[0].seconds_after_end == pytest.approx(1 / RATE)


def test_a_show_that_goes_on_begins_at_the_tail_with_new_noise_and_nothing_fades(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, tail=1.0, seconds=None, episode=2.0)
    first = play(timeline, 12 + 20)
    timeline.go_on()
    second = play(timeline, 12 + 20)
    assert [frame.index for frame in second] == list(range(32, 64))
    assert [frame.cut for frame in second] == [True] + [False] * 31
    np.testing.assert_array_equal([frame.pixels for frame in second[:12]], make_film()[-12:])
    assert not np.array_equal(first[12].pixels, second[12].pixels), "the noise is another"
    # In the fade after an episode, too.
    play(timeline, 4 + 2)
    timeline.go_on()
    np.testing.assert_array_equal(play(timeline, 1)[0].pixels, make_film()[-12])
