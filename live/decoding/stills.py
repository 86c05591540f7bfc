"""Pictures that FFmpeg reads wrongly or not at all: they are read by OpenCV and libheif, or left out."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import av
import cv2
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray

from live.decoding.filters import filtered
from live.decoding.orientation import ORIENTATIONS, UPRIGHT, Matrix, upright

JPEG, PNG = b"\xff\xd8", b"\x89PNG"  # first bytes
HEIC = {"heic", "heix", "mif1"}  # brands of a HEIF file, as telephones write photographs
HEIC_HEAD = 2**16  # bytes, in which the properties of its picture stand
APERTURE_BOX = struct.Struct(">IIIIiIiI")  # four fractions
HEIC_ALPHA = (b"urn:mpeg:hevc:2015:auxid:1\0", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
AVIF = {"avif", "avis"}
WEBP_FLAGS, WEBP_ALPHA, WEBP_ANIMATED = 20, 0x10, 0x02  # a byte of an extended file, and two of its bits
TIFF_ORDERS = {b"II": "<", b"MM": ">"}  # of bytes
TIFF, BIG_TIFF = 42, 43
COMPRESSION, COLOURS, ORIENTATION, EXTRA = 259, 262, 274, 338  # tags of a TIFF
JPEG_DATA, LAB = (6, 7), 8  # their values that FFmpeg does not read
ASSOCIATED = 1  # value of EXTRA: colours are multiplied by their alpha, which FFmpeg takes for straight
SHORTEST_DELAY = Fraction(1, 100)  # second that a picture of an animation may ask for; browsers show it, and less,…
USUAL_DELAY = Fraction(1, 10)  # …for this long
LONGEST_HOLD = Fraction(60)  # seconds for which a picture may stand
READ_HEIC = 'pip install -e ".[heic]" reads them, or convert them to JPEG'


def is_still(container: av.container.InputContainer) -> bool:
    """Return True for a file of one picture, whose density says how to print it, not the shape of its pixels."""
    return container.format.name == "image2" or container.format.name.endswith("_pipe")


def is_heic(container: av.container.InputContainer) -> bool:
    """Return True for a HEIC: of several parts, tiles or transparency, FFmpeg gives the first one alone."""
    return container.metadata.get("major_brand") in HEIC


def heic_of_parts(path: str, stream: av.VideoStream) -> str:
    """Return the kind of a HEIC of which FFmpeg gives a part alone, for a person; empty for one of one part.

    Args:
        path: the file.
        stream: its main stream.
    """
    if stream.disposition & Disposition.dependent:
        return "HEIC in tiles"
    try:
        with open(path, "rb") as file:
            head = file.read(HEIC_HEAD)
    except OSError:
        return ""
    return "HEIC with transparent parts" if any(kind in head for kind in HEIC_ALPHA) else ""


@dataclass(frozen=True)
class Aperture:
    """Part of a stored picture that is meant to be seen, in pixels (ISO/IEC 14496-12, §12.1.4)."""

    width: int
    height: int
    right: Fraction  # how far its middle is to the right of that of the stored picture
    down: Fraction  # the same, downwards

    def inside(self, width: int, height: int) -> tuple[int, int, int, int] | None:
        """Return (width, height, left, top) in a stored picture of a size; None if it is not inside."""
        left = round(Fraction(width - self.width, 2) + self.right)
        top = round(Fraction(height - self.height, 2) + self.down)
        fits = 0 <= left <= width - self.width and 0 <= top <= height - self.height
        return (self.width, self.height, left, top) if fits and self.width and self.height else None


def clean_aperture(path: str) -> Aperture | None:
    """Return the aperture of a HEIC of one part; None if it has none.

    A picture of odd width or height has one, as it is stored with a column or line more. FFmpeg does not crop them.
    """
    try:
        with open(path, "rb") as file:
            properties = file.read(HEIC_HEAD).partition(b"ipco")[2]
    except OSError:
        return None
    found = {part[: APERTURE_BOX.size] for part in properties.split(b"clap")[1:]}
    if len(found) != 1 or len(box := found.pop()) < APERTURE_BOX.size:
        return None
    numbers = APERTURE_BOX.unpack(box)
    if 0 in numbers[1::2]:
        return None
    width, height, right, down = (Fraction(*numbers[place : place + 2]) for place in (0, 2, 4, 6))
    return Aperture(round(width), round(height), right, down)


def cropped(
    frames: Iterator[tuple[av.VideoFrame, Fraction | None]], aperture: Aperture | None
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Yield the part of each frame that is meant to be seen, before it is turned."""
    for frame, aspect in frames:
        place = aperture and aperture.inside(frame.width, frame.height)
        yield (filtered(frame, "crop", f"{':'.join(map(str, place))}:exact=1") if place else frame), aspect


