"""The film's tail as browsers play it: VP9 in WebM, with a poster; and the last frames to the bit, as WebP."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
from av.video.reformatter import ColorRange, Colorspace

from live.errors import OutputError
from live.frame import Pixels
from live.paths import ffmpeg_path

# Constant quality.
VP9_OPTIONS = {"crf": "36", "b": "0", "deadline": "good", "cpu-used": "1", "row-mt": "1"}
POSTER_QUALITY = 90
# To OpenCV, a quality above 100.
LOSSLESS = 101


def write_tail(path: Path, frames: Iterable[Pixels], frame_rate: Fraction) -> None:
    """Write a video.

    Args:
        path: File to write, .webm.
        frames: uint8 [height, width, 3] RGB, one at least.
        frame_rate: Frames a second.

    Raises:
        OutputError: The file cannot be written.
    """
    try:
        with av.open(ffmpeg_path(path), "w", format="webm") as container:
            stream = None
            for index, pixels in enumerate(frames):
                height, width = pixels.shape[:2]
                if stream is None:
                    stream = container.add_stream("libvpx-vp9", rate=frame_rate, options=VP9_OPTIONS)
                    stream.height, stream.width = height, width
                    # Colour at half resolution, which every browser decodes in hardware, needs an even size.
                    stream.pix_fmt = "yuv444p" if height % 2 or width % 2 else "yuv420p"
                    context = stream.codec_context
                    # Name the YUV (1: BT.709, limited range); otherwise browsers guess it from the size.
                    context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
                picture = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(
                    format=stream.pix_fmt,
                    dst_colorspace=Colorspace.ITU709,
                    src_color_range=ColorRange.JPEG,
                    dst_color_range=ColorRange.MPEG,
                )
                picture.pts = index
                picture.time_base = 1 / frame_rate
                container.mux(stream.encode(picture))
            if stream is not None:
                container.mux(stream.encode(None))
    except (av.FFmpegError, OSError) as error:
        raise OutputError(f"cannot write {path} ({error.strerror or error}); choose another folder") from error


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write a picture, uint8 [height, width, 3] RGB, as JPEG or to the bit as WebP: the suffix decides.

    Raises:
        OutputError: The file cannot be written.
    """
    jpeg, webp = [cv2.IMWRITE_JPEG_QUALITY, POSTER_QUALITY], [cv2.IMWRITE_WEBP_QUALITY, LOSSLESS]
    options = jpeg if path.suffix == ".jpg" else webp
    done, data = cv2.imencode(path.suffix, pixels[..., ::-1], options)
    assert done
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise OutputError(f"cannot write {path} ({error.strerror}); choose another folder") from error
