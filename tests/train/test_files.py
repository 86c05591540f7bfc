"""Names of files that FFmpeg would take for addresses."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.train.conftest import WriteFilm, numbered
from train.data.film import load_film
from train.data.probing.film_bars import display_shape
from train.images.video import write_video
from train.sample_film import draw_film


@pytest.mark.parametrize("name", ["film: part one.mkv", "a:b.mkv", "http:x.mkv", "subfile,,:x.mkv"])
def test_a_film_with_a_colon_in_its_relative_name_is_read(
    write_film: WriteFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    pictures = numbered(3)
    write_film(pictures, name)
    assert display_shape(Path(name)) == (64, 48)
    film = load_film(Path(name), (64, 48), "crop", tmp_path / "cache")
    assert np.array_equal(film.frames[:], np.stack(pictures))


def test_films_and_videos_with_a_colon_in_their_relative_names_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(Path("rollout: one.mkv"), numbered(3), Fraction(12))
    draw_film(Path("hats: one.mkv"), size=(32, 18), frame_count=2)
    assert display_shape(tmp_path / "rollout: one.mkv") == (64, 48)
    assert display_shape(tmp_path / "hats: one.mkv") == (32, 18)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hats: one.mkv", "rollout: one.mkv"]
