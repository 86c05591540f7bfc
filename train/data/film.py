"""Decode a film exactly once into a memory-mapped array at the model's size."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np

from train.errors import FilmError

ResizeMode = Literal["crop", "letterbox"]

DECODER = 1  # raise it whenever the same film would be decoded into other frames or times


@dataclass(frozen=True)
class Film:
    """A decoded film. Every frame of the file stands here once, in the order of its timestamps."""

    path: Path
    title: str  # the file's own, or its name
    source_hash: str  # SHA-256 of the file, in hex
    frames: np.ndarray  # uint8 RGB [T, H, W, 3], memory-mapped
    times: np.ndarray  # float64 [T], seconds from the start of the file
    damaged: int  # packets that could not be decoded

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.frames.shape[2], self.frames.shape[1]

    @property
    def frame_rate(self) -> Fraction:
        """Frames a second, from the timestamps themselves, since what headers say is often wrong."""
        steps = np.diff(self.times)
        middle = np.sort(steps)[len(steps) // 2]
        usual = steps[np.abs(steps - middle) < 0.5 * middle]
        rate = 1 / float(usual.mean())  # the mean, because containers round single timestamps to milliseconds
        whole = max(1, round(rate))
        common = (Fraction(whole), Fraction(whole * 1000, 1001))
        nearest = min(common, key=lambda known: abs(known - rate))
        return nearest if abs(nearest / rate - 1) < 4e-4 else Fraction(rate).limit_denominator(100)


# ----------------------------------------------------------------------------
# Opening and probing.


def display_shape(path: Path) -> tuple[int, int]:
    """Width and height of the picture as it is meant to be seen: pixels made square, rotation undone.

    Raises:
        FilmError: there is no such film, or no picture in it.
    """
    with _open(path) as container:
        stream = _pictures_of(container)
        for _, frame in _frames(container, stream, _Damage()):
            height, width = _upright(frame).shape[:2]
            aspect = stream.sample_aspect_ratio or Fraction(1)
            quarter_turn = frame.rotation % 180 != 0
            return (width, round(height * aspect)) if quarter_turn else (round(width * aspect), height)
    raise FilmError(f"{path} holds no picture that can be decoded; is it a whole film file?")


def _open(path: Path) -> av.container.InputContainer:
    if not path.is_file():
        raise FilmError(f"there is no film at {path}; check the path")
    if path.stat().st_size == 0:
        raise FilmError(f"{path} is an empty file; copy the film again")
    try:
        container = av.open(str(path))
    except (av.FFmpegError, ValueError) as error:
        raise FilmError(f"{path} is no film that can be decoded ({error}); give a video file or a GIF") from error
    if not container.streams.video:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        container.close()
        raise FilmError(f"{path} has no video stream, only {kinds}; give a film with pictures")
    return container


def _pictures_of(container: av.container.InputContainer) -> av.VideoStream:
    """The stream with the film, not that with its cover."""
    stream = container.streams.best("video")
    assert isinstance(stream, av.VideoStream)  # `_open` has seen that there is one
    # Not frame threads: they swallow a damaged packet's error, and the last frames with it.
    stream.thread_type = "SLICE"
    return stream


@dataclass
class _Damage:
    packets: int = 0


def _frames(
    container: av.container.InputContainer, stream: av.VideoStream, damage: _Damage
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Every picture and its time in seconds, from 0 and rising; packets that cannot be decoded are counted."""
    usual = 1 / float(stream.guessed_rate or 24)
    last: float | None = None
    shift = 0.0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            decoded = packet.decode()
        except av.FFmpegError:
            damage.packets += 1
            continue
        for frame in decoded:
            told = frame.time if frame.time is not None else (last or 0.0) + usual - shift
            if last is None:
                shift = -told
            elif told + shift < last - 1:  # the clock begins anew: films joined end to end
                shift = last + usual - told
            time = told + shift
            if last is None or time > last:  # a timestamp that does not advance is the same moment told twice
                last = time
                yield time, frame


