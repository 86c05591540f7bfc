"""Films that have more frames than a training sees: pieces of them are kept, and found by looking at the whole film.

A long film is decoded twice. The first time finds its story on thumbnails. The second time stores the pictures of some
pieces, at even distances over the story, and of its end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from live.decoding.decoding import pictures, timed_frames, to_picture
from live.decoding.findings import Findings
from live.reading.text import printable
from train.data.even_rate import even_frames
from train.data.film import DECODER_VERSION, Film, cache_entry, cached_shape, check_count, new_entry
from train.data.long_films.pieces import PIECE_SECONDS, Span, joined_spans, pieces_of
from train.data.probing.film_bars import film_bars
from train.data.probing.film_file import expected_frames, open_film
from train.data.shots import find_story
from train.images.bars import Bars, without_bars
from train.images.frames import Frames, JoinedFrames, StoredFrames
from train.images.resizing import ResizeMode, resize_picture
from train.images.thumbnails import THUMB, thumbnail

END_SECONDS = 12.0  # of the story's end, which are kept: more than a bundle takes of it
LOOKING = 0.75  # share of the time that the first decoding takes: it converts every picture
ROUNDED = 1e-3  # seconds: bundles hold their ends in milliseconds


def load_pieces(
    path: Path,
    size: tuple[int, int],
    mode: ResizeMode,
    cache: Path,
    on_progress: Callable[[float], None] = lambda share: None,
    *,
    source_hash: str,
    every: int,
    end: float | None = None,
    piece_seconds: float = PIECE_SECONDS,
) -> Film:
    """Open pieces of a film at the model's picture size, and decode them first unless the cache holds them.

    Args:
        path: any file that PyAV decodes.
        size: (W, H) in pixels.
        mode: how a film of another shape is resized, see `resize_picture`.
        cache: folder of decoded films.
        on_progress: called with the share of the work done so far, 0…1.
        source_hash: of `content_hash`.
        every: one of so many pieces is kept.
        end: second at which the film ends; None: found.
        piece_seconds: length of a piece.

    Raises:
        FilmError: the film cannot be read, or has no story.
    """
    entry = stored_pieces(cache, source_hash, size, mode, every, end)
    if entry is None:
        entry = _entry(cache, source_hash, size, mode, every, end)
        bars = film_bars(path)
        with new_entry(entry) as partial:
            seen = _look(path, size, mode, bars, lambda share: on_progress(LOOKING * share))
            chosen = _choose(seen.film, every, end, piece_seconds)
            wanted, places = np.unique(seen.order[chosen.kept], return_inverse=True)
            _store(path, size, mode, bars, wanted, partial, lambda share: on_progress(LOOKING + (1 - LOOKING) * share))
            np.save(partial / "times.npy", seen.film.times[chosen.kept])
            np.save(partial / "places.npy", places)
            facts = {
                "decoder": DECODER_VERSION,
                "title": seen.title,
                "frame_count": len(wanted),
                "findings": asdict(seen.film.findings),
                "bars": bars,
                "rate": str(seen.film.frame_rate),
                "stored": seen.film.stored,
                "whole": len(seen.film.frames),
                "spans": chosen.spans,
                "asked_end": end,
                "end": chosen.end,
            }
            (partial / "film.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        on_progress(1.0)
    facts = json.loads((entry / "film.json").read_text(encoding="utf-8"))
    shape = cached_shape(entry, size)
    assert shape is not None  # it has been found, or just been written
    pictures_of_pieces = StoredFrames(entry / "frames.u8", shape)
    return Film(
        path=path,
        title=facts["title"] or printable(path.stem),
        source_hash=source_hash,
        frames=JoinedFrames([pictures_of_pieces], [np.load(entry / "places.npy")]),
        times=np.load(entry / "times.npy"),
        findings=Findings(**facts["findings"]),
        rate=Fraction(facts["rate"]),
        stored=facts["stored"],
        bars=tuple(Bars(*each) for each in facts["bars"]),
        every=every,
        spans=tuple((start, stop) for start, stop in facts["spans"]),
        whole=facts["whole"],
    )


def stored_pieces(
    cache: Path, source_hash: str, size: tuple[int, int], mode: ResizeMode, every: int, end: float | None
) -> Path | None:
    """Return the folder in which the cache holds pieces of a film up to an end, or None.

    Pieces whose end was found serve for an end that is given, if it is the same.
    """
    for entry in (_entry(cache, source_hash, size, mode, every, wanted) for wanted in dict.fromkeys([end, None])):
        if cached_shape(entry, size) is None or not (entry / "places.npy").is_file():
            continue
        facts = json.loads((entry / "film.json").read_text(encoding="utf-8"))
        if facts["asked_end"] == end or (end is not None and abs(facts["end"] - end) <= ROUNDED):
            return entry
    return None


def _entry(
    cache: Path, source_hash: str, size: tuple[int, int], mode: ResizeMode, every: int, end: float | None
) -> Path:
    whole = cache_entry(cache, source_hash, size, mode)
    return whole.with_name(f"{whole.name}-1of{every}{'' if end is None else f'-to{end:g}'}")


@dataclass(frozen=True)
class _Seen:
    """A whole film, as thumbnails."""

    film: Film  # its frames are thumbnails
    order: np.ndarray  # int [T], picture of the file that each frame shows
    title: str | None  # of the file's metadata


def _look(
    path: Path,
    size: tuple[int, int],
    mode: ResizeMode,
    bars: tuple[Bars, ...],
    on_progress: Callable[[float], None],
) -> _Seen:
    """Decode a film as thumbnails: 1.7 KB a frame, 220 MB for a film of 90 minutes."""
    expected = expected_frames(path)
    findings, times, last_length, thumbs = Findings(), list[float](), 0.0, bytearray()
    small = 2 * THUMB[0], max(1, round(2 * THUMB[0] * size[1] / size[0]))
    with open_film(path) as container:
        title = container.metadata.get("title")
        for picture in pictures(container, findings):
            inner = without_bars(picture.pixels, bars)
            thumbs += thumbnail(resize_picture(inner, inner.shape[1] / inner.shape[0], small, mode)).tobytes()
            times.append(float(picture.time))
            last_length = float(picture.length)
            on_progress(min(1.0, len(times) / max(1, expected)))
    check_count(path, len(times))
    frames: Frames = np.frombuffer(thumbs, np.uint8).reshape(-1, THUMB[1], THUMB[0], 3)
    begins, order, stored = np.array(times), np.arange(len(times)), None
    shown = even_frames(begins, last_length)
    if shown is not None:
        order, step = shown
        frames, begins, stored = JoinedFrames([frames], [order]), np.arange(len(order)) * step, len(times)
    return _Seen(Film(path, "", "", frames, begins, findings, stored=stored), order, title)


@dataclass(frozen=True)
class _Chosen:
    """Frames of a whole film that are kept."""

    kept: np.ndarray  # int [n], ascending
    spans: list[Span]  # kept frames [start, stop) of each piece, counted among the kept ones
    end: float  # seconds: the last frame of the story


def _choose(film: Film, every: int, end: float | None, piece_seconds: float) -> _Chosen:
    """Choose pieces of a film's story, its end, and of what is left out after it the first and the last frame."""
    rate = float(film.frame_rate)
    rounded = replace(film, times=film.times - ROUNDED)
    shots = [(shot.start, shot.stop) for shot in find_story(rounded, end).shots]
    story_stop = shots[-1][1]
    ending = story_stop - round(END_SECONDS * rate)
    spans = pieces_of(shots, max(2, round(piece_seconds * rate)), every)
    spans += [(max(start, ending), stop) for start, stop in shots if stop > ending]
    spans = joined_spans(spans, {start for start, _ in shots})
    after = {story_stop, len(film.frames) - 1} if story_stop < len(film.frames) else set[int]()
    kept = np.concatenate([*(np.arange(start, stop) for start, stop in spans), np.array(sorted(after), int)])
    stops = np.cumsum([stop - start for start, stop in spans]).tolist()
    return _Chosen(kept, list(pairwise([0, *stops])), float(film.times[story_stop - 1]))


def _store(
    path: Path,
    size: tuple[int, int],
    mode: ResizeMode,
    bars: tuple[Bars, ...],
    wanted: np.ndarray,
    folder: Path,
    on_progress: Callable[[float], None],
) -> None:
    """Decode a film and store some of its pictures; `wanted` are their numbers, ascending."""
    findings, numbers, last = Findings(), set(wanted.tolist()), int(wanted[-1])
    with open_film(path) as container, (folder / "frames.u8").open("wb") as out:
        frames = (timed for number, timed in enumerate(timed_frames(container, findings)) if number in numbers)
        for count, timed in enumerate(frames, 1):
            # Only what is stored is converted.
            inner = without_bars(to_picture(*timed, findings).pixels, bars)
            out.write(resize_picture(inner, inner.shape[1] / inner.shape[0], size, mode).tobytes())
            on_progress(float(wanted[count - 1]) / last)
            if count == len(wanted):
                return
