"""Small films and pictures of many kinds, and what is decoded of them."""

from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np

from live.decoding.decoding import Picture, open_media, pictures
from live.decoding.findings import Findings
from live.frame import Pixels

WIDTH, HEIGHT = 64, 48

Threads = Literal["SLICE", "AUTO"]
THREADS: tuple[Threads, ...] = ("SLICE", "AUTO")  # as the studio decodes films, and as a camera plays them


def encode(path: Path, frames: list[av.VideoFrame], codec: str, pixel_format: str, **options: str) -> None:
    """Write frames at 24 a second."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=24, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, pixel_format
        for frame in frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def decoded(path: Path, threads: Threads = "SLICE") -> tuple[list[Picture], Findings]:
    """Decode a whole file."""
    findings = Findings()
    with open_media(path) as container:
        return list(pictures(container, findings, threads)), findings


def frames_of(path: Path, threads: Threads = "SLICE") -> list[Pixels]:
    return [picture.pixels for picture in decoded(path, threads)[0]]


def times_of(path: Path, threads: Threads = "SLICE") -> list[float]:
    return [float(picture.time) for picture in decoded(path, threads)[0]]


def tinted(count: int, size: tuple[int, int] = (WIDTH, HEIGHT), tint: tuple[int, int, int] = (2, 1, 0)) -> list[Pixels]:
    """Draw pictures that can be told apart: grey grows by 5 with each, in a tint."""
    width, height = size
    return [np.full((height, width, 3), [50 + 5 * i + 20 * t for t in tint], np.uint8) for i in range(count)]


def video_frames(pictures: list[Pixels]) -> list[av.VideoFrame]:
    return [av.VideoFrame.from_ndarray(picture, format="rgb24") for picture in pictures]


def with_times(
    path: Path, seconds: list[float], codec: str = "mpeg2video", pixel_format: str = "yuv420p", rate: int = 24
) -> None:
    """Write pictures at given times."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=rate, options={"bf": "0", "lossless": "1"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, rate)
        for number, second in enumerate(seconds):
            frame = av.VideoFrame.from_ndarray(tinted(number % 30 + 1)[-1], format="rgb24")
            frame.pts, frame.time_base = round(rate * second), Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
