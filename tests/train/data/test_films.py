"""Films of several files: which are taken, at which rate, and how their stories are joined."""

import os
import resource
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.train.conftest import WriteFilm, numbered
from train.data.film import Film, load_film
from train.data.film_tail import film_tail
from train.data.film_windows import FilmWindows
from train.data.films import film_files, load_films
from train.data.shots import Shot, choose_stride, find_story
from train.errors import FilmError
from train.images.frames import MOST_MAPPED, StoredFrames

SIZE = (64, 48)


def load(*paths: Path, cache: Path | None = None) -> Film:
    return load_films(paths, SIZE, "crop", cache or paths[0].parent / "cache")


def levels(film: Film) -> list[int]:
    """Return what tells the pictures of `numbered` apart: their grey level, in a corner of the picture."""
    return [int(np.median(frame)) for frame in film.frames]


# ----------------------------------------------------------------------------
# The files.


def test_a_folder_gives_its_films_in_the_order_in_which_people_count(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    for name in ("10.mkv", "2.MP4", "part 2 b.mov", "Part 2 a.mov", "1.gif", "poster.png", "notes.txt", "._1.mp4"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    (folder / "deeper.mkv").mkdir()
    names = ["1.gif", "2.MP4", "10.mkv", "Part 2 a.mov", "part 2 b.mov"]
    assert film_files([folder]) == [folder / name for name in names]
    # Files by name keep the order in which they are given, whatever their suffix.
    given = [folder / "poster.png", folder, tmp_path / "nothing"]
    assert film_files(given) == [folder / "poster.png", *(folder / name for name in names), tmp_path / "nothing"]


def test_a_folder_of_pictures_is_no_film(tmp_path: Path) -> None:
    (tmp_path / "picture.png").touch()
    with pytest.raises(FilmError, match="holds no films; for a folder of pictures give --pictures DIR or --pairs DIR"):
        load(tmp_path)


def test_one_film_is_what_it_was(write_film: WriteFilm, tmp_path: Path) -> None:
    path = write_film(numbered(20))
    alone, first = load_film(path, SIZE, "crop", tmp_path / "cache"), load(path)
    assert isinstance(first.frames, StoredFrames)
    assert (first.title, first.source_hash, first.frame_rate) == (alone.title, alone.source_hash, alone.frame_rate)
    assert first.files == (first,)
    assert first.time_of(12) == "0.50 s"


def test_files_follow_one_another_and_each_is_decoded_once(write_film: WriteFilm, tmp_path: Path) -> None:
    a, b = write_film(numbered(40)[:12], "a.mkv"), write_film(numbered(40)[12:], "b.mkv")
    shares: list[float] = []
    joined = load_films([a, b], SIZE, "crop", tmp_path / "cache", shares.append)
    assert levels(joined) == [60 + i for i in range(40)]
    assert joined.size == SIZE
    assert (joined.starts, joined.path) == ([0, 12], b)
    assert np.allclose(joined.times, [*(i / 24 for i in range(12)), *(i / 24 for i in range(28))], atol=6e-4)
    assert (joined.time_of(11), joined.time_of(12)) == ("0.46 s of film 1", "0.00 s of film 2")
    assert joined.title == "a + b"
    assert shares == sorted(shares)
    assert shares[-1] == 1
    # The cache holds each file once, where that file alone is looked for.
    stored = sum(path.stat().st_size for path in (tmp_path / "cache").glob("*/frames.u8"))
    assert stored == 40 * 64 * 48 * 3
    again: list[float] = []
    load_film(b, SIZE, "crop", tmp_path / "cache", again.append)
    assert again == []
    # The order belongs to the film.
    other_way = load(b, a)
    assert levels(other_way) == [*levels(joined)[12:], *levels(joined)[:12]]
    assert len({joined.source_hash, other_way.source_hash, *(file.source_hash for file in joined.files)}) == 4


def test_a_folder_may_hold_more_films_than_a_process_may_open_files(write_film: WriteFilm, tmp_path: Path) -> None:
    """Some systems allow 256; each mapping into memory would keep a file open."""
    (tmp_path / "films").mkdir()
    film = write_film([np.full((32, 32, 3), 20 * i + 30, np.uint8) for i in range(4)])
    for number in range(100):
        content = film.read_bytes() + b"\xec\x84" + number.to_bytes(4, "big")  # a void element of Matroska
        (tmp_path / "films" / f"{number}.mkv").write_bytes(content)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) + MOST_MAPPED + 16, limits[1]))
    try:
        films = load_films([tmp_path / "films"], (32, 32), "crop", tmp_path / "cache")
        shown = levels(films)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert len(films.files) == 100
    np.testing.assert_allclose(shown, [30, 50, 70, 90] * 100, atol=2)


