"""The file of a film: opened, hashed, and looked at in places."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import av
import numpy as np

from live.decoding.clock import CLOCK_MAY_JUMP, NO_TIMESTAMPS
from live.decoding.decoding import main_stream, open_media, pictures
from live.decoding.findings import Findings
from train.errors import FilmError


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
        container = open_media(path)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise FilmError(f"{path} cannot be decoded as a film ({error}); give a video file or a GIF") from error
    if not container.streams.video:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        container.close()
        raise FilmError(f"{path} has no video stream, only {kinds}; give a film with pictures")
    if main_stream(container) is None:
        container.close()
        raise FilmError(f"{path} has no video stream that can be decoded; convert it with FFmpeg")
    return container


def content_hash(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def picture_at(path: Path, time: float = 0.0) -> np.ndarray:
    """Return the picture that a film shows at `time` in seconds, with its black bars: uint8 RGB [h, w, 3].

    Raises:
        FilmError: the film does not exist, or holds no picture.
    """
    shown = None
    with open_film(path) as container:
        for picture in pictures(container, Findings()):
            if shown is not None and picture.time > time + 0.001:
                break
            shown = picture.pixels
    if shown is None:
        raise FilmError(f"{path} holds no picture that can be decoded; check that the file is complete")
    return shown


def expected_frames(path: Path) -> int:
    """Return about how many frames a film has, without decoding it."""
    facts = path.stat()
    return _expected_frames(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=64)  # they are asked for several times before a film is decoded
def _expected_frames(path: Path, changed: int, length: int) -> int:
    with open_film(path) as container:
        stream = main_stream(container)
        if stream is None:
            return 0
        # A length in seconds says little: the clock may jump, begin late, or run on under one picture.
        if container.format.flags & (CLOCK_MAY_JUMP | NO_TIMESTAMPS) or not stream.frames:
            return sum(1 for packet in container.demux(stream) if packet.size)
        return stream.frames
