"""Decoding of a film, clip or picture: one way to open it, and to time, colour, shape and turn its frames.

The stage and the studio never import each other, and must see the same pictures in a file: this module stands in both,
word for word. `tests/seam_decoding/` compares them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
from av.codec.codec import UnknownCodecError
from av.filter import Graph
from av.stream import Disposition
from numpy.typing import NDArray

from live.camera.orientation import display_matrix, upright

GROUND = 255  # level on which transparent pictures are shown: white, like paper and like FFmpeg's GIFs
MOST_PIXEL_ASPECT = 10  # no camera's pixels are longer; a header that says so is wrong
HEAD = 8  # frames; if all have the same time, they are no duplicates, but the clock stands
MOST_RATE = 240  # frames a second; more are the ticks of a clock
LONGEST_GAP = Fraction(1)  # seconds without a picture, above which a clock that may jump has jumped
LONGEST_HOLD = Fraction(60)  # seconds for which a picture may stand in other files
HD_LINES, HD_COLUMNS = 720, 1280  # a film of either is HD: of a wide one the black bars are often cut off

CLOCK_MAY_JUMP = 0x0200  # flag of a format: AVFMT_TS_DISCONT
UNSPECIFIED = 2  # colour space (ITU-T H.273, table 4)
HDR = (16, 18)  # transfers PQ and HLG (ITU-T H.273, table 3)

_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # FFmpeg's own decoders of these leave the transparency out

Rgb = NDArray[np.uint8]


@dataclass
class Findings:
    """Facts about a file that its reader may want to say; they grow while it is decoded."""

    damaged: int = 0  # packets that could not be decoded
    closed: list[float] = field(default_factory=list)  # seconds of each jump of the clock that was closed
    hdr: bool = False  # True if a picture had more light than a usual screen
    transparent: bool = False  # True if a picture had transparent parts

    def lines(self) -> list[str]:
        """Return what there is to say, in clauses that follow the name of the file."""
        said = []
        if self.damaged:
            said.append(f"is damaged: {self.damaged} packets could not be decoded; the rest is used")
        if self.closed:
            gaps = "a gap" if len(self.closed) == 1 else f"{len(self.closed)} gaps"
            said.append(f"has {gaps} in its clock: {sum(self.closed):.1f} s without a picture are left out")
        if self.hdr:
            said.append("is HDR; its light is mapped to that of a usual screen")
        if self.transparent:
            said.append("has transparent parts, which are shown on white")
        return said


@dataclass(frozen=True)
class Picture:
    """One picture as it is meant to be seen: with square pixels, upright, in colours for a usual screen."""

    pixels: Rgb  # uint8 RGB [h, w, 3]
    time: Fraction  # seconds from the first picture; increases
    length: Fraction  # seconds for which it stands, as its file says; 0: unknown


def open_media(path: str) -> av.container.InputContainer:
    """Open a file with FFmpeg.

    Raises:
        av.FFmpegError, OSError, ValueError: FFmpeg cannot read it.
    """
    container = av.open(path, metadata_errors="replace")
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
        container: an opened file.
        findings: gets what was found in the file.
        threads: SLICE reports every damaged packet; AUTO is faster, but hides some and may lose the last frames.
    """
    stream = main_stream(container)
    # PyAV does not join the tiles of a HEIC: a tile alone is no picture. FFmpeg paints what a JPEG lacks green.
    if stream is None or stream.disposition & Disposition.dependent or _is_cut_off_jpeg(container, stream):
        return
    stream.thread_type = threads
    rate = stream.guessed_rate
    step = 1 / Fraction(rate if rate and rate <= MOST_RATE else 24)
    read_by_opencv = _has_alpha_stream(container) or is_animated_webp(container.name)
    frames = _frames_by_opencv(container.name) if read_by_opencv else _frames(container, stream, findings)
    yield from _timed(frames, step, bool(container.format.flags & CLOCK_MAY_JUMP), findings)


