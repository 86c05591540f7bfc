"""Decode a film exactly once into a memory-mapped array at the model's size."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, islice
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition

from train.console import printable
from train.data.decoding import Findings, open_media, pictures
from train.data.even_rate import even_frames, usual_step
from train.errors import FilmError
from train.files import ffmpeg_path
from train.images.bars import SAMPLES, Bars, find_bars, without_bars
from train.images.frames import Frames, JoinedFrames
from train.images.resizing import ResizeMode, resize_picture

SHORT_SECONDS = 60.0  # for its bars, a film up to this length is read as a whole; in a longer one, places are sought
DECODER_VERSION = 4  # raise it when a change here gives the same film other frames or times


@dataclass(frozen=True)
class Film:
    """A decoded film: every frame of the file once, in the order of the timestamps.

    It may join several files (`train.data.films`), one after another.
    """

    path: Path  # of several files the last
    title: str  # from the file's metadata, else the file's name
    source_hash: str  # SHA-256 of the file, in hex; of several files that of their hashes, line by line
    frames: Frames  # uint8 RGB [T, H, W, 3], memory-mapped
    times: np.ndarray  # float64 [T], seconds from the start of the file that holds the frame
    findings: Findings  # of its file; of several files empty, as each of them has its own
    rate: Fraction | None = None  # frames per second; None: as the timestamps say
    stored: int | None = None  # pictures of the file, if frames repeat them or leave some out to keep an even rate
    bars: tuple[Bars, ...] = ()  # cropped from its file's pictures, one entry for each of their sizes that has bars
    parts: tuple[Film, ...] = ()  # the films of several files; empty for a film of one

    @property
    def files(self) -> tuple[Film, ...]:
        """The film of each file, in order."""
        return self.parts or (self,)

    @property
    def starts(self) -> list[int]:
        """Film index at which each file begins."""
        return [0, *accumulate(len(file.frames) for file in self.files[:-1])]

    @property
    def size(self) -> tuple[int, int]:
        """(W, H) in pixels."""
        return self.frames.shape[2], self.frames.shape[1]

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, computed from the timestamps, because headers are often wrong."""
        if self.rate is not None:
            return self.rate
        rate = 1 / usual_step(self.times)
        whole = max(1, round(rate))
        common_rates = (Fraction(whole), Fraction(whole * 1000, 1001))
        nearest = min(common_rates, key=lambda common: abs(common - rate))
        return nearest if abs(nearest / rate - 1) < 4e-4 else Fraction(rate).limit_denominator(100)

    @property
    def lines(self) -> list[str]:
        """Findings about a film of one file, as clauses that follow the name of the file."""
        said = self.findings.lines()
        said += [f"has black bars, which are cropped: {bars}" for bars in self.bars]
        if self.stored is not None:
            said.append(
                f"shows its pictures for uneven times: its {self.stored} pictures make {len(self.frames)} frames, "
                f"{float(self.frame_rate):.2f} a second"
            )
        return said

    def step_rate(self, stride: int) -> Fraction:
        """Return the steps per second of a continuation that takes `stride` film frames per step."""
        return self.frame_rate / stride

    def time_of(self, index: int) -> str:
        """Return the time of a frame for a person: "12.34 s", or "12.34 s of film 2" where there are several files."""
        file = f" of film {bisect(self.starts, index)}" if self.parts else ""
        return f"{self.times[index]:.2f} s{file}"


# ----------------------------------------------------------------------------
# Opening and probing.


def display_shape(path: Path) -> tuple[int, int]:
    """Return (W, H) of the picture as it is meant to be seen: pixels made square, turned, mirrored, without black bars.

    Raises:
        FilmError: the film does not exist, or holds no picture.
    """
    height, width = without_bars(picture_at(path), film_bars(path)).shape[:2]
    return width, height


def picture_at(path: Path, time: float = 0.0) -> np.ndarray:
    """Return the picture that a film shows at `time` in seconds, with its black bars: uint8 RGB [h, w, 3].

    Raises:
        FilmError: the film does not exist, or holds no picture.
    """
    shown = None
    with _open(path) as container:
        for picture in pictures(container, Findings()):
            if shown is not None and picture.time > time + 0.001:
                break
            shown = picture.pixels
    if shown is None:
        raise FilmError(f"{path} holds no picture that can be decoded; check that the file is complete")
    return shown


def film_bars(path: Path) -> tuple[Bars, ...]:
    """Return the black bars of the film's pictures, for each of their sizes that has some."""
    facts = path.stat()
    return _film_bars(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=64)  # they are asked for twice before a film is decoded
def _film_bars(path: Path, changed: int, length: int) -> tuple[Bars, ...]:
    return find_bars(_samples(path))


