"""Room for decoded films on the disk."""

from pathlib import Path

import pytest

from tests.train.conftest import WriteFilm, numbered
from train.data.film import load_film
from train.data.films import load_films
from train.errors import FilmError

HUGE = (80_000, 80_000)  # 19 GB a picture


def test_a_film_that_does_not_fit_is_refused_before_it_is_decoded(write_film: WriteFilm, tmp_path: Path) -> None:
    path, cache, shares = write_film(numbered(200)), tmp_path / "disk" / "cache", list[float]()
    says = (
        rf"^decoding takes about 38\d\d\.\d GB in {cache}, and \d+\.\d GB are free there; make room, give --cache DIR"
    )
    with pytest.raises(FilmError, match=says) as caught:
        load_film(path, HUGE, "crop", cache, shares.append)
    assert "\n" not in str(caught.value)
    with pytest.raises(FilmError, match=says):
        load_films([path], HUGE, "crop", cache, shares.append)
    assert shares == []
    assert not cache.parent.exists()


def test_files_are_counted_together_and_pieces_alone_of_long_ones(write_film: WriteFilm, tmp_path: Path) -> None:
    paths = [write_film(numbered(100), name) for name in ("a.mkv", "b.mkv")]
    with pytest.raises(FilmError, match=r"about 38\d\d\.\d GB"):
        load_films(paths, HUGE, "crop", tmp_path / "cache")
    long = write_film(numbered(900), "long.mkv")
    with pytest.raises(FilmError, match=r"about 76\d\d\.\d GB"):  # 100 of the frames and an end of 300
        load_films([long], HUGE, "crop", tmp_path / "cache", most_frames=100)


def test_much_room_is_said_unless_the_cache_has_the_film(write_film: WriteFilm, tmp_path: Path) -> None:
    path, cache, lines = write_film(numbered(60)), tmp_path / "cache", list[str]()
    load_films([path], (64, 48), "crop", cache, say=lines.append)
    assert lines == []
    for _ in range(2):
        load_films([path], (64, 48), "crop", cache, say=lines.append, said_bytes=500_000)
    assert lines == []
    load_films([path], (64, 32), "crop", cache, say=lines.append, said_bytes=300_000)
    assert len(lines) == 1
    assert lines[0].startswith(f"the decoded pictures take about 0.0 GB in {cache}, where ")