def to_picture(time: Fraction, frame: av.VideoFrame, aspect: Fraction | None, findings: Findings) -> Picture:
    """Convert a frame.

    Args:
        time: its time, in seconds.
        frame: the frame.
        aspect: width of its pixels over their height; None: 1.
        findings: gets what was found in it.
    """
    pixels = upright(_rgb(frame, _square(frame, aspect), findings), display_matrix(frame))
    length = Fraction(0) if frame.time_base is None else (frame.duration or 0) * frame.time_base
    return Picture(pixels, time, min(length, LONGEST_HOLD))


# ----------------------------------------------------------------------------
# Frames.


def main_stream(container: av.container.InputContainer) -> av.VideoStream | None:
    """Return the stream that FFmpeg's command line chooses: no cover picture, the default one, the largest."""

    def rank(stream: av.VideoStream) -> int:
        if stream.disposition & Disposition.attached_pic:
            return 1
        return stream.width * stream.height + (5_000_000 if stream.disposition & Disposition.default else 0)

    return max(container.streams.video, key=rank, default=None)


def _frames(
    container: av.container.InputContainer, stream: av.VideoStream, findings: Findings
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Yield every frame and the aspect of its pixels; count the packets that cannot be decoded."""
    decoder = _decoder(stream)
    first_aspect: Fraction | None = None
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
            if decoder.color_trc in HDR:
                findings.hdr = True
                frame = _tone_mapped(frame)
            own_aspect = decoder.sample_aspect_ratio or Fraction(1)
            first_aspect = first_aspect or own_aspect
            # What the container says is meant for the whole stream, and is right until the stream says something else.
            yield frame, stream.sample_aspect_ratio if own_aspect == first_aspect else own_aspect


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


def _is_cut_off_jpeg(container: av.container.InputContainer, stream: av.VideoStream) -> bool:
    if container.format.name not in {"image2", "jpeg_pipe"} or stream.codec_context.name != "mjpeg":
        return False
    try:
        return is_cut_off(Path(container.name).read_bytes())
    except OSError:
        return False


def is_cut_off(jpeg: bytes) -> bool:
    """Return True if a JPEG ends before its picture does (ITU-T T.81, annex B)."""
    place = 2
    while jpeg[place : place + 1] == b"\xff" and jpeg[place + 1 : place + 2] != b"\xda":  # to the picture's own data
        if jpeg[place + 1 : place + 2] == b"\xff":  # a filling byte
            place += 1
        else:
            place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return jpeg.find(b"\xff\xd9", place) < 0


def _has_alpha_stream(container: av.container.InputContainer) -> bool:
    """Return True for an AVIF whose transparency is a stream of its own, which FFmpeg does not join."""
    return container.metadata.get("major_brand") in {"avif", "avis"} and len(container.streams.video) > 1


def is_animated_webp(path: str) -> bool:
    """Return True for a WebP of several pictures, which FFmpeg does not read (WebP container, extended file header)."""
    try:
        with open(path, "rb") as file:
            header = file.read(21)
    except OSError:
        return False
    return header[:4] == b"RIFF" and header[8:16] == b"WEBPVP8X" and len(header) > 20 and bool(header[20] & 0x02)


def _frames_by_opencv(path: str) -> Iterator[tuple[av.VideoFrame, None]]:
    """Yield the frames of a WebP or AVIF; none if it cannot be read."""
    try:
        _, animation = cv2.imdecodeanimation(np.frombuffer(Path(path).read_bytes(), np.uint8))
    except (cv2.error, OSError):
        return
    time = 0
    for pixels, milliseconds in zip(animation.frames, np.ravel(animation.durations).tolist(), strict=True):
        levels = (pixels if pixels.dtype == np.uint8 else pixels // 256).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(levels, format="bgra" if pixels.shape[2] == 4 else "bgr24")
        frame.pts, frame.time_base = time, Fraction(1, 1000)
        frame.duration = milliseconds if milliseconds > 10 else 100  # as browsers show it
        time += frame.duration
        yield frame, None


def _timed(
    frames: Iterator[tuple[av.VideoFrame, Fraction | None]], step: Fraction, may_jump: bool, findings: Findings
) -> Iterator[tuple[Fraction, av.VideoFrame, Fraction | None]]:
    """Yield every frame with its time in seconds; times start at 0 and increase.

    Args:
        frames: frames, each with the aspect of its pixels.
        step: seconds from frame to frame, where timestamps do not tell.
        may_jump: True if the timestamps may jump forward, as those of broadcasts do.
        findings: gets the jumps that were closed.
    """
    head = list(islice(frames, HEAD))
    stands = len(head) > 1 and len({frame.pts for frame, _ in head}) == 1
    longest = LONGEST_GAP if may_jump else LONGEST_HOLD
    last: Fraction | None = None
    shift = Fraction(0)
    for frame, aspect in chain(head, frames):
        stamp = None if stands or frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
        if last is None:
            time = Fraction(0)
        else:
            time = last + step if stamp is None else stamp + shift
            if last - 1 <= time <= last:  # a frame whose timestamp does not advance is a duplicate
                continue
            if time > last + longest:
                findings.closed.append(float(time - last - step))
            if not last < time <= last + longest:  # the clock jumped, or starts again: films joined end to end
                time = last + step
        if stamp is not None:
            shift = time - stamp
        last = time
        yield time, frame, aspect


# ----------------------------------------------------------------------------
# Pixels.


@lru_cache(maxsize=1)  # setting it up takes seconds, which a clip that is played in a loop would cost in each round
def _tone_mapping(width: int, height: int, pixel_format: str) -> Graph:
    """Return a filter of FFmpeg that converts HDR frames of a kind to RGB for a usual screen."""
    graph = Graph()
    source = graph.add_buffer(width=width, height=height, format=av.VideoFormat(pixel_format), time_base=Fraction(1))
    scale = graph.add("scale", "out_primaries=bt709:out_transfer=bt709:intent=perceptual:flags=bicubic+accurate_rnd")
    rgb, sink = graph.add("format", "pix_fmts=rgb24"), graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(rgb)
    rgb.link_to(sink)
    graph.configure()
    return graph


def _tone_mapped(frame: av.VideoFrame) -> av.VideoFrame:
    """Convert an HDR frame to RGB for a usual screen."""
    stamp = frame.pts, frame.time_base
    graph = _tone_mapping(frame.width, frame.height, frame.format.name)
    graph.push(frame)
    mapped = graph.pull()
    assert isinstance(mapped, av.VideoFrame)
    mapped.pts, mapped.time_base = stamp
    return mapped


def _square(frame: av.VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Return (W, H) of a frame made wider or higher if its pixels are not square, before it is turned."""
    if not aspect or not 1 / MOST_PIXEL_ASPECT <= aspect <= MOST_PIXEL_ASPECT:
        return frame.width, frame.height
    return round(frame.width * max(aspect, Fraction(1))), round(frame.height / min(aspect, Fraction(1)))


def _rgb(frame: av.VideoFrame, size: tuple[int, int], findings: Findings) -> Rgb:
    """Return a frame at a size (W, H), uint8 RGB [H, W, 3]."""
    width, height = size
    matrix = "ITU709" if _is_untagged_hd(frame) else None
    # A palette may hold transparent colours, although PyAV does not say so.
    if frame.format.name != "pal8" and not any(component.is_alpha for component in frame.format.components):
        return frame.to_ndarray(format="rgb24", width=width, height=height, src_colorspace=matrix).astype(
            np.uint8, copy=False
        )
    rgba = frame.to_ndarray(format="rgba", width=width, height=height, src_colorspace=matrix).astype(
        np.uint8, copy=False
    )
    if rgba[:, :, 3].min() < 255:
        findings.transparent = True
    return on_ground(rgba)


def _is_untagged_hd(frame: av.VideoFrame) -> bool:
    """Return True if a frame does not say how it stores colours, and is of HD, whose usual way is BT.709."""
    return frame.colorspace == UNSPECIFIED and (frame.height >= HD_LINES or frame.width >= HD_COLUMNS)


def on_ground(rgba: NDArray[np.uint8]) -> Rgb:
    """Return a picture of straight alpha, uint8 RGBA [h, w, 4], on the ground: uint8 RGB [h, w, 3]."""
    colour, alpha = rgba[:, :, :3].astype(np.uint16), rgba[:, :, 3:].astype(np.uint16)
    return ((colour * alpha + GROUND * (255 - alpha) + 127) // 255).astype(np.uint8)
