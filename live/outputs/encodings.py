"""Formats of video files: container, codec, and the conversion of pictures for it.

Each stays playable if the process is killed while it writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Protocol

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.filter import Graph
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from live.audio.sound_file import SAMPLE_RATE, Samples
from live.outputs.options import Codec

# A kill loses at most the half second of a cluster or fragment: nothing else that was muxed waits in a buffer.
FLUSHED = {"flush_packets": "1"}
CLUSTERS = FLUSHED | {"cluster_time_limit": "500"}
# At its end, such a file becomes an ordinary one, which every editor opens.
FRAGMENTS = FLUSHED | {"movflags": "+empty_moov+default_base_moof+hybrid_fragmented", "frag_duration": "500000"}
# Players show delays of a hundredth of a second, the unit of a GIF, as ten.
GIF_RATE = Fraction(50)


class Encoding(Protocol):
    """Stream of one codec, and the conversion of pictures for it."""

    @property
    def stream(self) -> VideoStream:
        """The stream."""
        ...

    def prepare(self, picture: av.VideoFrame) -> av.VideoFrame:
        """Return a picture in RGB as the codec takes it."""
        ...


class _Converted:
    """Stream whose pictures are converted to one pixel format.

    Args:
        container: File of the stream.
        codec: FFmpeg's name of the encoder.
        size: (height, width) of the pictures.
        frame_rate: Frames a second.
        pixel_format: FFmpeg's name of the format.
        options: Options of the encoder.
        video_levels: True to convert to BT.709 in limited range, and to say so in the file. Otherwise players guess it
            from the size.
    """

    def __init__(
        self,
        container: OutputContainer,
        codec: str,
        size: tuple[int, int],
        frame_rate: Fraction,
        pixel_format: str,
        options: Mapping[str, str],
        *,
        video_levels: bool = True,
    ) -> None:
        stream = container.add_stream(codec, rate=frame_rate, options=dict(options))
        assert isinstance(stream, VideoStream)
        self.stream: VideoStream = stream
        stream.height, stream.width = size
        stream.pix_fmt = pixel_format
        context = stream.codec_context
        # The network needs the cores more than a picture of this size.
        context.thread_count = 1
        context.gop_size = max(1, round(2 * frame_rate))
        self._levels: dict[str, int] = {}
        if video_levels:
            # 1: BT.709, limited range.
            context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
            self._levels = {
                "dst_colorspace": Colorspace.ITU709,
                "src_color_range": ColorRange.JPEG,
                "dst_color_range": ColorRange.MPEG,
            }
        self._format = pixel_format
        # One for all pictures, because setting up a conversion takes longer than the encoding.
        self._reformatter = VideoReformatter()

    def prepare(self, picture: av.VideoFrame) -> av.VideoFrame:
        return self._reformatter.reformat(picture, format=self._format, **self._levels)


class _H264(_Converted):
    def __init__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> None:
        # Colour at half resolution, which every player supports, needs an even size.
        even = size[0] % 2 == 0 and size[1] % 2 == 0
        # zerolatency: no look-ahead, so that a kill loses no frame that waits in the encoder's memory.
        options = {"crf": "16", "preset": "veryfast", "tune": "zerolatency"}
        super().__init__(container, "libx264", size, frame_rate, "yuv420p" if even else "yuv444p", options)


class _Ffv1(_Converted):
    def __init__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> None:
        super().__init__(container, "ffv1", size, frame_rate, "bgr0", {}, video_levels=False)
        self.stream.codec_context.gop_size = 1


class _ProRes(_Converted):
    """ProRes 422 HQ."""

    def __init__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> None:
        super().__init__(container, "prores_ks", size, frame_rate, "yuv422p10le", {"profile": "hq", "vendor": "apl0"})


class _Vp9(_Converted):
    def __init__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> None:
        # Made for calls: it keeps up with the show, and no frame waits in the encoder's memory.
        options = {"deadline": "realtime", "cpu-used": "7", "lag-in-frames": "0", "crf": "20", "b": "0"}
        super().__init__(container, "libvpx-vp9", size, frame_rate, "yuv420p", options)


class _WebP(_Converted):
    """Animated WebP, a picture after the other."""

    def __init__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> None:
        options = {"quality": "80", "compression_level": "2"}
        super().__init__(container, "libwebp", size, frame_rate, "yuv420p", options, video_levels=False)


class _Gif:
    """Gives each picture its own best 256 colours, so that the film need not be known beforehand."""

    def __init__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> None:
        self.stream = container.add_stream("gif", rate=frame_rate)
        self.stream.height, self.stream.width = size
        self.stream.pix_fmt = "pal8"
        graph = Graph()
        source = graph.add_buffer(
            width=size[1], height=size[0], format=av.VideoFormat("rgb24"), time_base=1 / frame_rate
        )
        split = graph.add("split")
        palette = graph.add("palettegen", "stats_mode=single")
        paint = graph.add("paletteuse", "new=1")
        source.link_to(split)
        split.link_to(palette, output_idx=0)
        split.link_to(paint, output_idx=1, input_idx=0)
        palette.link_to(paint, input_idx=1)
        paint.link_to(graph.add("buffersink"))
        graph.configure()
        self._graph = graph

    def prepare(self, picture: av.VideoFrame) -> av.VideoFrame:
        self._graph.push(picture)
        painted = self._graph.pull()
        assert isinstance(painted, av.VideoFrame)
        return painted


@dataclass(frozen=True)
class SoundCodec:
    """Codec of a file's sound."""

    name: str
    """FFmpeg's name of the encoder."""
    bit_rate: int | None = None
    """Bits a second; None if the codec keeps everything."""
    delay: int = 0
    """Samples of silence that it puts before the sound, which its container does not take away again."""