def test_a_title_names_three_films_at_most(write_film: WriteFilm, tmp_path: Path) -> None:
    files = [write_film(numbered(2 + i), f"{name}.mkv") for i, name in enumerate("abcde")]
    assert load(*files).title == "a + b + c + 2 more"
    assert load(tmp_path, cache=tmp_path / "cache").title == tmp_path.name


def test_films_of_other_shapes_are_resized_as_each_alone(write_film: WriteFilm, tmp_path: Path) -> None:
    wide, tall = write_film(numbered(3, (96, 48)), "wide.mkv"), write_film(numbered(3, (48, 64)), "tall.mkv")
    joined = load_films([wide, tall], SIZE, "letterbox", tmp_path / "cache")
    alone = [load_film(path, SIZE, "letterbox", tmp_path / "cache").frames[:] for path in (wide, tall)]
    assert np.array_equal(joined.frames[:], np.concatenate(alone))


def test_a_file_that_is_no_film_is_named_before_any_is_decoded(write_film: WriteFilm, tmp_path: Path) -> None:
    good, broken = write_film(numbered(5), "good.mkv"), tmp_path / "broken.mkv"
    broken.write_bytes(b"once upon a time " * 100)
    with pytest.raises(FilmError, match=r"broken\.mkv cannot be decoded as a film") as caught:
        load(good, broken)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "cache").exists()


# ----------------------------------------------------------------------------
# The rate.


@pytest.mark.parametrize(
    ("rates", "joined_rate", "frames"),
    [
        ((24, 25), 24, [48, 50]),  # nobody sees 4 percent
        ((30, 24), 24, [48, 48]),
        ((24, 60), 24, [48, 48]),
        ((24, 12), 12, [24, 24]),
        ((50, 10), 10, [20, 20]),
    ],
)
def test_all_run_at_the_rate_of_the_slowest(
    write_film: WriteFilm, rates: Sequence[int], joined_rate: int, frames: list[int]
) -> None:
    """Each film takes two seconds."""
    files = [write_film(numbered(2 * rate), f"{rate}.mkv", rate=Fraction(rate)) for rate in rates]
    joined = load(*files)
    assert joined.frame_rate == joined_rate
    assert [len(file.frames) for file in joined.files] == frames
    assert {file.frame_rate for file in joined.files} == {joined_rate}
    for begin, file, rate in zip(joined.starts, joined.files, rates, strict=True):
        shown = levels(joined)[begin : begin + len(file.frames)]
        assert shown[-1] == 60 + 2 * rate - 1  # the last frame is never left out
        assert np.ptp(np.diff(shown)) <= 1  # even distances
        assert np.allclose(file.times, [(level - 60) / rate for level in shown], atol=6e-4)
        assert np.array_equal(file.frames[:], joined.frames[begin : begin + len(file.frames)])


# ----------------------------------------------------------------------------
# The story.


def disc(count: int, colour: tuple[int, int, int]) -> list[np.ndarray]:
    """Draw a light disc that moves over a coloured background."""
    pictures = []
    for number in range(count):
        picture = np.full((48, 64, 3), colour, np.uint8)
        cv2.circle(picture, (8 + number % 64, 24), 9, (240, 230, 200), -1)
        pictures.append(picture)
    return pictures


