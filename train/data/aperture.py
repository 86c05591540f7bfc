"""Clean aperture of a HEIC: the part of the stored picture that is meant to be seen, which FFmpeg does not crop.

This module stands in both halves, word for word, like `decoding`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
from av.filter import Graph

HEAD_BYTES = 2**16  # of a file, in which the properties of its picture stand
BOX = struct.Struct(">IIIIiIiI")  # eight numbers: four fractions


@dataclass(frozen=True)
class Aperture:
    """Part of a picture, in pixels (ISO/IEC 14496-12, §12.1.4)."""

    width: int
    height: int
    right: Fraction  # how far its middle is to the right of that of the stored picture
    down: Fraction  # the same, downwards

    def inside(self, width: int, height: int) -> tuple[int, int, int, int] | None:
        """Return (width, height, left, top) in a stored picture of a size; None if it is not inside."""
        left = round(Fraction(width - self.width, 2) + self.right)
        top = round(Fraction(height - self.height, 2) + self.down)
        fits = 0 <= left <= width - self.width and 0 <= top <= height - self.height
        return (self.width, self.height, left, top) if fits and self.width and self.height else None


def clean_aperture(path: str) -> Aperture | None:
    """Return the aperture of a HEIC of one part; None if it has none.

    A picture of odd width or height has one, as it is stored with a column or line more.
    """
    try:
        with open(path, "rb") as file:
            properties = file.read(HEAD_BYTES).partition(b"ipco")[2]
    except OSError:
        return None
    found = {part[: BOX.size] for part in properties.split(b"clap")[1:]}
    if len(found) != 1 or len(box := found.pop()) < BOX.size:
        return None
    numbers = BOX.unpack(box)
    if 0 in numbers[1::2]:
        return None
    width, height, right, down = (Fraction(*numbers[place : place + 2]) for place in (0, 2, 4, 6))
    return Aperture(round(width), round(height), right, down)


def cropped(
    frames: Iterator[tuple[av.VideoFrame, Fraction | None]], aperture: Aperture | None
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Yield the part of each frame that is meant to be seen, before it is turned."""
    for frame, aspect in frames:
        place = aperture and aperture.inside(frame.width, frame.height)
        yield (_part(frame, place) if place else frame), aspect


def _part(frame: av.VideoFrame, place: tuple[int, int, int, int]) -> av.VideoFrame:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1)
    )
    crop, sink = graph.add("crop", ":".join(map(str, place)) + ":exact=1"), graph.add("buffersink")
    source.link_to(crop)
    crop.link_to(sink)
    graph.configure()
    graph.push(frame)
    part = graph.pull()
    assert isinstance(part, av.VideoFrame)
    return part
