"""The shape of each picture, also of a film that changes its own."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.live.decoding.changing_films import SQUARE, TURNS, assert_disc, joined
from tests.live.decoding.files import HEIGHT, WIDTH, frames_of, tinted


@pytest.mark.parametrize("kind", TURNS)
def test_each_frame_of_a_film_that_changes_has_its_own_shape(tmp_path: Path, kind: str) -> None:
    shapes, codec = TURNS[kind]
    joined(tmp_path / "a.ts", shapes, codec)
    frames = frames_of(tmp_path / "a.ts")
    assert len(frames) >= 48 * len(shapes) - 6
    expected = {(round(width * aspect), height) for width, height, aspect in shapes}
    assert {pixels.shape[1::-1] for pixels in frames} == expected
    for pixels in frames[3::9]:
        assert_disc(pixels)


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg2video"])
def test_frames_that_are_given_late_keep_their_own_shape(tmp_path: Path, codec: str) -> None:
    """With B frames, a decoder has begun the next scene when it gives the last frames of the one before."""
    joined(tmp_path / "a.ts", [(96, 64, SQUARE), (96, 64, Fraction(32, 27)), (96, 64, SQUARE)], codec, b_frames=2)
    for pixels in frames_of(tmp_path / "a.ts"):
        assert_disc(pixels)


@pytest.mark.parametrize("suffix", ["gif", "png"])
def test_the_pixels_of_an_animation_are_square_as_browsers_show_them(tmp_path: Path, suffix: str) -> None:
    """A GIF's header, and a PNG's, may say how it is meant to be printed."""
    path = tmp_path / f"a.{suffix}"
    first, *others = (Image.fromarray(picture) for picture in tinted(3))
    first.save(path, save_all=True, append_images=others, duration=100, dpi=(300, 150))
    if suffix == "gif":
        content = bytearray(path.read_bytes())
        content[12] = 113  # pixels twice as wide as high (GIF89a, §18)
        path.write_bytes(content)
    with av.open(path) as container:
        assert container.streams.video[0].sample_aspect_ratio not in (None, 1)  # FFmpeg would stretch it
    assert {pixels.shape for pixels in frames_of(path)} == {(HEIGHT, WIDTH, 3)}
