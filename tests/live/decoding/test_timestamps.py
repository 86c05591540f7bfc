"""Frames of files whose timestamps are wrong or missing have the times that FFmpeg gives them."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.live.decoding.files import HEIGHT, THREADS, WIDTH, decoded, times_of

COUNT = 48


def encode(
    path: Path, rate: int, codec: str, file_format: str | None = None, b_frames: int = 3, keyframes: int = 250
) -> list[int]:
    """Write grey frames that grow lighter, and return their levels."""
    levels = [40 + 4 * i for i in range(COUNT)]
    with av.open(str(path), "w", format=file_format) as container:
        stream = container.add_stream(
            codec,
            rate=rate,
            options={"bf": str(b_frames), "b-pyramid": "normal", "g": str(keyframes), "x265-params": "log-level=0"},
        )
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for level in levels:
            picture = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return levels


def check(path: Path, rate: int, levels: list[int], levels_apart: float = 1.9) -> None:
    for threads in THREADS:
        shown, _ = decoded(path, threads)
        np.testing.assert_allclose([np.median(picture.pixels) for picture in shown], levels, atol=levels_apart)
        times = [float(picture.time) for picture in shown]
        np.testing.assert_allclose(times, np.arange(COUNT) / rate, atol=1e-3)


def test_an_avi_that_knows_no_times_of_presentation_keeps_every_frame(tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    levels = encode(path, 12, "libx264")
    check(path, 12, levels)


@pytest.mark.parametrize("rate", [12, 25, 30, 50])
@pytest.mark.parametrize(("codec", "file_format"), [("libx264", "h264"), ("libx265", "hevc")])
def test_a_raw_stream_runs_at_the_rate_that_its_frames_say(
    tmp_path: Path, rate: int, codec: str, file_format: str
) -> None:
    path = tmp_path / f"film.{file_format}"
    levels = encode(path, rate, codec, file_format)
    check(path, rate, levels)


@pytest.mark.parametrize("codec", ["mpeg1video", "mpeg2video"])
def test_the_timestamps_that_are_made_up_for_a_raw_stream_do_not_count(tmp_path: Path, codec: str) -> None:
    """Times in raw streams are wrong: the second one of MPEG-1 is a frame late."""
    path = tmp_path / "film"
    check(path, 25, encode(path, 25, codec, codec, b_frames=0), levels_apart=6.0)


@pytest.mark.parametrize(("codec", "b_frames"), [("libx264", 0), ("libx264", 3), ("libx265", 3)])
def test_frames_between_the_timestamps_of_a_disc_stand_as_long_as_they_say(
    tmp_path: Path, codec: str, b_frames: int
) -> None:
    """FFmpeg packs small frames of other codecs than MPEG-2 together, with one timestamp, and takes that for a rate."""
    path = tmp_path / "film.vob"
    encode(path, 25, codec, "vob", b_frames, keyframes=4)
    for threads in THREADS:
        times = times_of(path, threads)
        assert len(times) in (COUNT - 1, COUNT)  # with several threads, a decoder may lose the last one
        np.testing.assert_allclose(times, np.arange(len(times)) / 25, atol=1.01 / 25)