def _samples(path: Path) -> Iterator[np.ndarray]:
    """Yield pictures of the whole film, uint8 RGB [H, W, 3]: those of some keyframes, or all of them."""
    with _open(path) as container:
        places = _keyframes(container)
    if len(places) < SAMPLES // 4:  # the film is short, or has too few places from which it can be decoded
        with _open(path) as container:
            yield from (picture.pixels for picture in pictures(container, Findings(), "AUTO"))
        return
    for place in places:
        with _open(path) as container:
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


def _open(path: Path) -> av.container.InputContainer:
    if not path.is_file():
        raise FilmError(f"there is no film at {path}; check the path")
    if path.stat().st_size == 0:
        raise FilmError(f"{path} is an empty file; copy the film again")
    try:
        container = open_media(ffmpeg_path(path))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise FilmError(f"{path} cannot be decoded as a film ({error}); give a video file or a GIF") from error
    if not container.streams.video:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        container.close()
        raise FilmError(f"{path} has no video stream, only {kinds}; give a film with pictures")
    return container


# ----------------------------------------------------------------------------
# Decoding, with a cache.


def content_hash(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_film(
    path: Path,
    size: tuple[int, int],
    mode: ResizeMode,
    cache: Path,
    on_progress: Callable[[float], None] = lambda share: None,
    *,
    keep_bars: bool = False,
) -> Film:
    """Open a film at the model's picture size, and decode it first unless the cache holds it.

    Args:
        path: any file that PyAV decodes: a video, a GIF.
        size: (W, H) in pixels.
        mode: how a film of another shape is resized, see `resize_picture`.
        cache: folder of decoded films, keyed by content hash, size and mode.
        on_progress: called with the share of the film decoded so far, 0…1.
        keep_bars: True leaves black bars in the pictures, as a camera shows them.

    Raises:
        FilmError: the film cannot be read, or has fewer than two frames.
    """
    picture_at(path)  # a file without a picture is refused before it is hashed
    source_hash = content_hash(path)
    entry = cache / f"{source_hash[:16]}-{size[0]}x{size[1]}-{mode}{'-bars' if keep_bars else ''}"
    shape = _cached_shape(entry, size)
    if shape is None:
        _decode_into(entry, path, size, mode, () if keep_bars else film_bars(path), on_progress)
        shape = _cached_shape(entry, size)
        assert shape is not None  # it has just been written
    facts = json.loads((entry / "film.json").read_text(encoding="utf-8"))
    frames = np.memmap(entry / "frames.u8", np.uint8, mode="r", shape=shape)
    findings = Findings(**facts["findings"])
    bars = tuple(Bars(*each) for each in facts["bars"])
    times = np.load(entry / "times.npy")
    shown = even_frames(times, facts["last_length"])
    title = facts["title"] or printable(path.stem)
    if shown is None:
        return Film(path, title, source_hash, frames, times, findings, bars=bars)
    indices, step = shown
    even = JoinedFrames([frames], [indices])
    even_times = np.arange(len(indices)) * step
    return Film(path, title, source_hash, even, even_times, findings, stored=len(frames), bars=bars)


def _cached_shape(entry: Path, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the shape of a cached film, or None if it is missing, incomplete, or from an older decoder."""
    try:
        facts = json.loads((entry / "film.json").read_text(encoding="utf-8"))
        shape = (int(facts["frame_count"]), size[1], size[0], 3)
        complete = (entry / "frames.u8").stat().st_size == math.prod(shape) and (entry / "times.npy").is_file()
        return shape if complete and facts["decoder"] == DECODER_VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _decode_into(
    entry: Path,
    path: Path,
    size: tuple[int, int],
    mode: ResizeMode,
    bars: tuple[Bars, ...],
    on_progress: Callable[[float], None],
) -> None:
    """Decode into a temporary folder and then rename it to `entry`, so that an interrupted decode leaves nothing."""
    partial = entry.with_name(f"{entry.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    findings, times, last_length = Findings(), list[float](), 0.0
    try:
        with _open(path) as container, (partial / "frames.u8").open("wb") as out:
            seconds = (container.duration or 0) / av.time_base
            title = container.metadata.get("title")
            for picture in pictures(container, findings):
                inner = without_bars(picture.pixels, bars)
                out.write(resize_picture(inner, inner.shape[1] / inner.shape[0], size, mode).tobytes())
                times.append(float(picture.time))
                last_length = float(picture.length)
                on_progress(min(1.0, times[-1] / seconds) if seconds else 0.0)
        if len(times) < 2:
            raise FilmError(f"{path} has only {len(times)} frame; give a film with at least two")
        np.save(partial / "times.npy", np.array(times))
        facts = {
            "decoder": DECODER_VERSION,
            "title": title,
            "frame_count": len(times),
            "last_length": last_length,
            "findings": asdict(findings),
            "bars": bars,
        }
        (partial / "film.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        shutil.rmtree(entry, ignore_errors=True)
        partial.rename(entry)
    except OSError as error:
        raise FilmError(f"the decoded film cannot be written to {partial.parent}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    on_progress(1.0)
