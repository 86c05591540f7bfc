"""The stream of a file that is shown, and the pictures in it."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from tests.live.decoding.files import (
    HEIGHT,
    THREADS,
    WIDTH,
    Threads,
    decoded,
    encode,
    frames_of,
    tinted,
    video_frames,
    with_times,
)


@pytest.mark.parametrize(("name", "codec"), [("a.h264", "libx264"), ("a.m2v", "mpeg2video"), ("a.m4v", "mpeg4")])
def test_a_raw_stream_without_timestamps_is_read(tmp_path: Path, name: str, codec: str) -> None:
    encode(tmp_path / name, video_frames(tinted(20)), codec, "yuv420p", bf="0", b="4M")
    for threads in THREADS:
        shown, _ = decoded(tmp_path / name, threads)
        np.testing.assert_allclose([picture.pixels.mean() for picture in shown], np.mean(tinted(20), (1, 2, 3)), atol=2)
        assert np.diff([float(picture.time) for picture in shown]) == pytest.approx(1 / 24, rel=0.05)


@pytest.mark.parametrize(("name", "chosen"), [("a.ts", 1), ("a.mkv", 0)])
def test_of_two_streams_the_one_that_ffmpeg_takes_is_shown(tmp_path: Path, name: str, chosen: int) -> None:
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
    first = frames_of(tmp_path / name)[0]
    assert first.shape[1::-1] == sizes[chosen]
    assert first.mean((0, 1)).argmax() == both[chosen][0][0, 0].argmax()


@pytest.mark.parametrize("threads", THREADS)
def test_a_damaged_packet_costs_no_other_picture(tmp_path: Path, threads: Threads) -> None:
    path = tmp_path / "a.mp4"
    encode(path, video_frames(tinted(20)), "libx264", "yuv420p", bf="0", g="1")
    with av.open(path) as container:
        place, size = [(packet.pos or 0, packet.size) for packet in container.demux(video=0)][7]
    content = bytearray(path.read_bytes())
    content[place : place + size] = b"\xff" * size
    path.write_bytes(content)
    shown, findings = decoded(path, threads)
    if threads == "SLICE":
        assert len(shown) == 19
        assert findings.lines() == ["is damaged: 1 packets could not be decoded; the rest is used"]
    else:
        assert len(shown) in (19, 20)


def test_an_animated_webp_is_read(tmp_path: Path) -> None:
    begins = [0, 1, 4, 5, 6, 11]
    for name in ("a.webp", "no suffix"):
        with_times(tmp_path / "a.webp", [begin / 25 for begin in begins], "libwebp_anim", "bgra", rate=25)
        path = (tmp_path / "a.webp").rename(tmp_path / name)
        shown, _ = decoded(path)
        assert [picture.time for picture in shown] == [Fraction(begin, 25) for begin in begins]
        np.testing.assert_allclose([picture.pixels for picture in shown], tinted(6), atol=3)
    path.write_bytes(path.read_bytes()[:100])
    assert frames_of(path) == []


def test_a_stream_that_no_decoder_reads_is_left_out(tmp_path: Path) -> None:
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
    assert [pixels.shape for pixels in frames_of(path)] == [(24, 32, 3)] * 5
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/ASP", b"V_ALSO_NOTHING!"))
    assert frames_of(path) == []


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
    shown, _ = decoded(tmp_path / "a.gif")
    np.testing.assert_allclose([float(picture.time) for picture in shown], np.arange(6) * seconds)
    np.testing.assert_allclose([float(picture.length) for picture in shown], seconds)


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
    shown, findings = decoded(path)
    assert findings.closed == []
    assert [float(picture.time) for picture in shown] == pytest.approx([0, 0.1, 0.1 + seconds])
    assert float(shown[-1].length) == pytest.approx(0.1)
