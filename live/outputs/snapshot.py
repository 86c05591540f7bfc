"""Save one picture of the show as a PNG, pixel for pixel."""

from fractions import Fraction
from pathlib import Path

import av

from live.errors import OutputError
from live.files import claim_new_file
from live.frame import Pixels


def save_snapshot(pixels: Pixels, folder: Path, stem: str) -> Path:
    """Write a picture as a PNG under a new name and return its path.

    Args:
        pixels: uint8 [height, width, 3] RGB.
        folder: Folder of the file.
        stem: Beginning of the file's name.

    Raises:
        OutputError: The file cannot be written.
    """
    path = claim_new_file(folder, stem, ".png")
    try:
        codec = av.CodecContext.create("png", "w")
        codec.height, codec.width = pixels.shape[:2]
        codec.pix_fmt = "rgb24"
        codec.time_base = Fraction(1)
        packets = codec.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")) + codec.encode(None)
        path.write_bytes(b"".join(bytes(packet) for packet in packets))
    except OSError as error:
        raise OutputError(f"cannot write the snapshot {path} ({error.strerror}); choose another folder") from error
    return path
