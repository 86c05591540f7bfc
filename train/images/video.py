"""Video files: rollouts to watch, and the lossless film tail of a bundle."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from train.files import ffmpeg_path

# Codec, pixel format and options by use. FFV1 in RGB is exact to the bit.
LOSSLESS = ("ffv1", "bgr0", {"level": "3", "slices": "4"})
TO_WATCH = ("libx264", "yuv420p", {"crf": "16", "preset": "veryfast"})
# What coding alone does to small pictures: with half of the colour's resolution (4:2:0) it would be mostly that.
# Not the medium preset: its file varied from run to run.
H264 = ("libx264", "yuv444p", {"crf": "18", "preset": "veryfast"})


def write_video(
    path: Path,
    frames: Iterable[np.ndarray],
    rate: Fraction,
    kind: tuple[str, str, dict[str, str]] = TO_WATCH,
    metadata: dict[str, str] | None = None,
) -> None:
    """Write a video.

    Args:
        path: file to write; its suffix names the container.
        frames: uint8 RGB [H, W, 3], at least one.
        rate: frames a second.
        kind: LOSSLESS, TO_WATCH or H264.
        metadata: of the container.

    Raises:
        OSError: the disk is full. After this and any other end before the last frame, what was written is removed.
    """
    codec, pixels, options = kind
    pictures = iter(frames)
    first = next(pictures)
    try:
        with av.open(ffmpeg_path(path), "w") as container:
            container.metadata.update(metadata or {})
            stream = container.add_stream(codec, rate=rate, options=options)
            assert isinstance(stream, av.VideoStream)  # the type follows from the codec's name
            stream.height, stream.width = first.shape[:2]
            stream.pix_fmt = pixels
            for picture in chain([first], pictures):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
            container.mux(stream.encode(None))
    except BaseException:
        path.unlink(missing_ok=True)  # half a video would keep a full disk full, and look like a whole one
        raise


def through_codec(
    frames: Iterable[np.ndarray], rate: Fraction, kind: tuple[str, str, dict[str, str]]
) -> Iterator[np.ndarray]:
    """Encode frames, decode them, and yield what is left of each; uint8 RGB [H, W, 3]. The file is temporary."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "coded.mkv"
        write_video(path, frames, rate, kind)
        yield from read_video(path)


def read_video(path: Path) -> Generator[np.ndarray, None, None]:
    """Yield the frames of a video that `write_video` wrote, uint8 RGB [H, W, 3]."""
    with av.open(ffmpeg_path(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def video_rate(path: Path) -> Fraction:
    """Return the frames a second of a video that `write_video` wrote."""
    with av.open(ffmpeg_path(path)) as container:
        rate = container.streams.video[0].average_rate
    assert rate, f"{path} has no frame rate"
    return rate
