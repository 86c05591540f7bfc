"""The order of frames: tail, continuation, reseeds."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from live.bundle.bundle import read_bundle
from tests.live.bundles import FILM_FRAMES, RATE, K, make_film, next_state, same_picture, to_context
from tests.live.playback.timelines import make_generator, make_timeline, play, step


def test_the_films_last_seconds_and_then_what_comes_after(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, tail=1.5, seconds=2.0)
    assert timeline.length == 18 + 24
    frames = play(timeline)
    assert len(frames) == 18 + 24
    np.testing.assert_array_equal([frame.pixels for frame in frames[:18]], make_film()[-18:])
    assert [frame.index for frame in frames] == list(range(42))
    np.testing.assert_allclose([frame.seconds_after_end for frame in frames], (np.arange(42) - 17) / RATE, atol=1e-12)
    assert not np.array_equal(frames[18].pixels, frames[17].pixels)
    assert timeline.step() is None
    assert timeline.length == 0


def test_no_tail_begins_right_after_the_end(bundle_folder: Path) -> None:
    with_tail, without = (play(make_timeline(bundle_folder, tail=tail)) for tail in (1.0, 0.0))
    assert without[0].seconds_after_end == pytest.approx(1 / RATE)
    np.testing.assert_array_equal(without[0].pixels, with_tail[RATE].pixels)


def test_a_tail_longer_than_the_film_is_the_film(bundle_folder: Path) -> None:
    film = read_bundle(bundle_folder, tail_seconds=1000).film
    assert film.tail_length(1000, Fraction(RATE)) == FILM_FRAMES
    assert len(play(make_timeline(bundle_folder, tail=1000))) == 3 * RATE + K + 24, "as much as was read"


def test_an_endless_timeline_does_not_end(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, seconds=None)
    assert timeline.length is None
    assert len(play(timeline, most=500)) == 500


def test_the_shortest_continuation_is_one_frame(bundle_folder: Path) -> None:
    assert len(play(make_timeline(bundle_folder, tail=0, seconds=0.001))) == 1


def test_reseeding_from_the_end_continues_the_last_film_frame_again(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, tail=0, temperature=0.0)
    before = play(timeline, most=10)
    timeline.reseed_from_end()
    after = play(timeline, most=10)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)
        assert one.seconds_after_end == other.seconds_after_end
    assert [frame.index for frame in after] == list(range(10, 20))
    assert len(play(timeline)) == 4, "the show's length stays the same"


def test_a_shot_of_the_film_is_continued_from_its_beginning(bundle_folder: Path) -> None:
    film = read_bundle(bundle_folder, tail_seconds=3).film
    timeline = make_timeline(bundle_folder, tail=3.0, temperature=0.0)
    assert timeline.shots == len(film.shot_starts)
    for number, start in enumerate(film.shot_starts, 1):
        assert timeline.go_to_shot(number)
        frame = step(timeline)
        expected, _ = next_state(to_context(film.frames[start : start + K]), np.zeros((1, 1, 48, 64), np.float32), 0.0)
        assert same_picture(frame.pixels, expected)
        assert frame.cut
    assert not timeline.go_to_shot(timeline.shots + 1)
    assert not step(timeline).cut


def test_the_same_seed_again_repeats_what_follows(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, tail=0, seconds=None)
    shows = []
    for seed in (5, 5, 6):
        timeline.renew(seed)
        timeline.reseed_from_end()
        shows.append(np.array([frame.pixels for frame in play(timeline, most=8)]))
    np.testing.assert_array_equal(shows[0], shows[1])
    assert not np.array_equal(shows[0], shows[2])
    assert timeline.given_seed == 6


def test_reseeding_in_the_tail_ends_the_tail(bundle_folder: Path) -> None:
    timeline = make_timeline(bundle_folder, tail=3.0)
    play(timeline, most=5)
    timeline.reseed_from_end()
    assert not timeline.in_tail
    assert step(timeline).seconds_after_end == pytest.approx(1 / RATE)


def test_reseeding_from_the_tail_picks_film_frames_within_one_shot_repeatably(bundle_folder: Path) -> None:
    film = read_bundle(bundle_folder, tail_seconds=3).film
    # Without noise, the network's frame tells from which film frame it continues.
    film_indices = {}
    generator = make_generator(bundle_folder, temperature=0.0)
    for film_index in range(K - 1, len(film.frames)):
        generator.reset(film.context(film_index, K))
        film_indices[generator.step().tobytes()] = film_index

    def picks(seed: int) -> list[int]:
        timeline, picked = make_timeline(bundle_folder, seconds=None, seed=seed, temperature=0.0), []
        for _ in range(40):
            timeline.reseed_from_tail()
            picked.append(film_indices[step(timeline).pixels.tobytes()])
        return picked

    allowed = film.reseed_indices(3 * RATE, K)
    cut = film.shot_starts[1]
    assert cut not in allowed
    assert set(picks(1)) <= set(allowed)
    assert len(set(picks(1))) > len(allowed) // 3
    assert picks(1) == picks(1)
    assert picks(1) != picks(2)


def test_reseeding_does_not_shift_the_noise(bundle_folder: Path) -> None:
    plain, reseeded = (make_timeline(bundle_folder, tail=0) for _ in range(2))
    reseeded.reseed_from_tail()
    reseeded.reseed_from_end()
    np.testing.assert_array_equal(step(plain).pixels, step(reseeded).pixels)


def test_frames_that_do_not_continue_the_one_before_are_cuts(bundle_folder: Path) -> None:
    film = read_bundle(bundle_folder, tail_seconds=3).film
    timeline = make_timeline(bundle_folder, tail=3.0)
    before_tail = len(film.frames) - 36
    starts = [start - before_tail for start in film.shot_starts if start > before_tail]
    tail = [frame.cut for frame in play(timeline, 36)]
    assert [index for index, cut in enumerate(tail) if cut and index] == starts
    assert [frame.cut for frame in play(timeline, 3)] == [False] * 3, "the end of the film is no cut"
    for reseed in (timeline.reseed_from_end, timeline.reseed_from_tail):
        reseed()
        assert [frame.cut for frame in play(timeline, 3)] == [True, False, False]
