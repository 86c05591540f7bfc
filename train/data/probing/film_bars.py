"""Black bars of a film's file, found in pictures of all of it, and its shape without them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition

from live.decoding.decoding import pictures
from live.decoding.findings import Findings
from train.data.probing.film_file import open_film, picture_at
from train.images.bars import SAMPLES, Bars, find_bars, without_bars

SHORT_SECONDS = 60.0  # a film up to this length is read as a whole; in a longer one, places are sought


def display_shape(path: Path) -> tuple[int, int]:
    """Return (W, H) of the picture as it is meant to be seen: pixels made square, turned, mirrored, without black bars.

    Raises:
        FilmError: the film does not exist, or holds no picture.
    """
    height, width = without_bars(picture_at(path), film_bars(path)).shape[:2]
    return width, height


def film_bars(path: Path) -> tuple[Bars, ...]:
    """Return the black bars of the film's pictures, as of `find_bars`."""
    facts = path.stat()
    return _film_bars(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=64)  # they are asked for twice before a film is decoded
def _film_bars(path: Path, changed: int, length: int) -> tuple[Bars, ...]:
    return find_bars(_samples(path))


def _samples(path: Path) -> Iterator[np.ndarray]:
    """Yield pictures of the whole film, uint8 RGB [H, W, 3]: those of some keyframes, or all of them."""
    with open_film(path) as container:
        places = _keyframes(container)
    if len(places) < SAMPLES // 4:  # the film is short, or has too few places from which it can be decoded
        with open_film(path) as container:
            yield from (picture.pixels for picture in pictures(container, Findings(), "AUTO"))
        return
    for place in places:
        with open_film(path) as container:
            container.seek(place)
            yield from (picture.pixels for picture in islice(pictures(container, Findings()), 1))


def _keyframes(container: av.container.InputContainer) -> list[int]:
    """Return places of a long film that lead to different keyframes, in microseconds; of a short film none."""
    duration = container.duration or 0
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if duration <= SHORT_SECONDS * av.time_base or not streams:
        return []
    places = dict[tuple[int, int | None], int]()
    for number in range(SAMPLES):
        place = (container.start_time or 0) + duration * (2 * number + 1) // (2 * SAMPLES)
        try:
            container.seek(place)
            packet = next(packet for packet in container.demux(*streams) if packet.size)
        except (av.FFmpegError, StopIteration):
            continue
        places.setdefault((packet.stream_index, packet.dts if packet.pts is None else packet.pts), place)
    return list(places.values())
