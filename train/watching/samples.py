"""Samples of a training as browsers show them."""

from __future__ import annotations

import errno
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import av

from live.paths import ffmpeg_path
from live.reading.regular_file import check_regular_file, read_regular_file

SAMPLE = re.compile(r"step-(\d{6,})\.png")
LARGEST_PICTURE_BYTES = 2**26
LARGEST_VIDEO_BYTES = 2**30  # more does not go into memory


def list_samples(folder: Path) -> list[dict[str, Any]]:
    """Return the samples of a run, the newest first: step, name of the picture, and of the video or None."""
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError:
        return []  # there is no folder yet
    # The picture is written after the video: where it is, the video is whole.
    steps = sorted(((int(found[1]), found[0]) for found in map(SAMPLE.fullmatch, names) if found), reverse=True)
    samples = []
    for step, picture in steps:
        stem = picture.removesuffix(".png")
        samples.append({"step": step, "picture": picture, "video": f"{stem}.mp4" if f"{stem}.mkv" in names else None})
    return samples


def read_picture(path: Path) -> bytes:
    """Return the picture of a sample, as it was written.

    Raises:
        OSError: it cannot be read.
    """
    _check_own(path)
    return read_regular_file(path, LARGEST_PICTURE_BYTES)


def as_mp4(path: Path) -> bytes:
    """Return the video of a sample as MP4, which every browser plays. Nothing is encoded anew.

    Raises:
        OSError: it cannot be read.
    """
    _check_own(path)
    check_regular_file(path, LARGEST_VIDEO_BYTES)
    written = BytesIO()
    try:
        with av.open(ffmpeg_path(path)) as source, av.open(written, "w", format="mp4") as target:
            video = source.streams.video[0]
            copy = target.add_stream_from_template(video)
            packets = [packet for packet in source.demux(video) if packet.size]  # the last one is empty
            # Matroska has the times at which frames are shown, but not those at which they are decoded.
            shown = [packet.pts or 0 for packet in packets]
            delay = max(early - late for early, late in zip(sorted(shown), shown, strict=True))
            for packet, time in zip(packets, sorted(shown), strict=True):
                packet.dts, packet.stream = time - delay, copy
                target.mux(packet)
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise OSError(errno.EINVAL, "it is no video", str(path)) from error
    return written.getvalue()


def _check_own(path: Path) -> None:
    """Raise `OSError` for a link to a file elsewhere, which is not for a browser."""
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link", str(path))