def _upright(frame: av.VideoFrame) -> np.ndarray:
    """uint8 RGB [H, W, 3], turned as the file's display matrix asks."""
    return np.rot90(frame.to_ndarray(format="rgb24"), (frame.rotation // 90) % 4)


# ----------------------------------------------------------------------------
# From the film's shape to the model's.


def fit_picture(picture: np.ndarray, aspect: float, size: tuple[int, int], fit: ResizeMode) -> np.ndarray:
    """Scale a picture without distorting it.

    Args:
        picture: uint8 RGB [h, w, 3].
        aspect: width over height at which the whole picture is meant to be seen.
        size: (W, H) of the result.
        fit: "crop" fills the result and loses the edges, "letterbox" keeps all and adds black.

    Returns:
        uint8 RGB [H, W, 3].
    """
    width, height = size
    wider = aspect > width / height
    if fit == "crop":
        h, w = picture.shape[:2]
        keep_w = round(w * (width / height) / aspect) if wider else w
        keep_h = h if wider else round(h * aspect / (width / height))
        x, y = (w - keep_w) // 2, (h - keep_h) // 2
        cut = np.ascontiguousarray(picture[y : y + keep_h, x : x + keep_w])
        return _scaled(cut, size)
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
    """SHA-256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_film(
    path: Path,
    size: tuple[int, int],
    fit: ResizeMode,
    cache: Path,
    on_progress: Callable[[float], None] = lambda share: None,
) -> Film:
    """Open a film at the model's size, decoding it only if the cache does not hold it yet.

    Args:
        path: anything that PyAV decodes: a video file, a GIF.
        size: (W, H) in pixels.
        fit: how a film of another shape is fitted, see `fit_picture`.
        cache: folder of decoded films, keyed by content hash, size and fit.
        on_progress: called with the share of the film decoded, 0…1.

    Raises:
        FilmError: the film cannot be read, or has fewer than two frames.
    """
    width, height = display_shape(path)
    source_hash = content_hash(path)
    entry = cache / f"{source_hash[:16]}-{size[0]}x{size[1]}-{fit}"
    shape = _cached_shape(entry, size)
    if shape is None:
        _decode_into(entry, path, width / height, size, fit, on_progress)
        shape = _cached_shape(entry, size)
        assert shape is not None  # it was written just now
    facts = json.loads((entry / "film.json").read_text(encoding="utf-8"))
    frames = np.memmap(entry / "frames.u8", np.uint8, mode="r", shape=shape)
    title = facts["title"] or path.stem
    return Film(path, title, source_hash, frames, np.load(entry / "times.npy"), facts["damaged"])


def _cached_shape(entry: Path, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Shape of the decoded film in a cache entry; None if it is not there, not whole, or of an older decoder."""
    try:
        facts = json.loads((entry / "film.json").read_text(encoding="utf-8"))
        shape = (int(facts["frame_count"]), size[1], size[0], 3)
        whole = (entry / "frames.u8").stat().st_size == math.prod(shape) and (entry / "times.npy").is_file()
        return shape if whole and facts["decoder"] == DECODER else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _decode_into(
    entry: Path,
    path: Path,
    aspect: float,
    size: tuple[int, int],
    fit: ResizeMode,
    on_progress: Callable[[float], None],
) -> None:
    """Fill a cache entry beside its place, then move it there whole: an interrupted decode leaves nothing."""
    partial = entry.with_name(f"{entry.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    damage, times = _Damage(), []
    try:
        with _open(path) as container, (partial / "frames.u8").open("wb") as out:
            stream = _pictures_of(container)
            seconds = (container.duration or 0) / av.time_base
            title = container.metadata.get("title")
            for time, frame in _frames(container, stream, damage):
                out.write(fit_picture(_upright(frame), aspect, size, fit).tobytes())
                times.append(time)
                on_progress(min(1.0, time / seconds) if seconds else 0.0)
        if len(times) < 2:
            raise FilmError(f"{path} has only {len(times)} frame; a film needs many, give a moving picture")
        np.save(partial / "times.npy", np.array(times))
        facts = {"decoder": DECODER, "title": title, "frame_count": len(times), "damaged": damage.packets}
        (partial / "film.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        shutil.rmtree(entry, ignore_errors=True)
        partial.rename(entry)
    except OSError as error:
        raise FilmError(f"the decoded film cannot be written to {partial.parent}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    on_progress(1.0)
