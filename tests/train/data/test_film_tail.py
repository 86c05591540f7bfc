"""The tail of a film that a bundle carries."""

import numpy as np
import pytest

from live.decoding.findings import Findings
from train.data.film import Film
from train.data.film_tail import film_tail
from train.data.film_windows import FilmWindows
from train.data.shots import Shot, Story, find_story


def test_the_tail_ends_with_the_last_film_frame_and_says_where_shots_begin(
    hats_film: Film, hats_windows: FilmWindows
) -> None:
    frames, shot_starts = film_tail(hats_film, find_story(hats_film), hats_windows)
    assert np.array_equal(frames, hats_film.frames[1:120:2])
    assert shot_starts == [0, 12, 24]


def test_the_tail_leaves_out_what_is_not_in_the_story(hats_film: Film) -> None:
    story = Story((Shot(0, 20), Shot(40, 80)), 132)
    windows = FilmWindows(hats_film, story, context_frames=2, stride=2)
    frames, shot_starts = film_tail(hats_film, story, windows)
    assert np.array_equal(frames, hats_film.frames[[*range(1, 20, 2), *range(41, 80, 2)]])
    assert shot_starts == [0, 10]


@pytest.mark.parametrize(("stride", "count"), [(1, 240), (30, 11)])
def test_the_tail_takes_ten_seconds_but_at_least_a_context_and_the_frame_before(
    hats_film: Film, stride: int, count: int
) -> None:
    """At 24 film frames per second, ten seconds are 240 steps of 1 frame, or 8 of 30: too few for a context of 10."""
    frames = np.zeros((400, 48, 64, 3), np.uint8)
    film = Film(hats_film.path, "long", "", frames, np.arange(400) / 24, Findings())
    story = Story((Shot(0, 400),), 400)
    windows = FilmWindows(film, story, context_frames=10, stride=stride)
    assert len(film_tail(film, story, windows)[0]) == count
