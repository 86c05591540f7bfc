"""Films that change their shape, with a disc in each picture."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from live.frame import Pixels


def joined(path: Path, shapes: list[tuple[int, int, Fraction]], codec: str, b_frames: int = 0) -> None:
    """Write two seconds of each shape (W, H, aspect of a pixel), with a disc in it, and join them end to end."""
    content = b""
    for width, height, aspect in shapes:
        y, x = np.mgrid[:height, :width]
        disc = np.hypot((x - (width - 1) / 2) * float(aspect), y - (height - 1) / 2) < 16
        picture = np.repeat(np.where(disc, 230, 20).astype(np.uint8)[:, :, None], 3, axis=2)
        with av.open(path, "w") as container:
            stream = container.add_stream(codec, rate=24, options={"bf": str(b_frames), "x265-params": "log-level=0"})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.sample_aspect_ratio = aspect
            for _ in range(48):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
        content += path.read_bytes()
    path.write_bytes(content)


SQUARE = Fraction(1)
TURNS = {
    "a film that turns": ([(96, 64, SQUARE), (64, 96, SQUARE)], "libx264"),
    "and back": ([(64, 96, SQUARE), (96, 64, SQUARE), (64, 96, SQUARE)], "mpeg2video"),
    "a film that grows": ([(64, 48, SQUARE), (128, 96, SQUARE)], "libx264"),
    "a broadcast that becomes wide": ([(96, 64, SQUARE), (96, 64, Fraction(32, 27))], "mpeg2video"),
    "an announcement": ([(96, 64, Fraction(3, 2)), (96, 64, SQUARE), (96, 64, Fraction(3, 2))], "libx264"),
}


def assert_disc(pixels: Pixels) -> None:
    inside = pixels[:, :, 0] > 120
    width, height = np.ptp(np.flatnonzero(inside.any(0))) + 1, np.ptp(np.flatnonzero(inside.any(1))) + 1
    assert abs(int(width) - int(height)) <= 2
