"""One way to open a film, clip or picture, and to time, colour, shape and turn its frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.codec.codec import UnknownCodecError
from av.stream import Disposition

from live.decoding.clock import length_of, timed
from live.decoding.colours import is_hdr, to_rgb, tone_mapped
from live.decoding.deinterlacing import deinterlaced, is_interlaced
from live.decoding.filters import filtered
from live.decoding.findings import Findings
from live.decoding.orientation import UPRIGHT, display_matrix, upright
from live.decoding.stills import (
    USUAL_DELAY,
    clean_aperture,
    cropped,
    frame_by_libheif,
    frame_by_libtiff,
    frames_by_opencv,
    has_alpha_stream,
    has_libheif,
    heic_of_parts,
    is_animated_webp,
    is_cut_off_still,
    is_heic,
    is_still,
    is_tiff_of_libtiff,
    matrix_of_webp,
    paced,
)
from live.frame import Pixels
from live.paths import ffmpeg_path

MOST_PIXEL_ASPECT = 10
"""No camera's pixels are longer; a header that says so is wrong."""
DELAYED = 64
"""Frames, at most, of which a decoder is ahead of what it gives."""
PACED = {"apng", "gif"}
"""Formats of animations, which browsers show."""

_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # FFmpeg's own decoders of these leave the transparency out


@dataclass(frozen=True)
class Picture:
    """One picture as it is meant to be seen: with square pixels, upright, in colours for a usual screen."""

    pixels: Pixels
    """uint8 RGB [h, w, 3]."""
    time: Fraction
    """Seconds from the first picture; increases."""
    length: Fraction
    """Seconds for which it stands, as its file says; 0: unknown."""


def open_media(path: Path) -> av.container.InputContainer:
    """Open a file with FFmpeg.

    Raises:
        av.FFmpegError, OSError, ValueError: FFmpeg cannot read it.
    """
    apng = {"default_fps": str(1 / USUAL_DELAY)}  # of frames without a delay; other formats have no such option
    container = av.open(ffmpeg_path(path), metadata_errors="replace", options=apng)
    if container.format.name == "tty":  # FFmpeg would draw a text file, by its name's ending, as a terminal shows it
        container.close()
        raise ValueError("it is a text")
    return container


def pictures(
    container: av.container.InputContainer, findings: Findings, threads: Literal["SLICE", "AUTO"] = "SLICE"
) -> Iterator[Picture]:
    """Yield every picture of the file's main video stream; see `timed_frames`."""
    for time, frame, aspect in timed_frames(container, findings, threads):
        yield to_picture(time, frame, aspect, findings)


def timed_frames(
    container: av.container.InputContainer, findings: Findings, threads: Literal["SLICE", "AUTO"] = "SLICE"
) -> Iterator[tuple[Fraction, av.VideoFrame, Fraction | None]]:
    """Yield every frame of the file's main video stream, decoded but not converted: arguments of `to_picture`.

    Args:
        container: An opened file.
        findings: Gets what was found in the file.
        threads: SLICE reports every damaged packet; AUTO is faster, but hides some and may lose the last frames.
    """
    stream = main_stream(container)
    if stream is None or is_cut_off_still(container, stream):
        return
    stream.thread_type = threads
    frames = _frames_of(container, stream, findings)
    yield from timed(frames, stream.guessed_rate, container.format.flags, findings)


def to_picture(time: Fraction, frame: av.VideoFrame, aspect: Fraction | None, findings: Findings) -> Picture:
    """Convert a frame.

    Args:
        time: Its time, in seconds.
        frame: The frame.
        aspect: Width of its pixels over their height; None: 1.
        findings: Gets what was found in it.
    """
    pixels, is_transparent = to_rgb(frame, _square(frame, aspect))
    findings.transparent = findings.transparent or is_transparent
    return Picture(upright(pixels, display_matrix(frame)), time, length_of(frame))


# ----------------------------------------------------------------------------
# Frames.


