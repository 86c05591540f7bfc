"""Decoding of a film, clip or picture: one way to open it, and to time, colour, shape and turn its frames.

The stage and the studio never import each other, and must see the same pictures in a file: this module stands in both,
word for word. `tests/seam_decoding/` compares them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import chain, islice, pairwise
from typing import Literal

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from av.filter import Graph
from av.stream import Disposition
from numpy.typing import NDArray

from train.data.deinterlacing import deinterlaced, is_interlaced
from train.data.orientation import UPRIGHT, display_matrix, upright
from train.data.stills import (
    LONGEST_HOLD,
    READ_TILES,
    USUAL_DELAY,
    clean_aperture,
    cropped,
    frame_by_libheif,
    frame_by_libtiff,
    frames_by_opencv,
    has_alpha_stream,
    has_libheif,
    is_animated_webp,
    is_cut_off_still,
    is_heic,
    is_still,
    is_tiff_of_libtiff,
    matrix_of_webp,
    paced,
)

GROUND = 255  # level on which transparent pictures are shown: white, like paper and like FFmpeg's GIFs
MOST_PIXEL_ASPECT = 10  # no camera's pixels are longer; a header that says so is wrong
HEAD = 16  # frames, whose timestamps tell what those of a file are worth
MOST_RATE = 240  # frames a second; more are the ticks of a clock
USUAL_RATE = 24  # frames a second, where nothing says a rate
LONGEST_GAP = Fraction(1)  # seconds without a picture, above which a clock that may jump has jumped
DELAYED = 64  # frames, at most, of which a decoder is ahead of what it gives
HD_LINES, HD_COLUMNS = 720, 1280  # a film of either is HD: of a wide one the black bars are often cut off

CLOCK_MAY_JUMP = 0x0200  # flag of a format: AVFMT_TS_DISCONT
NO_TIMESTAMPS = 0x0080  # flag of a format: AVFMT_NOTIMESTAMPS
UNSPECIFIED = 2  # colour space (ITU-T H.273, table 4)
PACED = {"apng", "gif"}  # formats of animations, which browsers show
HDR = (16, 18)  # transfers PQ and HLG (ITU-T H.273, table 3)

_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # FFmpeg's own decoders of these leave the transparency out

Rgb = NDArray[np.uint8]


@dataclass
class Findings:
    """Facts about a file that its reader may want to say; they grow while it is decoded."""

    damaged: int = 0  # packets that could not be decoded
    closed: list[float] = field(default_factory=list)  # seconds of each jump of the clock that was closed
    hdr: bool = False  # True if a picture had more light than a usual screen
    interlaced: bool = False  # True if a picture had two fields, of two moments
    tiles: bool = False  # True if it is a HEIC in tiles, and the library that joins them is missing
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
        if self.interlaced:
            said.append("is interlaced; the first field of each picture is shown, without combs")
        if self.tiles:
            said.append(f"is a HEIC in tiles, which is left out; {READ_TILES}")
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
    apng = {"default_fps": str(1 / USUAL_DELAY)}  # of frames without a delay; other formats have no such option
    container = av.open(path, metadata_errors="replace", options=apng)
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
    if stream is None or is_cut_off_still(container, stream):
        return
    stream.thread_type = threads
    rate = stream.guessed_rate
    step = 1 / Fraction(rate if rate and rate <= MOST_RATE else USUAL_RATE)
    frames = _frames_of(container, stream, findings)
    flags = container.format.flags
    yield from _timed(frames, step, bool(flags & CLOCK_MAY_JUMP), bool(flags & NO_TIMESTAMPS), findings)


def to_picture(time: Fraction, frame: av.VideoFrame, aspect: Fraction | None, findings: Findings) -> Picture:
    """Convert a frame.

    Args:
        time: its time, in seconds.
        frame: the frame.
        aspect: width of its pixels over their height; None: 1.
        findings: gets what was found in it.
    """
    pixels = upright(_rgb(frame, _square(frame, aspect), findings), display_matrix(frame))
    return Picture(pixels, time, _length(frame))


# ----------------------------------------------------------------------------
# Frames.


def main_stream(container: av.container.InputContainer) -> av.VideoStream | None:
    """Return the stream that FFmpeg's command line chooses: no cover picture, the default one, the largest."""

    def rank(stream: av.VideoStream) -> int:
        if stream.disposition & Disposition.attached_pic:
            return 1
        return stream.width * stream.height + (5_000_000 if stream.disposition & Disposition.default else 0)

    readable = (
        stream for stream in container.streams.video if stream.codec_context is not None
    )  # FFmpeg has a decoder
    return max(readable, key=rank, default=None)


