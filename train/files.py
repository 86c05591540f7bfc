"""Paths of files, as libraries must get them."""

from __future__ import annotations

from pathlib import Path


def ffmpeg_path(path: Path) -> str:
    """Return the path of a file as FFmpeg must get it: absolute.

    FFmpeg takes the part of a relative path before a colon for a protocol, as in `film: part one.mp4`.
    """
    return str(path.absolute())