def main_stream(container: av.container.InputContainer) -> av.VideoStream | None:
    """Return the stream that FFmpeg's command line chooses: no cover picture, the default one, the largest."""

    def rank(stream: av.VideoStream) -> int:
        if stream.disposition & Disposition.attached_pic:
            return 1
        return stream.width * stream.height + (5_000_000 if stream.disposition & Disposition.default else 0)

    # FFmpeg has a decoder for it.
    readable = (stream for stream in container.streams.video if stream.codec_context is not None)
    return max(readable, key=rank, default=None)


def _frames_of(
    container: av.container.InputContainer, stream: av.VideoStream, findings: Findings
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Yield every frame and the aspect of its pixels, by the library that reads the file."""
    frames = deinterlaced(_frames(container, stream, findings), stream.codec_context.name)
    if is_heic(container) and (picture := frame_by_libheif(container.name)):
        return iter([(picture, None)])
    if is_heic(container) and (whole := heic_of_parts(container.name, stream)):  # a part alone is no picture
        findings.left_out = "" if has_libheif() else whole
        return iter(())
    if is_heic(container):
        return cropped(((frame, None) for frame, _ in frames), clean_aperture(container.name))
    if is_tiff_of_libtiff(container.name):
        picture = frame_by_libtiff(container.name)
        return iter([(picture, None)] if picture else [])
    if is_animated_webp(container.name):
        return paced(frames_by_opencv(container.name, matrix_of_webp(container.name)))
    if has_alpha_stream(container):
        matrix = next((display_matrix(frame) for frame, _ in frames), UPRIGHT)
        return paced(frames_by_opencv(container.name, matrix))
    shown = ((frame, None) for frame, _ in frames)  # as browsers show pictures, whose pixels are square
    if container.format.name in PACED:
        return paced(shown)
    return shown if is_still(container) else frames


def _frames(
    container: av.container.InputContainer, stream: av.VideoStream, findings: Findings
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Yield every frame and the aspect of its pixels; count the packets that cannot be decoded."""
    decoder = _decoder(stream)
    aspects = list[Fraction]()  # that the stream has had, in order
    unsure = 0  # frames that may have an aspect before the latest
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = decoder.decode(packet)
        except av.FFmpegError:
            findings.damaged += 1
            continue
        for frame in frames:
            findings.interlaced = findings.interlaced or is_interlaced(frame, decoder.name)
            own_aspect = decoder.sample_aspect_ratio or Fraction(1)
            if own_aspect not in aspects[-1:]:
                unsure = DELAYED if aspects else 0
                aspects.append(own_aspect)
            if unsure:
                unsure -= 1
                measured = _aspect(frame)
                own_aspect = min(aspects, key=lambda aspect: abs(aspect - measured))
            if is_hdr(frame):
                findings.hdr = True
                frame = tone_mapped(frame)
            # What the container says is meant for the whole stream, and is right until the stream says something else.
            yield frame, stream.sample_aspect_ratio if own_aspect == aspects[0] else own_aspect


def _aspect(frame: av.VideoFrame) -> Fraction:
    """Return the aspect of a frame's pixels, to three digits.

    A frame that is given late has another one than its decoder by then, and PyAV does not tell it: a filter does.
    """
    scaled = filtered(frame, "scale", r"w=clip(round(1000*sar)\,1\,16000):h=2:eval=frame")
    return Fraction(scaled.width, 1000)


def _decoder(stream: av.VideoStream) -> av.VideoCodecContext:
    """Return the stream's own decoder, or another one if only that reads its transparency."""
    own = stream.codec_context
    tags = {key.lower(): value for key, value in stream.metadata.items()}
    if tags.get("alpha_mode") != "1" or own.name not in _WITH_ALPHA:
        return own
    try:
        decoder = av.CodecContext.create(_WITH_ALPHA[own.name], "r")
    except UnknownCodecError:
        return own
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.extradata = own.extradata
    return decoder


def _square(frame: av.VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Return (W, H) of a frame made wider or higher if its pixels are not square, before it is turned."""
    if not aspect or not 1 / MOST_PIXEL_ASPECT <= aspect <= MOST_PIXEL_ASPECT:
        return frame.width, frame.height
    return round(frame.width * max(aspect, Fraction(1))), round(frame.height / min(aspect, Fraction(1)))
