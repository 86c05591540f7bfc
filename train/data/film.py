"""Decode a film exactly once into a memory-mapped array at the model's size."""

from __future__ import annotations

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

import numpy as np

from live.decoding.decoding import pictures
from live.decoding.findings import Findings
from live.reading.text import printable
from train.data.even_rate import even_frames, usual_step
from train.data.long_films.disk_room import check_room
from train.data.long_films.pieces import PIECE_SECONDS
from train.data.probing.film_bars import film_bars
from train.data.probing.film_file import content_hash, expected_frames, open_film, picture_at
from train.errors import FilmError
from train.images.bars import Bars, without_bars
from train.images.frames import Frames, JoinedFrames, StoredFrames
from train.images.resizing import ResizeMode, resize_picture

RATES = (0.99 / 60, 1000.0)  # frames a second: timestamps that say less or more are no times
DECODER_VERSION = 8  # raise it when a change here gives the same film other frames or times


@dataclass(frozen=True)
class Film:
    """A decoded film: every frame of the file once, in the order of the timestamps.

    It may join several files (`train.data.films`), one after another.
    """

    path: Path  # of several files the last
    title: str  # from the file's metadata, else the file's name
    source_hash: str  # SHA-256 of the file, in hex; of several files that of their hashes, line by line
    frames: Frames  # uint8 RGB [T, H, W, 3], in the cache
    times: np.ndarray  # float64 [T], seconds from the start of the file that holds the frame
    findings: Findings  # of its file; of several files empty, as each of them has its own
    rate: Fraction | None = None  # frames per second; None: as the timestamps say
    stored: int | None = None  # pictures of the file, if frames repeat them or leave some out to keep an even rate
    bars: tuple[Bars, ...] = ()  # of its file's pictures, by their sizes; those of a part of the film are kept
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
        """Frames per second, computed from the timestamps, because headers are often wrong.

        Raises:
            FilmError: no film has as many, or as few.
        """
        if self.rate is not None:
            return self.rate
        rate = 1 / usual_step(self.times)
        if not RATES[0] <= rate <= RATES[1]:
            raise FilmError(f"{self.path} has {rate:.3g} pictures a second; give a film of 1/60 to {RATES[1]:g}")
        whole = max(1, round(rate))
        common_rates = (Fraction(whole), Fraction(whole * 1000, 1001))
        nearest = min(common_rates, key=lambda common: abs(common - rate))
        return nearest if abs(nearest / rate - 1) < 4e-4 else Fraction(rate).limit_denominator(100)

    @property
    def lines(self) -> list[str]:
        """Findings about a film of one file, as clauses that follow the name of the file."""
        said = self.findings.lines()
        said += [bars.line for bars in self.bars]
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
# Decoding, with a cache.


def load_film(
    path: Path,
    size: tuple[int, int],
    mode: ResizeMode,
    cache: Path,
    on_progress: Callable[[float], None] = lambda share: None,
    *,
    source_hash: str | None = None,
    keep_bars: bool = False,
) -> Film:
    """Open a film at the model's picture size, and decode it first unless the cache holds it.

    Args:
        path: any file that PyAV decodes: a video, a GIF.
        size: (W, H) in pixels.
        mode: how a film of another shape is resized, see `resize_picture`.
        cache: folder of decoded films, keyed by content hash, size and mode.
        on_progress: called with the share of the film decoded so far, 0…1.
        source_hash: of `content_hash`, where it is known.
        keep_bars: True leaves black bars in the pictures, as a camera shows them.

    Raises:
        FilmError: the film cannot be read, has fewer than two frames, or does not fit on the disk.
    """
    picture_at(path)  # a file without a picture is refused before it is hashed
    source_hash = source_hash or content_hash(path)
    entry = cache_entry(cache, source_hash, size, mode, keep_bars=keep_bars)
    shape = cached_shape(entry, size)
    if shape is None:
        expected = expected_frames(path)
        check_room(cache, expected * picture_bytes(size))
        _decode_into(entry, path, size, mode, () if keep_bars else film_bars(path), expected, on_progress)
        shape = cached_shape(entry, size)
        assert shape is not None  # it has just been written
    facts = json.loads((entry / "film.json").read_text(encoding="utf-8"))
    frames = StoredFrames(entry / "frames.u8", shape)
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


def cache_entry(
    cache: Path, source_hash: str, size: tuple[int, int], mode: ResizeMode, *, keep_bars: bool = False
) -> Path:
    """Return the folder in which the cache holds a film; `keep_bars` as in `load_film`."""
    return cache / f"{source_hash[:16]}-{size[0]}x{size[1]}-{mode}{'-bars' if keep_bars else ''}"


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
    bars: tuple[Bars, ...],
    expected: int,
    on_progress: Callable[[float], None],
) -> None:
    findings, times, last_length = Findings(), list[float](), 0.0
    with new_entry(entry) as partial:
        with open_film(path) as container, (partial / "frames.u8").open("wb") as out:
            title = container.metadata.get("title")
            for picture in pictures(container, findings):
                inner = without_bars(picture.pixels, bars)
                out.write(resize_picture(inner, inner.shape[1] / inner.shape[0], size, mode).tobytes())
                times.append(float(picture.time))
                last_length = float(picture.length)
                on_progress(min(1.0, len(times) / max(1, expected)))
        check_count(path, len(times))
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
