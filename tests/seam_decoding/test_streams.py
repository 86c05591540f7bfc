"""Both halves read the same files, and of each the same stream."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from live.camera.media_files import decode_file
from tests.seam_decoding.files import (
    HEIGHT,
    WIDTH,
    camera_frames,
    encode,
    film_frames,
    tinted,
    video_frames,
    with_times,
)
from train.data.film import load_film
from train.data.probing.film_bars import display_shape
from train.errors import FilmError


@pytest.mark.parametrize(("name", "codec"), [("a.h264", "libx264"), ("a.m2v", "mpeg2video"), ("a.m4v", "mpeg4")])
def test_a_raw_stream_without_timestamps_is_read_in_both_halves(tmp_path: Path, name: str, codec: str) -> None:
    encode(tmp_path / name, video_frames(tinted(20)), codec, "yuv420p", bf="0")
    film = film_frames(tmp_path / name, tmp_path)
    shown = list(decode_file(tmp_path / name))
    assert len(film) == len(shown) == 20
    np.testing.assert_allclose([pixels.mean() for pixels, *_ in shown], film.mean((1, 2, 3)), atol=1)
    assert np.diff([float(time) for _, time, _ in shown]) == pytest.approx(1 / 24, rel=0.05)


@pytest.mark.parametrize(("name", "chosen"), [("a.ts", 1), ("a.mkv", 0)])
def test_of_two_streams_both_halves_take_the_one_that_ffmpeg_takes(tmp_path: Path, name: str, chosen: int) -> None:
    """A transport stream has no default, so it is the larger one; in Matroska one is marked."""
    sizes, tints = ((32, 24), (WIDTH, HEIGHT)), ((0, 0, 2), (2, 0, 0))
    with av.open(tmp_path / name, "w") as container:
        streams = []
        for width, height in sizes:
            stream = container.add_stream("mpeg2video", rate=24, options={"b": "4M"})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            streams.append(stream)
        streams[chosen].disposition = Disposition.default
        both = [tinted(10, size, tint) for size, tint in zip(sizes, tints, strict=True)]
        for pictures in zip(*both, strict=True):
            for stream, picture in zip(streams, pictures, strict=True):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        for stream in streams:
            container.mux(stream.encode(None))
    camera = camera_frames(tmp_path / name)
    assert camera[0].shape[1::-1] == sizes[chosen] == display_shape(tmp_path / name)
    film = film_frames(tmp_path / name, tmp_path)
    for pixels in (film[0], camera[0]):
        assert pixels.mean((0, 1)).argmax() == both[chosen][0][0, 0].argmax()


def test_a_damaged_packet_costs_no_other_picture_in_either_half(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    encode(path, video_frames(tinted(20)), "libx264", "yuv420p", bf="0", g="1")
    with av.open(path) as container:
        place, size = [(packet.pos or 0, packet.size) for packet in container.demux(video=0)][7]
    content = bytearray(path.read_bytes())
    content[place : place + size] = b"\xff" * size
    path.write_bytes(content)
    assert load_film(path, (WIDTH, HEIGHT), "crop", tmp_path / "cache").stored == 19
    assert len(camera_frames(path)) in (19, 20)


def test_an_animated_webp_is_read_in_both_halves(tmp_path: Path) -> None:
    begins = [0, 1, 4, 5, 6, 11]
    for name in ("a.webp", "no suffix"):
        with_times(tmp_path / "a.webp", [begin / 25 for begin in begins], "libwebp_anim", "bgra", rate=25)
        path = (tmp_path / "a.webp").rename(tmp_path / name)
        film = load_film(path, (WIDTH, HEIGHT), "crop", tmp_path / "cache")
        shown = list(decode_file(path))
        assert [time for _, time, _ in shown] == [Fraction(begin, 25) for begin in begins]
        np.testing.assert_array_equal(film.frames[begins], [pixels for pixels, *_ in shown])
        np.testing.assert_allclose(film.frames[begins], tinted(6), atol=3)
        assert film.frame_rate == 25
    path.write_bytes(path.read_bytes()[:100])
    assert camera_frames(path) == []
    with pytest.raises(FilmError, match="holds no picture that can be decoded"):
        display_shape(path)


def test_a_stream_that_no_decoder_reads_is_left_out_in_both_halves(tmp_path: Path) -> None:
    """FFmpeg does not know the second stream's codec; alone, it is named."""
    path = tmp_path / "a.mkv"
    with av.open(path, "w") as container:
        sizes, streams = ((32, 24), (WIDTH, HEIGHT)), []
        for codec, (width, height) in zip(("mpeg4", "ffv1"), sizes, strict=True):
            stream = container.add_stream(codec, rate=24)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            streams.append(stream)
        for stream, size in zip(streams, sizes, strict=True):
            for picture in tinted(5, size):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"V_FFV1", b"V_WHAT"))
    assert len(film_frames(path, tmp_path, (32, 24))) == len(camera_frames(path)) == 5
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/ASP", b"V_ALSO_NOTHING!"))
    assert camera_frames(path) == []
    with pytest.raises(FilmError, match="has no video stream that can be decoded"):
        display_shape(path)


@pytest.mark.parametrize(("delay", "seconds"), [(0, 0.1), (1, 0.1), (2, 0.02), (3, 0.03), (10, 0.1), (150, 1.5)])
def test_the_delays_of_a_gif_are_those_of_browsers(tmp_path: Path, delay: int, seconds: float) -> None:
    """They show what asks for a hundredth of a second, or none, for a tenth; so does FFmpeg's older command line."""
    with_times(tmp_path / "a.gif", [number / 10 for number in range(6)], "gif", "rgb8", rate=10)
    content = bytearray((tmp_path / "a.gif").read_bytes())
    place = content.find(b"\x21\xf9\x04")  # Graphic Control Extension (GIF89a, §23)
    while place >= 0:
        content[place + 4 : place + 6] = delay.to_bytes(2, "little")
        place = content.find(b"\x21\xf9\x04", place + 8)
    (tmp_path / "a.gif").write_bytes(content)
    times, lengths = zip(
        *((float(time), float(length)) for _, time, length in decode_file(tmp_path / "a.gif")), strict=True
    )
    np.testing.assert_allclose(times, np.arange(6) * seconds)
    np.testing.assert_allclose(lengths, seconds)
    assert float(
        load_film(tmp_path / "a.gif", (WIDTH, HEIGHT), "crop", tmp_path / "cache").frame_rate
    ) == pytest.approx(1 / seconds, rel=0.01)


@pytest.mark.parametrize(
    ("suffix", "delay", "seconds"), [("png", 0, 0.1), ("png", 5, 0.1), ("png", 20, 0.02), ("gif", 70_000, 60)]
)
def test_other_delays_are_those_of_browsers_up_to_a_minute(
    tmp_path: Path, suffix: str, delay: int, seconds: float
) -> None:
    """The delay is that of the second of three pictures."""
    path = tmp_path / f"a.{suffix}"
    first, *others = (Image.fromarray(picture) for picture in tinted(3))
    first.save(path, save_all=True, append_images=others, duration=[100, delay, 100])
    film = load_film(path, (WIDTH, HEIGHT), "crop", tmp_path / "cache")
    assert film.findings.closed == []
    assert len(film.frames) / film.frame_rate == pytest.approx(0.2 + seconds, abs=1e-3)
    assert [float(time) for _, time, _ in decode_file(path)] == pytest.approx([0, 0.1, 0.1 + seconds])
