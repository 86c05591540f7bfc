"""The number of frames that is expected of a film, by which room on the disk is reckoned, where headers are wrong."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from train.data.films import load_films
from train.data.probing.film_file import expected_frames

COUNT = 50


def write(path: Path, codec: str, pixel_format: str, file_format: str, size: tuple[int, int], gap: int = 0) -> None:
    """Write frames at 25 a second; `gap` seconds are missing in the middle."""
    with av.open(str(path), "w", format=file_format) as container:
        stream = container.add_stream(codec, rate=25, options={"bf": "0"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, 25)
        for number in range(COUNT):
            pixels = np.full((size[1], size[0], 3), 50 + 3 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number + (25 * gap if number >= COUNT // 2 else 0), Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("codec", "pixel_format", "file_format", "size"),
    [
        ("dvvideo", "yuv420p", "dv", (720, 576)),
        ("mpeg1video", "yuv420p", "mpeg1video", (320, 240)),
        ("mpeg2video", "yuv420p", "mpeg2video", (320, 240)),
        ("libx264", "yuv420p", "h264", (320, 240)),
        ("mpeg2video", "yuv420p", "vob", (320, 240)),
        ("libx264", "yuv420p", "mpegts", (320, 240)),
        ("libx264", "yuv420p", "mp4", (320, 240)),
        ("libx264", "yuv420p", "matroska", (320, 240)),
        ("mpeg4", "yuv420p", "avi", (320, 240)),
    ],
)
def test_the_count_is_about_that_of_the_file(
    tmp_path: Path, codec: str, pixel_format: str, file_format: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "film"
    write(path, codec, pixel_format, file_format, size)
    assert abs(expected_frames(path) - COUNT) <= 2


def test_a_jump_of_the_clock_makes_no_film_long(tmp_path: Path) -> None:
    path = tmp_path / "film.ts"
    write(path, "mpeg2video", "yuv420p", "mpegts", (320, 240), gap=10 * 3600)
    assert abs(expected_frames(path) - COUNT) <= 2
    shares: list[float] = []
    film = load_films([path], (64, 48), "crop", tmp_path / "cache", shares.append)
    assert (len(film.frames), film.every) == (COUNT, 1)
    assert max(abs(share - (number + 1) / COUNT) for number, share in enumerate(shares[:COUNT])) < 0.05


@pytest.mark.parametrize(("file_format", "codec"), [("matroska", "libx264"), ("flv", "flv"), ("nut", "mpeg4")])
def test_neither_does_one_in_another_file(tmp_path: Path, file_format: str, codec: str) -> None:
    path = tmp_path / "film"
    write(path, codec, "yuv420p", file_format, (320, 240), gap=3600)
    assert expected_frames(path) == COUNT
    assert load_films([path], (64, 48), "crop", tmp_path / "cache").every == 1
