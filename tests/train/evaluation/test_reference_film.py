"""The film of an evaluation: where rollouts start, and its replay."""

import numpy as np

from train.data.film import Film
from train.data.shots import find_story
from train.evaluation.reference_film import ReferenceFilm


def test_rollouts_begin_at_the_end_and_all_over_the_story(hats_film: Film) -> None:
    story = find_story(hats_film)
    film = ReferenceFilm.of(hats_film, story, 2, 2, None)
    starts = film.starts(9)
    assert starts[0] == story.last
    assert starts[1:] == sorted(set(starts[1:]))
    shots = {story.shot_of(start) for start in starts}
    assert len(shots) == 3
    assert film.starts(1) == [story.last]
    # A context holds frames of the film, none of them from before a cut.
    for start in starts:
        levels = ((film.context(start)[0] + 1) * 127.5).round().astype(np.uint8)
        expected = hats_film.frames[[start - 2, start]].transpose(0, 3, 1, 2).reshape(6, 48, 64)
        assert np.array_equal(levels, expected)
        assert story.shot_of(start - 2) == story.shot_of(start)


def test_a_replay_continues_at_the_beginning(hats_film: Film) -> None:
    story = find_story(hats_film)
    frames = ReferenceFilm.of(hats_film, story, 2, 2, None).replay(100)
    indices = [index for shot in story.shots for index in range(shot.start, shot.stop, 2)]
    begin = indices.index(100)
    for index in [*indices[begin:], *indices, indices[0]]:
        assert np.array_equal(next(frames), hats_film.frames[index])