def has_alpha_stream(container: av.container.InputContainer) -> bool:
    """Return True for an AVIF whose transparency is a stream of its own, which FFmpeg does not join."""
    return container.metadata.get("major_brand") in AVIF and len(container.streams.video) > 1


def is_animated_webp(path: str) -> bool:
    """Return True for a WebP of several pictures, which FFmpeg does not read (WebP container, extended file header)."""
    try:
        with open(path, "rb") as file:
            header = file.read(WEBP_FLAGS + 1)
    except OSError:
        return False
    extended = header[:4] == b"RIFF" and header[8:16] == b"WEBPVP8X" and len(header) > WEBP_FLAGS
    return extended and bool(header[WEBP_FLAGS] & WEBP_ANIMATED)


def is_tiff_of_libtiff(path: str) -> bool:
    """Return True for a TIFF that FFmpeg shows too dark, black or not at all (TIFF 6.0).

    These are JPEG data, CIELAB, colours that are multiplied by their alpha, and BigTIFF.
    """
    try:
        with open(path, "rb") as file:
            version, tags = _tags(file)
    except (OSError, struct.error):
        return False
    special = tags.get(COMPRESSION) in JPEG_DATA or tags.get(COLOURS) == LAB or tags.get(EXTRA) == ASSOCIATED
    return version == BIG_TIFF or special


def _tags(file: BinaryIO) -> tuple[int, dict[int, int]]:
    """Return the version of a TIFF, and the tags of its first picture whose values are short.

    Another file has the version 0. A BigTIFF has no tags here.

    Raises:
        OSError, struct.error: it cannot be read.
    """
    header = file.read(8)
    order = TIFF_ORDERS.get(header[:2])
    if order is None:
        return 0, {}
    version, place = struct.unpack(f"{order}HI", header[2:])
    if version != TIFF:
        return version, {}
    file.seek(place)
    (count,) = struct.unpack(f"{order}H", file.read(2))
    entries = struct.iter_unpack(f"{order}HHIHH", file.read(12 * count))
    return version, {tag: value for tag, _, _, value, _ in entries}


def matrix_of_webp(path: str) -> Matrix:
    """Return how the pictures of a WebP are meant to be shown, by its EXIF; as they are stored, if it has none."""
    try:
        with open(path, "rb") as file:
            file.seek(12)
            while len(head := file.read(8)) == 8:
                length = int.from_bytes(head[4:], "little")
                if head[:4] == b"EXIF":
                    exif = file.read(length).removeprefix(b"Exif\0\0")
                    return ORIENTATIONS.get(_tags(BytesIO(exif))[1].get(ORIENTATION, 1), UPRIGHT)
                file.seek(length + length % 2, os.SEEK_CUR)
    except (OSError, struct.error):
        pass
    return UPRIGHT


def is_cut_off_still(container: av.container.InputContainer, stream: av.VideoStream) -> bool:
    """Return True for a JPEG or PNG that is cut off: FFmpeg paints green, black or white what it lacks."""
    if not is_still(container) or stream.codec_context.name not in {"mjpeg", "png"}:
        return False
    try:
        return is_cut_off(Path(container.name).read_bytes())
    except OSError:
        return False


