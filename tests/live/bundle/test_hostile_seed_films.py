"""Tails that somebody made to break the stage: refused in one line, at once, and in little memory."""

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from tests.hostile import at_once_and_in_little_memory
from tests.live.bundle.hostile import folder, refused
from tests.live.bundles import (
    HEIGHT,
    WIDTH,
    make_film,
)

__all__ = ["at_once_and_in_little_memory", "folder"]  # fixtures


def write_jpegs(path: Path, pictures: list[Any]) -> None:
    """Write a film of JPEG pictures, each of its own size; its header says the size of the first."""
    with av.open(path, "w") as container:
        stream = container.add_stream("mjpeg", rate=12)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        first = stream.encode(av.VideoFrame.from_ndarray(pictures[0], "rgb24").reformat(format="yuvj420p"))
        first += stream.encode(None)
        step, base = 1, first[0].time_base
        container.mux(first)
        for number, picture in enumerate(pictures[1:], 1):
            packet = av.Packet(cv2.imencode(".jpg", picture)[1].tobytes())
            packet.pts = packet.dts = number * max(step, round(1 / 12 / base))
            packet.time_base, packet.stream, packet.is_keyframe = base, stream, True
            container.mux(packet)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((HEIGHT, 2 * WIDTH), "has frames of another size than 64×48"),
        ((16, 16), "has frames of another size than 64×48"),
        ((500, 500), "is not a readable film"),  # larger than a padded frame: it is not even decoded
    ],
)
def test_a_film_whose_size_changes(folder: Path, size: tuple[int, int], said: str) -> None:
    write_jpegs(folder / "seed.mkv", [*make_film(50), *[np.zeros((*size, 3), np.uint8)] * 2])
    assert said in refused(folder)


def test_a_film_of_more_packets_than_ten_seconds_have(folder: Path) -> None:
    frame = make_film(1)[0]
    with av.open(folder / "seed.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=12)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgr0"
        first, *_ = stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="bgr0"))
        data, base = bytes(first)[:100], first.time_base
        for number in range(30_000):
            packet = av.Packet(data)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = 1000 * base, stream, True
            container.mux(packet)
    assert "more than 10000 frames" in refused(folder)


def test_a_list_of_other_files_is_no_film(folder: Path) -> None:
    (folder / "film.mkv").write_bytes((folder / "seed.mkv").read_bytes())
    (folder / "seed.mkv").write_text("ffconcat version 1.0\nfile film.mkv\n")
    assert "is not a readable film" in refused(folder)


def test_a_picture_stream_of_another_format_is_no_film(folder: Path) -> None:
    frame = b"FRAME\n" + bytes(WIDTH * HEIGHT * 3 // 2)
    (folder / "seed.mkv").write_bytes(b"YUV4MPEG2 W64 H48 F1:1000000000 Ip A1:1 C420\n" + 60 * frame)
    assert "is not a readable film" in refused(folder)
