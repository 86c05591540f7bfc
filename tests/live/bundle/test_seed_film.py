from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from live.bundle import seed_film
from live.bundle.seed_film import SeedFilm, read_seed_film
from live.errors import BundleError
from tests.live.bundles import FILM_FRAMES, HEIGHT, RATE, SHOT_STARTS, WIDTH, K, make_film, to_context, write_film

Read = Callable[..., SeedFilm]


@pytest.fixture
def film() -> SeedFilm:
    return SeedFilm(make_film(12), shot_starts=(0, 5, 9), complete=True)


def test_the_show_is_reseeded_only_where_the_whole_context_lies_in_one_shot(film: SeedFilm) -> None:
    assert film.reseed_indices(12, context_frames=3) == [2, 3, 4, 7, 8, 11]
    assert film.reseed_indices(5, context_frames=3) == [7, 8, 11]
    assert film.reseed_indices(1, context_frames=3) == [11]
    assert film.reseed_indices(12, context_frames=1) == list(range(12))


def test_a_context_ends_with_its_film_index(film: SeedFilm) -> None:
    np.testing.assert_array_equal(film.context(11, 2), make_film(12)[10:12])
    np.testing.assert_array_equal(film.context(2, 3), make_film(12)[:3])


def test_frames_become_a_context() -> None:
    np.testing.assert_array_equal(seed_film.to_context(make_film()[:K]), to_context(make_film()[:K]))


def test_the_tail_is_as_long_as_asked_or_as_there_is(film: SeedFilm) -> None:
    assert film.tail_length(0, Fraction(12)) == 0
    assert film.tail_length(0.5, Fraction(12)) == 6
    assert film.tail_length(100, Fraction(12)) == 12


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "seed.mkv"
    write_film(path, make_film())
    return path


@pytest.fixture
def read(path: Path) -> Read:
    def read_film(shot_starts: list[int] | None = None, keep: int = 30) -> SeedFilm:
        starts = SHOT_STARTS if shot_starts is None else shot_starts
        return read_seed_film(
            path, height=HEIGHT, width=WIDTH, context_frames=K, frame_rate=Fraction(RATE), shot_starts=starts, keep=keep
        )

    return read_film


@pytest.mark.parametrize(
    ("keep", "kept", "shot_starts"), [(1000, 60, (0, 20, 45)), (60, 60, (0, 20, 45)), (30, 30, (0, 15)), (0, K, (0,))]
)
def test_the_last_frames_are_kept_and_never_less_than_a_context(
    read: Read, keep: int, kept: int, shot_starts: tuple[int, ...]
) -> None:
    film = read(keep=keep)
    np.testing.assert_array_equal(film.frames, make_film()[-kept:])
    assert film.shot_starts == shot_starts
    assert film.complete == (kept == FILM_FRAMES)


@pytest.mark.parametrize(("keep", "shot_starts"), [(1000, (0, 20, 45)), (30, (0, 15)), (0, (0,))])
def test_the_frames_of_a_second_track_replace_the_last_ones(
    read: Read, path: Path, keep: int, shot_starts: tuple[int, ...]
) -> None:
    exact = 255 - make_film()[-K:]
    write_film(path, make_film(), exact)
    film, alone = read(keep=keep), make_film()[-max(K, keep) :]
    np.testing.assert_array_equal(film.frames, np.concatenate([alone[:-K], exact]))
    assert film.shot_starts == shot_starts
    assert film.complete == (keep == 1000)


def test_a_second_track_that_is_shorter_than_a_context(read: Read, path: Path) -> None:
    write_film(path, make_film(), make_film(K - 1))
    with pytest.raises(BundleError, match="has 1 lossless frames, but the network needs 2"):
        read()


def test_a_second_track_of_another_size(read: Read, path: Path) -> None:
    write_film(path, make_film(), make_film(K, 48, 96))
    with pytest.raises(BundleError, match=r"seed\.mkv is 96×48, but the network makes 64×48"):
        read()


@pytest.mark.parametrize(
    ("shot_starts", "message"),
    [
        ([], "does not describe 60 frames"),
        ([5, 9], "does not describe 60 frames"),
        ([0, 9, 9], "does not describe 60 frames"),
        ([0, 60], "does not describe 60 frames"),
        ([0, 59], "a cut lies within its last 2 frames"),
    ],
)
def test_shot_starts_must_describe_the_film(read: Read, shot_starts: list[int], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        read(shot_starts)


def test_a_film_of_another_size(read: Read, path: Path) -> None:
    write_film(path, make_film(60, 48, 96))
    with pytest.raises(BundleError, match=r"seed\.mkv is 96×48, but the network makes 64×48"):
        read()


def test_a_film_that_is_shorter_than_a_context(read: Read, path: Path) -> None:
    write_film(path, make_film(1))
    with pytest.raises(BundleError, match="has 1 readable frames, but the network needs 2"):
        read([0])


@pytest.mark.parametrize("data", [b"not a film at all", b""])
def test_something_else_renamed(read: Read, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(BundleError, match=r"seed\.mkv is not a readable film"):
        read()


def test_a_film_that_is_missing(read: Read, path: Path) -> None:
    path.unlink()
    with pytest.raises(BundleError, match=r"seed\.mkv is missing"):
        read()
