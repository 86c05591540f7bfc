"""Video files: rollouts to watch, and the film's tail in a bundle."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from live.paths import ffmpeg_path

VideoKind = tuple[str, str, dict[str, str]]
"""Codec, pixel format and options."""

# FFV1 in RGB is exact to the bit.
LOSSLESS: VideoKind = ("ffv1", "bgr0", {"level": "3", "slices": "4"})
TO_WATCH: VideoKind = ("libx264", "yuv420p", {"crf": "16", "preset": "veryfast"})
# What coding alone does to small pictures: with half of the colour's resolution (4:2:0) it would be mostly that.
# Not the medium preset: its file varied from run to run.
H264: VideoKind = ("libx264", "yuv444p", {"crf": "18", "preset": "veryfast"})
# RGB, because H.264 is decoded to the same bits everywhere, but YUV is not converted to the same RGB everywhere.
# The stage decodes from the key frame before the seconds that it shows: they are close together.
FILM_TAIL: VideoKind = ("libx264rgb", "rgb24", {"crf": "16", "preset": "veryfast", "g": "24"})
SOUND_RATE, SOUND_BITS = 48_000, 128_000
"""Samples, and bits of the codec, for a second of a film's sound in a bundle."""


def write_video(path: Path, frames: Iterable[np.ndarray], rate: Fraction, kind: VideoKind = TO_WATCH) -> None:
    """Write a video.

    Args:
        path: file to write; its suffix names the container.
        frames: uint8 RGB [H, W, 3], at least one.
        rate: frames a second.
        kind: LOSSLESS, TO_WATCH or H264.

    Raises:
        OSError: the disk is full. After this and any other end before the last frame, what was written is removed.
    """
    pictures = iter(frames)
    first = next(pictures)
    with _written_whole(path) as container:
        stream = _add_stream(container, first.shape, rate, kind)
        for number, picture in enumerate(chain([first], pictures)):
            container.mux(stream.encode(_frame(picture, number, rate, kind)))
        container.mux(stream.encode(None))


def write_film_tail(
    path: Path,
    frames: np.ndarray,
    rate: Fraction,
    exact: int,
    metadata: dict[str, str],
    sound: np.ndarray | None = None,
) -> None:
    """Write the film's tail of a bundle: all frames as FILM_TAIL, and in a second track the last ones lossless.

    A third track has the sound.

    Args:
        path: file to write, in Matroska.
        frames: uint8 RGB [n, H, W, 3].
        rate: frames a second.
        exact: number of the frames, from the last, that the second track holds.
        metadata: of the container.
        sound: int16 [n, 2], in stereo, as long as the frames; None for none.

    Raises:
        OSError: as of `write_video`.
    """
    kinds, begins = (FILM_TAIL, LOSSLESS), (0, len(frames) - exact)
    with _written_whole(path) as container:
        container.metadata.update(metadata)
        # The header, with all tracks, is written with the first packet.
        streams = [_add_stream(container, frames.shape[1:], rate, kind) for kind in kinds]
        heard = None if sound is None else _add_sound(container)
        for stream, begin, kind in zip(streams, begins, kinds, strict=True):
            for number in range(begin, len(frames)):
                container.mux(stream.encode(_frame(frames[number], number, rate, kind)))
            container.mux(stream.encode(None))
        if heard and sound is not None:
            samples = np.ascontiguousarray(sound.reshape(1, -1))
            whole = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
            whole.sample_rate, whole.pts, whole.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
            container.mux(heard.encode(whole))
            container.mux(heard.encode(None))


@contextmanager
def _written_whole(path: Path) -> Iterator[av.container.OutputContainer]:
    """Yield a container to write to."""
    try:
        with av.open(ffmpeg_path(path), "w") as container:
            yield container
    except BaseException:
        path.unlink(missing_ok=True)  # half a video would keep a full disk full, and look like a whole one
        raise


def _add_stream(
    container: av.container.OutputContainer, shape: tuple[int, ...], rate: Fraction, kind: VideoKind
) -> av.VideoStream:
    codec, pixels, options = kind
    stream = container.add_stream(codec, rate=rate, options=options)
    assert isinstance(stream, av.VideoStream)  # the type follows from the codec's name
    stream.height, stream.width = shape[:2]
    stream.pix_fmt = pixels
    if kind == TO_WATCH:  # name the YUV (1: BT.709, limited range); otherwise players guess it from the size
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
    return stream


def _add_sound(container: av.container.OutputContainer) -> av.AudioStream:
    stream = container.add_stream("libopus", rate=SOUND_RATE, layout="stereo")
    stream.codec_context.bit_rate = SOUND_BITS
    return stream


def _frame(picture: np.ndarray, number: int, rate: Fraction, kind: VideoKind) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    if kind == TO_WATCH:
        frame = frame.reformat(
            format=kind[1],
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )
    frame.pts, frame.time_base = number, 1 / rate
    return frame


def through_codec(frames: Iterable[np.ndarray], rate: Fraction, kind: VideoKind) -> Iterator[np.ndarray]:
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