def _frames_of(
    container: av.container.InputContainer, stream: av.VideoStream, findings: Findings
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Yield every frame and the aspect of its pixels, by the library that reads the file."""
    frames = deinterlaced(_frames(container, stream, findings), stream.codec_context.name)
    if is_heic(container) and (picture := frame_by_libheif(container.name)):
        return iter([(picture, None)])
    if stream.disposition & Disposition.dependent and is_heic(container):  # a tile alone is no picture
        findings.tiles = not has_libheif()
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
            if frame.color_trc in HDR:
                findings.hdr = True
                frame = _tone_mapped(frame)
            # What the container says is meant for the whole stream, and is right until the stream says something else.
            yield frame, stream.sample_aspect_ratio if own_aspect == aspects[0] else own_aspect


def _aspect(frame: av.VideoFrame) -> Fraction:
    """Return the aspect of a frame's pixels, to three digits.

    A frame that is given late has another one than its decoder by then, and PyAV does not tell it: a filter does.
    """
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1))
    scale, sink = graph.add("scale", r"w=clip(round(1000*sar)\,1\,16000):h=2:eval=frame"), graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(sink)
    graph.configure()
    graph.push(frame)
    scaled = graph.pull()
    assert isinstance(scaled, av.VideoFrame)
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


def _timed(
    frames: Iterator[tuple[av.VideoFrame, Fraction | None]],
    step: Fraction,
    may_jump: bool,
    has_no_clock: bool,
    findings: Findings,
) -> Iterator[tuple[Fraction, av.VideoFrame, Fraction | None]]:
    """Yield every frame with its time in seconds; times start at 0 and increase.

    Args:
        frames: frames, each with the aspect of its pixels.
        step: seconds from frame to frame, where neither timestamps nor the frames' lengths tell.
        may_jump: True if the timestamps may jump forward, as those of broadcasts do.
        has_no_clock: True for a raw stream: FFmpeg makes up its timestamps, of some codecs wrongly.
        findings: gets the jumps that were closed.
    """
    head = list(islice(frames, HEAD))
    stands = has_no_clock or (len(head) > 1 and len({frame.pts for frame, _ in head}) == 1)
    # AVI stores times of decoding alone: those of presentation, which are made of them, are in the wrong order.
    by_dts = _goes_back([frame.pts for frame, _ in head]) and not _goes_back([frame.dts for frame, _ in head])
    longest = LONGEST_GAP if may_jump else LONGEST_HOLD
    last: Fraction | None = None
    last_dts: int | None = None
    length = Fraction(0)  # of the last frame
    went_back = -HEAD  # number of the frame at which the times of decoding did
    shift = Fraction(0)
    for number, (frame, aspect) in enumerate(chain(head, frames)):
        ticks = frame.dts if by_dts else frame.pts
        stamp = None if stands or ticks is None or frame.time_base is None else ticks * frame.time_base
        if last is None:
            time = Fraction(0)
        else:
            time = last + (length or step) if stamp is None else stamp + shift
            # A decoder gives a frame the decoding time of a later one.
            went_back = number if may_jump and _goes_back([last_dts, frame.dts]) else went_back
            last_dts = frame.dts
            starts_again = time < last and number - went_back < HEAD
            if last - 1 <= time <= last and not starts_again:  # a frame whose timestamp does not advance is a duplicate
                continue
            if time > last + longest:
                findings.closed.append(float(time - last - step))
            if not last < time <= last + longest:  # the clock jumped, or starts again: films joined end to end
                time, went_back = last + step, -HEAD
        if stamp is not None:
            shift = time - stamp
        last, length = time, _length(frame)
        yield time, frame, aspect


def _goes_back(stamps: list[int | None]) -> bool:
    known = [stamp for stamp in stamps if stamp is not None]
    return any(later < earlier for earlier, later in pairwise(known))


def _length(frame: av.VideoFrame) -> Fraction:
    """Return the seconds for which a frame stands, as its file says; 0: unknown."""
    length = Fraction(0) if frame.time_base is None else (frame.duration or 0) * frame.time_base
    return min(length, LONGEST_HOLD)


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
