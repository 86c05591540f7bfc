"""Shapes of a film's pictures at the size of a model: each by its own shape, and none is torn."""

from pathlib import Path

import pytest

from tests.live.decoding.changing_films import TURNS, assert_disc, joined
from tests.live.decoding.files import encode, tinted, video_frames
from train.data.film import load_film
from train.data.probing.film_bars import display_shape
from train.errors import FilmError
from train.images.resizing import ResizeMode


@pytest.mark.parametrize("kind", TURNS)
@pytest.mark.parametrize("mode", ["crop", "letterbox"])
def test_each_frame_of_a_film_that_changes_has_its_own_shape(tmp_path: Path, kind: str, mode: ResizeMode) -> None:
    shapes, codec = TURNS[kind]
    joined(tmp_path / "a.ts", shapes, codec)
    assert display_shape(tmp_path / "a.ts") == (round(shapes[0][0] * shapes[0][2]), shapes[0][1])
    film = load_film(tmp_path / "a.ts", (96, 64), mode, tmp_path / "cache")
    assert len(film.frames) >= 48 * len(shapes) - 6
    for pixels in film.frames[3::9]:
        assert_disc(pixels)


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        (b"V_MPEG4/ISO/ASP", b"V_ALSO_NOTHING!", "has no video stream that can be decoded"),
        (b"\x00\x00\x01\xb6", b"\x00\x00\x01\xff", "holds no picture that can be decoded"),
    ],
)
def test_a_film_without_a_picture_is_refused(tmp_path: Path, was: bytes, becomes: bytes, says: str) -> None:
    path = tmp_path / "a.mkv"
    encode(path, video_frames(tinted(5)), "mpeg4", "yuv420p")
    path.write_bytes(path.read_bytes().replace(was, becomes))
    with pytest.raises(FilmError, match=says):
        display_shape(path)