RED, BLUE = (150, 40, 40), (40, 60, 150)
BLACK = [np.zeros((48, 64, 3), np.uint8)] * 6
CREDITS = [cv2.putText(np.zeros((48, 64, 3), np.uint8), "cast", (18, 30), 0, 0.4, (220,) * 3) for _ in range(24)]


def test_each_file_has_its_own_shots_and_its_own_end(write_film: WriteFilm) -> None:
    a = write_film(disc(30, RED) + disc(30, BLUE) + CREDITS, "a.mkv")
    b = write_film(BLACK + disc(40, BLUE) + CREDITS, "b.mkv")
    story = find_story(load(a, b))
    assert story.shots == (Shot(0, 30), Shot(30, 60), Shot(90, 130))
    assert story.frame_count == 154
    assert story.last == 129
    # The end is a second of the last file: the first one ends where it did.
    ended = find_story(load(a, b), end=1.0)
    assert ended.shots == (Shot(0, 30), Shot(30, 60), Shot(90, 109))
    with pytest.raises(FilmError, match="give a later end"):
        find_story(load(a, b), end=0.1)


def test_a_file_ends_a_shot_even_where_the_pictures_go_on(write_film: WriteFilm) -> None:
    pictures = disc(60, RED)
    halves = load(write_film(pictures[:30], "a.mkv"), write_film(pictures[30:], "b.mkv"))
    assert find_story(load(write_film(pictures, "whole.mkv"))).shots == (Shot(0, 60),)
    story = find_story(halves)
    assert story.shots == (Shot(0, 30), Shot(30, 60))
    windows = FilmWindows(halves, story, context_frames=2, stride=3)
    assert set(windows.film_indices) == {*range(3, 30), *range(33, 60)}
    tail, shot_starts = film_tail(halves, story, windows)
    assert np.array_equal(tail, np.stack(pictures[2::3]))
    assert shot_starts == [0, 10]


def test_a_black_file_is_named(write_film: WriteFilm) -> None:
    with pytest.raises(FilmError, match=r"b\.mkv is black from beginning to end"):
        find_story(load(write_film(disc(20, RED), "a.mkv"), write_film(BLACK, "b.mkv")))


def test_the_show_goes_on_from_the_last_file_however_short(write_film: WriteFilm) -> None:
    still = disc(1, RED) * 90  # it asks for a larger stride than the last file can take
    film = load(write_film(still, "a.mkv"), write_film(disc(7, BLUE), "b.mkv"))
    story = find_story(film)
    stride = choose_stride(film, story, context_frames=3)
    windows = FilmWindows(film, story, context_frames=3, stride=stride)
    assert stride == 2
    assert windows.last_frame == 96
    with pytest.raises(FilmError, match="no shot of the last film is long enough: the longest has 7 frames"):
        FilmWindows(film, story, context_frames=3, stride=3)


def test_a_short_file_in_the_middle_is_passed_over(write_film: WriteFilm) -> None:
    parts = [disc(30, RED), disc(3, BLUE), disc(30, RED)]
    film = load(*(write_film(part, f"{number}.mkv") for number, part in enumerate(parts)))
    assert film.starts == [0, *accumulate((30, 3))]
    windows = FilmWindows(film, find_story(film), context_frames=2, stride=3)
    assert set(windows.film_indices) == {*range(3, 30), *range(36, 63)}


def test_of_a_folder_animated_webp_is_a_film_and_still_webp_is_not(tmp_path: Path) -> None:
    animation = cv2.Animation()
    animation.frames = numbered(3)
    animation.durations = [40, 40, 40]
    assert cv2.imwriteanimation(str(tmp_path / "moving.webp"), animation)
    assert cv2.imwrite(str(tmp_path / "still.webp"), numbered(1)[0])
    assert film_files([tmp_path]) == [tmp_path / "moving.webp"]
