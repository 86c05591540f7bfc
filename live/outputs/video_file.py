"""Write pictures into a video file that is playable at any moment, even if the process is killed the next."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
from av.container import OutputContainer
from av.filter import Graph
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from live.console import say
from live.errors import RecordingError
from live.files import ffmpeg_path
from live.frame import Pixels
from live.outputs.options import Codec

# A kill loses at most the half second of a Matroska cluster: nothing else that was muxed waits in a buffer.
GIF_OPTIONS = {"flush_packets": "1"}
# Players show delays of a hundredth of a second, the unit of a GIF, as ten.
GIF_RATE = Fraction(50)
MATROSKA_OPTIONS = {"flush_packets": "1", "cluster_time_limit": "500"}


class _Encoding(Protocol):
    """Stream of one codec, and the conversion of pictures for it."""

    stream: VideoStream

    def prepare(self, picture: av.VideoFrame) -> av.VideoFrame: ...


class VideoFile:
    """New video file of one size and frame rate: H.264 or FFV1 in Matroska (.mkv), or an animated .gif.

    Args:
        path: File to write; its suffix decides the format.
        size: (height, width) of the pictures.
        frame_rate: Frames a second.
        codec: Codec of a Matroska file.
        overwrite: True to replace an existing file.

    Raises:
        RecordingError: The file exists and may not be replaced, or it cannot be written. `write` and `close` raise it
            too, when the disk is full; the part that was written stays playable.
    """

    def __init__(
        self, path: Path, *, size: tuple[int, int], frame_rate: Fraction, codec: Codec, overwrite: bool
    ) -> None:
        self.path = path
        self._size = size
        self._frame_rate = frame_rate
        self._codec = codec
        self._is_gif = path.suffix.lower() == ".gif"
        self._rate = min(frame_rate, GIF_RATE) if self._is_gif else frame_rate
        self._first_index = 0
        self._last_time = -1
        # Opened with the first picture: until then, the file that it replaces is untouched.
        self._container: OutputContainer | None = None
        _claim(path, overwrite)
        if self._rate < frame_rate:
            say(f"{path} takes {GIF_RATE} of {float(frame_rate):.4g} frames a second, the most that a GIF can hold")

    def _open(self) -> tuple[OutputContainer, _Encoding]:
        encoding: type[_Gif | _Ffv1 | _H264]
        path = ffmpeg_path(self.path)
        if self._is_gif:
            container, encoding = av.open(path, "w", format="gif", options=GIF_OPTIONS), _Gif
        else:
            container = av.open(path, "w", format="matroska", options=MATROSKA_OPTIONS)
            encoding = _Ffv1 if self._codec == "ffv1" else _H264
        return container, encoding(container, self._size, self._rate)

    def write(self, pixels: Pixels, index: int) -> None:
        """Add one picture.

        Args:
            pixels: uint8 [height, width, 3] RGB.
            index: Frame number, which only rises. The first picture has the time 0, the others the time of their
                distance from it. A GIF drops frames evenly above 50 a second.
        """
        try:
            if self._container is None:
                self._container, self._encoding = self._open()
                self._first_index = index
            # Of frames that fall into one slot of a GIF, the first is kept.
            time = int((index - self._first_index) * self._rate / self._frame_rate)
            if time <= self._last_time:
                return
            self._last_time = time
            picture = av.VideoFrame.from_ndarray(pixels, "rgb24")
            picture.pts = time
            picture.time_base = 1 / self._rate
            for packet in self._encoding.stream.encode(self._encoding.prepare(picture)):
                self._container.mux(packet)
        except (av.FFmpegError, OSError) as error:
            raise _failure(self.path, error) from error

    def close(self) -> None:
        """Write what the encoder still holds and close the file. A new file without a picture is deleted."""
        if self._container is None:
            # The file may be gone, with its folder or its disk.
            with suppress(OSError):
                if self.path.stat().st_size == 0:
                    self.path.unlink()
            return
        try:
            try:
                for packet in self._encoding.stream.encode(None):
                    self._container.mux(packet)
            finally:
                self._container.close()
        except (av.FFmpegError, OSError) as error:
            raise _failure(self.path, error) from error


def _claim(path: Path, overwrite: bool) -> None:
    """Check that the file can be written, without changing its content.

    A new file is created at once, so that no other recording can take its name.
    """
    try:
        path.open("ab" if overwrite else "xb").close()
    except FileExistsError as error:
        raise RecordingError(f"{path} exists; give another name, or --overwrite") from error
    except FileNotFoundError as error:
        raise RecordingError(f"there is no folder {path.parent} to record into; make it first") from error
    except OSError as error:
        raise RecordingError(f"cannot record to {path} ({error.strerror}); give another place") from error


def _failure(path: Path, error: OSError | av.FFmpegError) -> RecordingError:
    reason = error.strerror or str(error)
    return RecordingError(f"the recording {path} ended ({reason}); what was written until then is playable")


class _H264:
    def __init__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> None:
        self.stream = container.add_stream("libx264", rate=frame_rate)
        self.stream.height, self.stream.width = size
        # Colour at half resolution, which every player supports, needs an even size.
        even = size[0] % 2 == 0 and size[1] % 2 == 0
        self.stream.pix_fmt = "yuv420p" if even else "yuv444p"
        # zerolatency: no look-ahead, so that a kill loses no frame that waits in the encoder's memory.
        self.stream.options = {"crf": "16", "preset": "veryfast", "tune": "zerolatency"}
        context = self.stream.codec_context
        # The network needs the cores more than a picture of this size.
        context.thread_count = 1
        context.gop_size = max(1, round(2 * frame_rate))
        # Name the YUV (1: BT.709, limited range); otherwise players guess it from the size.
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
        # One for all pictures, because setting up a conversion takes longer than the encoding.
        self._reformatter = VideoReformatter()

    def prepare(self, picture: av.VideoFrame) -> av.VideoFrame:
        return self._reformatter.reformat(
            picture,
            format=self.stream.pix_fmt,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )


class _Ffv1:
    def __init__(self, container: OutputContainer, size: tuple[int, int], frame_rate: Fraction) -> None:
        self.stream = container.add_stream("ffv1", rate=frame_rate)
        self.stream.height, self.stream.width = size
        self.stream.pix_fmt = "bgr0"
        self.stream.codec_context.gop_size = 1
        self.stream.codec_context.thread_count = 1
        self._reformatter = VideoReformatter()

    def prepare(self, picture: av.VideoFrame) -> av.VideoFrame:
        return self._reformatter.reformat(picture, format="bgr0")


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
