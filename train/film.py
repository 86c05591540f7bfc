"""Decode a film exactly once into a memory-mapped array at the model's size."""

from __future__ import annotations

import hashlib
import json
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

Fit = Literal["crop", "letterbox"]


@dataclass(frozen=True)
class Film:
    """A decoded film. Every frame of the file stands here once, in the order of its timestamps."""

    path: Path
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
        usual = steps[np.abs(steps - np.median(steps)) < 0.5 * np.median(steps)]
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
        stream = container.streams.video[0]
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
    # Not frame threads: they swallow a damaged packet's error, and the last frames with it.
    container.streams.video[0].thread_type = "SLICE"
    return container


@dataclass
class _Damage:
    packets: int = 0


def _frames(
    container: av.container.InputContainer, stream: av.VideoStream, damage: _Damage
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Time in seconds and picture of every frame; packets that cannot be decoded are counted, not fatal."""
    last = -1.0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            decoded = packet.decode()
        except av.FFmpegError:
            damage.packets += 1
            if damage.packets > 1000:  # a demuxer that can only fail would go on for ever
                return
            continue
        for frame in decoded:
            time = frame.time if frame.time is not None else last + 1 / float(stream.guessed_rate or 24)
            if time > last:  # a timestamp that does not advance is the same moment told twice
                last = time
                yield time, frame


def _upright(frame: av.VideoFrame) -> np.ndarray:
    """uint8 RGB [H, W, 3], turned as the file's display matrix asks."""
    return np.rot90(frame.to_ndarray(format="rgb24"), (frame.rotation // 90) % 4)


# ----------------------------------------------------------------------------
# From the film's shape to the model's.


def fit_picture(picture: np.ndarray, aspect: float, size: tuple[int, int], fit: Fit) -> np.ndarray:
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
        return cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    inner = (width, max(1, round(width / aspect))) if wider else (max(1, round(height * aspect)), height)
    x, y = (width - inner[0]) // 2, (height - inner[1]) // 2
    boxed = np.zeros((height, width, 3), np.uint8)
    boxed[y : y + inner[1], x : x + inner[0]] = cv2.resize(
        np.ascontiguousarray(picture), inner, interpolation=cv2.INTER_AREA
    )
    return boxed


# ----------------------------------------------------------------------------
# Decoding, with a cache.


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_film(
    path: Path,
    size: tuple[int, int],
    fit: Fit,
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
    entry = cache / f"{content_hash(path)[:16]}-{size[0]}x{size[1]}-{fit}"
    if not (entry / "film.json").is_file():
        _decode_into(entry, path, width / height, size, fit, on_progress)
    facts = json.loads((entry / "film.json").read_text())
    shape = (facts["frame_count"], size[1], size[0], 3)
    frames = np.memmap(entry / "frames.u8", np.uint8, mode="r", shape=shape)
    return Film(path, frames, np.load(entry / "times.npy"), facts["damaged"])


def _decode_into(
    entry: Path,
    path: Path,
    aspect: float,
    size: tuple[int, int],
    fit: Fit,
    on_progress: Callable[[float], None],
) -> None:
    """Fill a cache entry beside its place, then move it there whole: an interrupted decode leaves nothing."""
    partial = entry.with_name(f"{entry.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    damage, times = _Damage(), []
    try:
        with _open(path) as container, (partial / "frames.u8").open("wb") as out:
            stream = container.streams.video[0]
            seconds = (container.duration or 0) / av.time_base
            for time, frame in _frames(container, stream, damage):
                out.write(fit_picture(_upright(frame), aspect, size, fit).tobytes())
                times.append(time)
                on_progress(min(1.0, time / seconds) if seconds else 0.0)
        if len(times) < 2:
            raise FilmError(f"{path} has only {len(times)} frame; a film needs many, give a moving picture")
        np.save(partial / "times.npy", np.array(times))
        facts = {"source": path.name, "frame_count": len(times), "damaged": damage.packets}
        (partial / "film.json").write_text(json.dumps(facts, indent=1))
        shutil.rmtree(entry, ignore_errors=True)
        partial.rename(entry)
    except OSError as error:
        raise FilmError(f"the decoded film cannot be written to {partial.parent}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    on_progress(1.0)
