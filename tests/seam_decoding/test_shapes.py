"""Both halves see the same shapes, also of a film that changes its own."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.seam_decoding.files import HEIGHT, WIDTH, camera_frames, tinted
from train.data.film import load_film
from train.data.probing.film_bars import display_shape
from train.images.resizing import ResizeMode


def joined(path: Path, shapes: list[tuple[int, int, Fraction]], codec: str, b_frames: int = 0) -> None:
    """Write two seconds of each shape (W, H, aspect of a pixel), with a disc in it, and join them end to end."""
    content = b""
    for width, height, aspect in shapes:
        y, x = np.mgrid[:height, :width]
        disc = np.hypot((x - (width - 1) / 2) * float(aspect), y - (height - 1) / 2) < 16
        picture = np.repeat(np.where(disc, 230, 20).astype(np.uint8)[:, :, None], 3, axis=2)
        with av.open(path, "w") as container:
            stream = container.add_stream(codec, rate=24, options={"bf": str(b_frames), "x265-params": "log-level=0"})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.sample_aspect_ratio = aspect
            for _ in range(48):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
        content += path.read_bytes()
    path.write_bytes(content)


SQUARE = Fraction(1)
TURNS = {
    "a film that turns": ([(96, 64, SQUARE), (64, 96, SQUARE)], "libx264"),
    "and back": ([(64, 96, SQUARE), (96, 64, SQUARE), (64, 96, SQUARE)], "mpeg2video"),
    "a film that grows": ([(64, 48, SQUARE), (128, 96, SQUARE)], "libx264"),
    "a broadcast that becomes wide": ([(96, 64, SQUARE), (96, 64, Fraction(32, 27))], "mpeg2video"),
    "an announcement": ([(96, 64, Fraction(3, 2)), (96, 64, SQUARE), (96, 64, Fraction(3, 2))], "libx264"),
}


@pytest.mark.parametrize("kind", TURNS)
@pytest.mark.parametrize("mode", ["crop", "letterbox"])
def test_each_frame_of_a_film_that_changes_has_its_own_shape(tmp_path: Path, kind: str, mode: ResizeMode) -> None:
    shapes, codec = TURNS[kind]
    joined(tmp_path / "a.ts", shapes, codec)
    assert display_shape(tmp_path / "a.ts") == (round(shapes[0][0] * shapes[0][2]), shapes[0][1])
    film = load_film(tmp_path / "a.ts", (96, 64), mode, tmp_path / "cache")
    camera = camera_frames(tmp_path / "a.ts")
    assert len(film.frames) >= 48 * len(shapes) - 6
    expected = {(round(width * aspect), height) for width, height, aspect in shapes}
    assert {pixels.shape[1::-1] for pixels in camera} == expected
    for pixels in (*film.frames[3::9], *camera[3::9]):
        inside = pixels[:, :, 0] > 120
        width, height = np.ptp(np.flatnonzero(inside.any(0))) + 1, np.ptp(np.flatnonzero(inside.any(1))) + 1
        assert abs(int(width) - int(height)) <= 2


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg2video"])
def test_frames_that_are_given_late_keep_their_own_shape(tmp_path: Path, codec: str) -> None:
    """With B frames, a decoder has begun the next scene when it gives the last frames of the one before."""
    joined(tmp_path / "a.ts", [(96, 64, SQUARE), (96, 64, Fraction(32, 27)), (96, 64, SQUARE)], codec, b_frames=2)
    film = load_film(tmp_path / "a.ts", (96, 64), "letterbox", tmp_path / "cache")
    for pixels in (*film.frames, *camera_frames(tmp_path / "a.ts")):
        inside = pixels[:, :, 0] > 120
        assert inside.any(0).sum() == pytest.approx(inside.any(1).sum(), abs=2)


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
    assert display_shape(path) == (WIDTH, HEIGHT)
    assert {pixels.shape for pixels in camera_frames(path)} == {(HEIGHT, WIDTH, 3)}