def is_cut_off(data: bytes) -> bool:
    """Return True if a JPEG (ITU-T T.81, annex B) or PNG ends, or goes on with zeros, before its picture does."""
    if data.startswith(PNG):
        return b"IEND" not in data
    return data.startswith(JPEG) and _is_cut_off_jpeg(data)


def _is_cut_off_jpeg(jpeg: bytes) -> bool:
    place = 2
    while jpeg[place : place + 1] == b"\xff" and jpeg[place + 1 : place + 2] != b"\xda":  # to the picture's own data
        if jpeg[place + 1 : place + 2] == b"\xff":  # a filling byte
            place += 1
        else:
            place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return jpeg.find(b"\xff\xd9", place) < 0


def frames_by_opencv(path: str, matrix: Matrix) -> Iterator[tuple[av.VideoFrame, None]]:
    """Yield the frames of a WebP or AVIF; none if it cannot be read.

    Args:
        path: the file.
        matrix: how its frames are meant to be shown. OpenCV does not turn them.
    """
    try:
        data = np.fromfile(path, np.uint8)
        if is_animated_webp(path):
            data[WEBP_FLAGS] |= WEBP_ALPHA  # what no frame covers is transparent, even if the file says that nothing is
        _, animation = cv2.imdecodeanimation(data)
    except (cv2.error, OSError):
        return
    time = 0
    for pixels, milliseconds in zip(animation.frames, np.ravel(animation.durations).tolist(), strict=True):
        levels = (pixels if pixels.dtype == np.uint8 else pixels // 256).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(upright(levels, matrix), format="bgra" if levels.shape[2] == 4 else "bgr24")
        frame.pts, frame.time_base = time, Fraction(1, 1000)
        frame.duration = milliseconds
        time += frame.duration
        yield frame, None


def paced(
    frames: Iterator[tuple[av.VideoFrame, Fraction | None]],
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Yield the frames of an animation, each with its aspect, at the times at which browsers show them."""
    time = 0
    for frame, aspect in frames:
        if frame.time_base and frame.duration * frame.time_base <= SHORTEST_DELAY:
            frame.duration = round(USUAL_DELAY / frame.time_base)
        if frame.time_base:  # no clock can jump here: a long hold is meant
            frame.duration = min(frame.duration, int(LONGEST_HOLD / frame.time_base))
        frame.pts = frame.dts = time
        time += frame.duration
        yield frame, aspect


def frame_by_libtiff(path: str) -> av.VideoFrame | None:
    """Return the upright picture of a TIFF, as OpenCV's library reads it; None if it cannot."""
    try:
        pixels = cv2.imdecode(np.frombuffer(Path(path).read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    except (cv2.error, OSError):
        return None
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        return None
    levels = pixels.astype(np.uint8) if pixels.dtype == np.uint8 else (pixels // 256).astype(np.uint8)
    if levels.ndim == 2:
        return av.VideoFrame.from_ndarray(levels, format="gray")
    if levels.shape[2] == 4 and pixels.dtype == np.uint8:  # whose colours are multiplied by their alpha
        alpha = np.maximum(levels[:, :, 3:], 1).astype(np.uint16)
        levels[:, :, :3] = np.minimum((levels[:, :, :3].astype(np.uint16) * 255 + alpha // 2) // alpha, 255)
    return av.VideoFrame.from_ndarray(levels, format="bgra" if levels.shape[2] == 4 else "bgr24")


def has_libheif() -> bool:
    """Return True if the optional library is there: `pip install -e ".[heic]"`."""
    return find_spec("pillow_heif") is not None


def frame_by_libheif(path: str) -> av.VideoFrame | None:
    """Return the upright picture of a HEIC, in one piece or in tiles; None if no library can read it."""
    if not has_libheif():
        return None
    import pillow_heif

    try:
        picture = pillow_heif.read_heif(path).to_pillow()
    except (OSError, RuntimeError, ValueError):
        return None
    kind = "rgba" if picture.mode.endswith("A") else "rgb24"
    pixels: NDArray[np.uint8] = np.array(picture.convert("RGBA" if kind == "rgba" else "RGB"))
    return av.VideoFrame.from_ndarray(pixels, format=kind)