class SoundEncoding:
    """Stream of sound in a file, in stereo.

    Args:
        container: File of the stream.
        codec: Its codec.
    """

    def __init__(self, container: OutputContainer, codec: SoundCodec) -> None:
        stream = container.add_stream(codec.name, rate=SAMPLE_RATE, layout="stereo")
        assert isinstance(stream, AudioStream)
        self._container = container
        self._stream = stream
        self._delay = codec.delay
        if codec.bit_rate:
            stream.codec_context.bit_rate = codec.bit_rate
        self.position = 0
        """Samples that were written."""

    def write(self, samples: Samples) -> None:
        """Add sound, float32 [n, 2]."""
        # The silence takes the place of the first samples: all others stay in step with the pictures.
        left_out = min(len(samples), max(0, self._delay - self.position))
        frame_samples = samples[left_out:].reshape(1, -1)
        position = self.position + left_out
        self.position += len(samples)
        if not frame_samples.size:
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(frame_samples), format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, position, Fraction(1, SAMPLE_RATE)
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))


class _NewEncoding(Protocol):
    def __call__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> Encoding: ...


@dataclass(frozen=True)
class Format:
    """Format of a file."""

    container: str
    """FFmpeg's name of the container."""
    options: Mapping[str, str]
    """Options of the container."""
    encoding: _NewEncoding
    sound: SoundCodec | None = None
    """Codec of its sound; None if it can hold none."""
    most: Fraction | None = None
    """Most frames a second; None for any number."""
    counts_bytes: bool = False
    """True if the number of bytes stands at the beginning of the file. FFmpeg writes it at the end."""
    most_frames: float = inf
    """Frames after which a show that goes on begins another file."""
    most_bytes: float = inf
    """Bytes after which it does so."""


# FFmpeg keeps 76 bytes of memory for each frame of such a file, until its end.
INDEXED_FRAMES = 1_000_000
# The number of bytes has 32 bits. What waits for the encoder finds room.
RIFF_BYTES = 2**32 - 2**28

_OPUS = SoundCodec("libopus", 160_000)

FORMATS: Mapping[str, Format] = {
    ".mkv": Format("matroska", CLUSTERS, _H264, _OPUS),
    ".mp4": Format("mp4", FRAGMENTS, _H264, SoundCodec("aac", 192_000, delay=1024), most_frames=INDEXED_FRAMES),
    ".mov": Format("mov", FRAGMENTS, _ProRes, SoundCodec("pcm_s16le"), most_frames=INDEXED_FRAMES),
    ".webm": Format("webm", CLUSTERS, _Vp9, _OPUS),
    ".webp": Format("webp", FLUSHED | {"loop": "0"}, _WebP, counts_bytes=True, most_bytes=RIFF_BYTES),
    ".gif": Format("gif", FLUSHED, _Gif, most=GIF_RATE),
}
"""Formats by the end of the file's name."""
LOSSLESS = Format("matroska", CLUSTERS, _Ffv1, SoundCodec("flac"))


def format_of(suffix: str, codec: Codec) -> Format:
    """Return the format of a file.

    Args:
        suffix: End of its name, one of `FORMATS`.
        codec: Codec that was asked for.
    """
    return LOSSLESS if codec == "ffv1" else FORMATS[suffix.lower()]
