"""Long films: pieces of them, which are the very frames of the whole film."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.train.conftest import WriteFilm, numbered
from train.data.film import Film, load_film
from train.data.film_tail import film_tail
from train.data.film_windows import FilmWindows
from train.data.films import load_films
from train.data.shots import Story, find_story
from train.errors import FilmError

SIZE = (64, 48)
COUNT, RATE = 700, 8  # frames, in shots of 150: a film of 87 seconds
BLACK = [np.zeros((48, 64, 3), np.uint8)] * 40


@pytest.fixture
def path(write_film: WriteFilm) -> Path:
    return write_film(numbered(COUNT) + BLACK, rate=Fraction(RATE))


def pieces(path: Path, cache: Path, *, end: float | None = None, shares: list[float] | None = None) -> Film:
    progress = [] if shares is None else shares
    return load_films([path], SIZE, "crop", cache, progress.append, end=end, most_frames=COUNT // 4)


def windows_of(film: Film, story: Story) -> FilmWindows:
    return FilmWindows(film, story, context_frames=2, stride=2, most_windows=100 if film.every == 1 else 1)


def test_pieces_hold_the_frames_of_the_whole_film_at_their_times(path: Path, tmp_path: Path) -> None:
    film, whole = pieces(path, tmp_path / "cache"), load_film(path, SIZE, "crop", tmp_path / "whole")
    assert (film.every, film.frame_count) == (5, COUNT + 40)
    assert film.frame_rate == RATE
    indices = (film.times * RATE).round().astype(int)
    assert np.array_equal(film.frames[:], whole.frames[indices])
    assert COUNT // 5 < len(film.frames) < COUNT // 5 + (12 + 8) * RATE
    story, whole_story = find_story(film), find_story(whole)
    assert len(story.shots) >= 3
    for shot in story.shots:
        own = indices[shot.start : shot.stop]
        assert np.array_equal(own, np.arange(own[0], own[-1] + 1))
        assert own[0] // 150 == own[-1] // 150
    assert indices[story.last] == whole_story.last == COUNT - 1
    assert indices[story.last + 1 :].tolist() == [COUNT, COUNT + 39]  # of the black, its first and its last frame
    (line,) = film.lines
    assert line == (
        f"is long: of its {COUNT + 40} frames {len(film.frames)} are used, "
        "one of 5 pieces of 8 s at even distances, and its end"
    )


def test_windows_and_tail_are_those_of_the_whole_film(path: Path, tmp_path: Path) -> None:
    film, whole = pieces(path, tmp_path / "cache"), load_film(path, SIZE, "crop", tmp_path / "whole")
    story, whole_story = find_story(film), find_story(whole)
    windows = windows_of(film, story)
    assert film.times[windows.last_frame] == whole.times[whole_story.last]
    assert len(windows.film_indices) == sum(len(shot) - 2 for shot in story.shots)  # not divided a second time
    tail, starts = film_tail(film, story, windows)
    whole_tail, whole_starts = film_tail(whole, whole_story, windows_of(whole, whole_story))
    assert np.array_equal(tail, whole_tail)
    assert starts == whole_starts


def test_the_cache_holds_the_pieces_alone_and_they_are_decoded_once(path: Path, tmp_path: Path) -> None:
    shares = list[float]()
    film = pieces(path, tmp_path / "cache", shares=shares)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    (entry,) = (tmp_path / "cache").iterdir()
    assert entry.name.endswith("-64x48-crop-1of5")
    assert (entry / "frames.u8").stat().st_size == len(film.frames) * 64 * 48 * 3
    again = list[float]()
    assert np.array_equal(pieces(path, tmp_path / "cache", shares=again).frames[:], film.frames[:])
    # A bundle says its end in milliseconds, and is evaluated on the pieces that it was trained on.
    end = round(float(film.times[find_story(film).last]), 3)
    assert len(pieces(path, tmp_path / "cache", end=end, shares=again).frames) == len(film.frames)
    assert again == []


def test_pieces_lead_up_to_an_end_that_is_given(path: Path, tmp_path: Path) -> None:
    shares = list[float]()
    for end in (50.0, None):
        film = pieces(path, tmp_path / "cache", end=end, shares=shares)
        story = find_story(film, end)
        assert film.times[story.last] == pytest.approx(end or (COUNT - 1) / RATE, abs=2e-3)
        tail = film.times[story.last + 1 - 11 * RATE : story.last + 1]
        assert np.allclose(np.diff(tail), 1 / RATE, atol=2e-3)
    assert find_story(film, 40.0).shots[-1].stop == np.searchsorted(film.times, 40.0, side="right")
    with pytest.raises(FilmError, match="there is no picture before --end -1 s"):
        pieces(path, tmp_path / "cache", end=-1.0)


def test_several_films_share_the_pieces_and_run_at_one_rate(write_film: WriteFilm, tmp_path: Path) -> None:
    fast = write_film(numbered(1200), "fast.mkv", rate=Fraction(48))
    slow = write_film(numbered(1200), "slow.mkv")
    film = load_films([fast, slow], SIZE, "crop", tmp_path / "cache", most_frames=800)
    assert film.every == 3
    assert film.frame_rate == 24
    story = find_story(film)
    for begin, file in zip(film.starts, film.files, strict=True):
        own = [shot for shot in story.shots if begin <= shot.start < begin + len(file.frames)]
        assert len(own) > 2
        for shot in own:
            steps = np.diff(film.times[shot.start : shot.stop])
            assert np.allclose(steps, 1 / 24, atol=2e-3)
    assert film.files[0].frame_count == 600
    assert story.last == len(film.frames) - 1


def test_held_pictures_of_a_long_film_keep_their_pace(write_film: WriteFilm, tmp_path: Path) -> None:
    lengths = [1, 1, 3] * 200
    times = (np.cumsum([0, *lengths[:-1]]) / 24).tolist()
    path = write_film(numbered(600), times=times)
    whole = load_film(path, SIZE, "crop", tmp_path / "whole")
    film = load_films([path], SIZE, "crop", tmp_path / "cache", most_frames=200)
    assert film.frame_count == len(whole.frames) > 900
    indices = np.rint(film.times * float(whole.frame_rate)).astype(int)
    assert np.array_equal(film.frames[:], whole.frames[indices])
    assert film.frame_rate == whole.frame_rate
    assert "shows its pictures for uneven times: its 600 pictures make 9" in film.lines[0]


def test_an_interrupted_search_leaves_nothing_behind(path: Path, tmp_path: Path) -> None:
    for at in (0.3, 0.9):

        def interrupt(share: float, at: float = at) -> None:
            if share > at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            load_films([path], SIZE, "crop", tmp_path / "cache", interrupt, most_frames=150)
        assert list((tmp_path / "cache").iterdir()) == []
