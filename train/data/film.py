"""Decode a film exactly once into a memory-mapped array at the model's size."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from bisect import bisect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np

from train.console import printable
from train.data.decoding import Findings, main_stream, open_media, pictures
from train.data.even_rate import even_frames, usual_step
from train.data.long_films.disk_room import check_room
from train.data.long_films.pieces import PIECE_SECONDS
from train.errors import FilmError
from train.files import ffmpeg_path
from train.images.frames import Frames, JoinedFrames

ResizeMode = Literal["crop", "letterbox"]

DECODER_VERSION = 3  # raise it when a change here gives the same film other frames or times


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
    parts: tuple[Film, ...] = ()  # the films of several files; empty for a film of one
    every: int = 1  # of a long film one of so many pieces is here, see `train.data.long_films.loading`; 1: all of it
    spans: tuple[tuple[int, int], ...] = ()  # of a film in pieces: frames [start, stop) of each piece of its story
    whole: int | None = None  # of a film in pieces: frames of the whole film

    @property
    def files(self) -> tuple[Film, ...]:
        """The film of each file, in order."""
        return self.parts or (self,)

    @property
    def starts(self) -> list[int]:
        """Film index at which each file begins."""
        return [0, *accumulate(len(file.frames) for file in self.files[:-1])]

    @property
    def frame_count(self) -> int:
        """Frames of the whole film, of which `frames` may hold pieces alone."""
        return self.whole or len(self.frames)

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
        if self.stored is not None:
            said.append(
                f"shows its pictures for uneven times: its {self.stored} pictures make {self.frame_count} frames, "
                f"{float(self.frame_rate):.2f} a second"
            )
        if self.every > 1:
            said.append(
                f"is long: of its {self.frame_count} frames {len(self.frames)} are used, "
                f"one of {self.every} pieces of {PIECE_SECONDS:g} s at even distances, and its end"
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
    """Return (W, H) of the picture as it is meant to be seen: pixels made square, turned and mirrored.

    Raises:
        FilmError: the film does not exist, or holds no picture.
    """
    with open_film(path) as container:
        for picture in pictures(container, Findings()):
            return picture.pixels.shape[1], picture.pixels.shape[0]
    raise FilmError(f"{path} holds no picture that can be decoded; check that the file is complete")


def expected_frames(path: Path) -> int:
    """Return about how many frames a film has, without decoding it."""
    with open_film(path) as container:
        stream = main_stream(container)
        if stream is None:
            return 0
        rate = stream.average_rate or stream.guessed_rate
        if stream.frames or (container.duration and rate):
            return stream.frames or math.ceil((container.duration or 0) / av.time_base * float(rate or 0))
        return sum(1 for packet in container.demux(stream) if packet.size)


def open_film(path: Path) -> av.container.InputContainer:
    """Open a file that has a video stream.

    Raises:
        FilmError: there is no such file, or it is no film.
    """
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
# Resizing to the model's picture size.


def resize_picture(picture: np.ndarray, aspect: float, size: tuple[int, int], mode: ResizeMode) -> np.ndarray:
    """Resize a picture without distortion.

    Args:
        picture: uint8 RGB [h, w, 3].
        aspect: width over height at which the whole picture is meant to be seen.
        size: (W, H) of the result.
        mode: "crop" fills the result and crops the edges; "letterbox" keeps the whole picture and adds black bars.

    Returns:
        uint8 RGB [H, W, 3].
    """
    width, height = size
    wider = aspect > width / height
    if mode == "crop":
        h, w = picture.shape[:2]
        keep_w = round(w * (width / height) / aspect) if wider else w
        keep_h = h if wider else round(h * aspect / (width / height))
        x, y = (w - keep_w) // 2, (h - keep_h) // 2
        cropped = np.ascontiguousarray(picture[y : y + keep_h, x : x + keep_w])
        return _scaled(cropped, size)
    inner = (width, max(1, round(width / aspect))) if wider else (max(1, round(height * aspect)), height)
    x, y = (width - inner[0]) // 2, (height - inner[1]) // 2
    boxed = np.zeros((height, width, 3), np.uint8)
    boxed[y : y + inner[1], x : x + inner[0]] = _scaled(np.ascontiguousarray(picture), inner)
    return boxed


def _scaled(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    shrinks = size[0] < picture.shape[1] or size[1] < picture.shape[0]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


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
    source_hash: str | None = None,
) -> Film:
    """Open a film at the model's picture size, and decode it first unless the cache holds it.

    Args:
        path: any file that PyAV decodes: a video, a GIF.
        size: (W, H) in pixels.
        mode: how a film of another shape is resized, see `resize_picture`.
        cache: folder of decoded films, keyed by content hash, size and mode.
        on_progress: called with the share of the film decoded so far, 0…1.
        source_hash: of `content_hash`, where it is known.

    Raises:
        FilmError: the film cannot be read, has fewer than two frames, or does not fit on the disk.
    """
    display_shape(path)  # a file without a picture is refused before it is hashed
    source_hash = source_hash or content_hash(path)
    entry = cache_entry(cache, source_hash, size, mode)
    shape = cached_shape(entry, size)
    if shape is None:
        check_room(cache, expected_frames(path) * picture_bytes(size))
        _decode_into(entry, path, size, mode, on_progress)
        shape = cached_shape(entry, size)
        assert shape is not None  # it has just been written
    facts = json.loads((entry / "film.json").read_text(encoding="utf-8"))
    frames = np.memmap(entry / "frames.u8", np.uint8, mode="r", shape=shape)
    findings = Findings(**facts["findings"])
    times = np.load(entry / "times.npy")
    shown = even_frames(times, facts["last_length"])
    title = facts["title"] or printable(path.stem)
    if shown is None:
        return Film(path, title, source_hash, frames, times, findings)
    indices, step = shown
    even = JoinedFrames([frames], [indices])
    return Film(path, title, source_hash, even, np.arange(len(indices)) * step, findings, stored=len(frames))


def cache_entry(cache: Path, source_hash: str, size: tuple[int, int], mode: ResizeMode) -> Path:
    """Return the folder in which the cache holds a film."""
    return cache / f"{source_hash[:16]}-{size[0]}x{size[1]}-{mode}"


def picture_bytes(size: tuple[int, int]) -> int:
    """Return the size of a decoded picture, in bytes."""
    return 3 * size[0] * size[1]


def cached_shape(entry: Path, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
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
    on_progress: Callable[[float], None],
) -> None:
    findings, times, last_length = Findings(), list[float](), 0.0
    with new_entry(entry) as partial:
        with open_film(path) as container, (partial / "frames.u8").open("wb") as out:
            seconds = (container.duration or 0) / av.time_base
            title = container.metadata.get("title")
            for picture in pictures(container, findings):
                aspect = picture.pixels.shape[1] / picture.pixels.shape[0]
                out.write(resize_picture(picture.pixels, aspect, size, mode).tobytes())
                times.append(float(picture.time))
                last_length = float(picture.length)
                on_progress(min(1.0, times[-1] / seconds) if seconds else 0.0)
        check_count(path, len(times))
        np.save(partial / "times.npy", np.array(times))
        facts = {
            "decoder": DECODER_VERSION,
            "title": title,
            "frame_count": len(times),
            "last_length": last_length,
            "findings": asdict(findings),
        }
        (partial / "film.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    on_progress(1.0)


def check_count(path: Path, count: int) -> None:
    """Refuse a film of fewer than two pictures.

    Raises:
        FilmError: it has fewer.
    """
    if count < 2:
        raise FilmError(f"{path} has only {count} frame; give a film with at least two")


@contextmanager
def new_entry(entry: Path) -> Iterator[Path]:
    """Fill a folder of the cache under another name, so that an interrupted decode leaves nothing.

    Yields:
        a temporary folder, which becomes `entry`.

    Raises:
        FilmError: the disk is full, or the cache cannot be written.
    """
    partial = entry.with_name(f"{entry.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True, exist_ok=True)
        yield partial
        shutil.rmtree(entry, ignore_errors=True)
        partial.rename(entry)
    except OSError as error:
        raise FilmError(f"the decoded film cannot be written to {partial.parent}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
