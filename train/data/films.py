"""Films of several files: found in folders, brought to one frame rate, and joined."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from live.decoding.findings import Findings
from live.decoding.stills import is_animated_webp
from live.reading.text import printable
from train.data.film import Film, cache_entry, cached_shape, load_film, picture_bytes
from train.data.long_films.disk_room import check_room, gigabytes
from train.data.long_films.loading import load_pieces, stored_pieces
from train.data.long_films.pieces import MOST_WINDOWS
from train.data.probing.chapters import goes_on, in_order, is_menu, torn
from train.data.probing.film_file import content_hash, expected_frames, picture_at
from train.errors import FilmError
from train.images.frames import JoinedFrames
from train.images.resizing import ResizeMode

SUFFIXES = {
    ".264", ".265", ".3gp", ".apng", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif", ".h264", ".h265", ".hevc",
    ".m1v", ".m2ts", ".m2v", ".m4v", ".mkv", ".mod", ".mov", ".mp4", ".mpe", ".mpeg", ".mpg", ".mts", ".mxf", ".ogm",
    ".ogv", ".qt", ".rm", ".rmvb", ".tod", ".ts", ".vob", ".webm", ".wmv", ".y4m",
}  # fmt: skip
SAME_RATE = 0.05  # relative difference of frame rates that nobody sees: 25 a second are shown as 24, as in cinemas
NAMED = 3  # films in a title
END_FRAMES = 300  # of a film in pieces, about: its end, which is kept whole
SAID_BYTES = 10**9  # of which a user wants to know before they are written


def film_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files that paths name, in order: of a folder its films, sorted as a person does, and without menus.

    Raises:
        FilmError: a folder holds no film.
    """
    return [file for path in paths for file in (_films_in(path) if path.is_dir() else [path])]


def load_films(
    paths: Sequence[Path],
    size: tuple[int, int],
    mode: ResizeMode,
    cache: Path,
    on_progress: Callable[[float], None] = lambda share: None,
    *,
    end: float | None = None,
    say: Callable[[str], None] = lambda line: None,
    most_frames: int = MOST_WINDOWS,
    said_bytes: int = SAID_BYTES,
) -> Film:
    """Open one film, or several as one; each file has its own place in the cache.

    All run at the rate of the slowest. A film that is faster leaves out frames at even distances. Of films with more
    than `most_frames` frames together, pieces are kept (`train.data.long_films.loading`).

    Args:
        paths: files, and folders of films, in the order in which they follow one another.
        size: (W, H) in pixels.
        mode: how a film of another shape is resized, see `resize_picture`.
        cache: folder of decoded films.
        on_progress: called with the share decoded so far, 0…1.
        end: second at which the last film ends; None: found.
        say: called with a line about the room that decoding takes on the disk, where it is much.
        most_frames: about as many frames are kept.
        said_bytes: room from which on it is much.

    Raises:
        FilmError: a film cannot be read, has fewer than two frames, does not fit on the disk, or a folder holds none.
    """
    files = film_files(paths)
    for file in files:
        picture_at(file)  # a file that is no film is found before hours of decoding
    expected = [expected_frames(file) for file in files]
    every = max(1, -(-sum(expected) // most_frames))
    hashes = [content_hash(file) for file in files]
    for first, second in torn(files):
        say(f"{printable(second.name)} goes on where {printable(first.name)} ends, but does not follow it here")
    ends = [*(math.inf if continued else None for continued in goes_on(files)[:-1]), end]
    needed = picture_bytes(size) * sum(
        count if every == 1 else min(count, count // every + END_FRAMES)
        for count, source_hash, its_end in zip(expected, hashes, ends, strict=True)
        if not _is_stored(cache, source_hash, size, mode, every, its_end)
    )
    free = check_room(cache, needed)
    if needed >= said_bytes:
        say(f"the decoded pictures take about {gigabytes(needed)} in {cache}, where {gigabytes(free)} are free")

    def from_file(number: int) -> Callable[[float], None]:
        return lambda share: on_progress((number + share) / len(files))

    films = [
        load_film(file, size, mode, cache, from_file(number), source_hash=source_hash)
        if every == 1
        else load_pieces(file, size, mode, cache, from_file(number), source_hash=source_hash, every=every, end=its_end)
        for number, (file, source_hash, its_end) in enumerate(zip(files, hashes, ends, strict=True))
    ]
    if len(films) == 1:
        return films[0]
    titles = {file: film.title for file, film in zip(files, films, strict=True)}
    return join_films(films, _title([titles.get(path, printable(path.resolve().name)) for path in paths]))


def join_films(films: Sequence[Film], title: str) -> Film:
    """Join films of equal size, one after another; their frames are not copied."""
    rate = min(film.frame_rate for film in films)
    chosen = [_chosen(film, rate) for film in films]
    parts = tuple(_part(film, indices, rate) for film, indices in zip(films, chosen, strict=True))
    return Film(
        path=films[-1].path,
        title=title,
        source_hash=hashlib.sha256("\n".join(film.source_hash for film in films).encode()).hexdigest(),
        frames=JoinedFrames([film.frames for film in films], chosen),
        times=np.concatenate([part.times for part in parts]),
        findings=Findings(),
        rate=rate,
        parts=parts,
        every=max(film.every for film in films),
    )


def _part(film: Film, indices: np.ndarray, rate: Fraction) -> Film:
    """Return the chosen frames of a film of one file, at a rate."""
    spans = ((int(start), int(stop)) for start, stop in np.searchsorted(indices, film.spans or np.empty((0, 2), int)))
    return replace(
        film,
        frames=JoinedFrames([film.frames], [indices]),
        times=film.times[indices],
        rate=rate,
        spans=tuple((start, stop) for start, stop in spans if start < stop),
        whole=film.whole and film.whole * len(indices) // len(film.frames),
    )


def _is_stored(
    cache: Path, source_hash: str, size: tuple[int, int], mode: ResizeMode, every: int, end: float | None
) -> bool:
    if every > 1:
        return stored_pieces(cache, source_hash, size, mode, every, end) is not None
    return cached_shape(cache_entry(cache, source_hash, size, mode), size) is not None


def _chosen(film: Film, rate: Fraction) -> np.ndarray:
    """Return the indices of the frames that bring a film to a rate, int64 [n]; its last frame is among them."""
    every = film.frame_rate / rate
    if every <= 1 + SAME_RATE:
        every = Fraction(1)
    count = len(film.frames)
    back = np.arange(-(-count * every.denominator // every.numerator)) * every.numerator // every.denominator
    chosen: np.ndarray = count - 1 - back[::-1]
    return chosen


def _films_in(folder: Path) -> list[Path]:
    files = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file() and _is_film(path)]
    if not files:
        raise FilmError(f"{folder} holds no films; for a folder of pictures give --pictures DIR or --pairs DIR")
    return sorted(files, key=in_order)


def _is_film(path: Path) -> bool:
    suffix = path.suffix.lower()
    return (suffix in SUFFIXES and not is_menu(path)) or (suffix == ".webp" and is_animated_webp(str(path)))


def _title(titles: Sequence[str]) -> str:
    more = len(titles) - NAMED
    return " + ".join([*titles[:NAMED], f"{more} more"] if more > 0 else titles)
