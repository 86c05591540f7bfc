"""Files with transparent parts: dark ink on nothing."""

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np

from live.frame import Pixels
from tests.live.decoding.files import HEIGHT, WIDTH, encode

INK, WHITE = (10, 20, 90), (255, 255, 255)


def ink_on_nothing() -> Pixels:
    """Draw a square of dark ink, and around it nothing, which is stored as black: RGBA."""
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    picture[16:32, 16:48] = (*INK, 255)
    return picture


def rgba_frames(count: int) -> list[av.VideoFrame]:
    return [av.VideoFrame.from_ndarray(np.roll(ink_on_nothing(), number, 1), format="rgba") for number in range(count)]


def with_opencv(path: Path, scale: int = 1) -> None:
    picture = ink_on_nothing()[:, :, [2, 1, 0, 3]]
    assert cv2.imwrite(str(path), picture if scale == 1 else picture.astype(np.uint16) * scale)


def animated(path: Path) -> None:
    animation = cv2.Animation()
    ink = ink_on_nothing()[:, :, [2, 1, 0, 3]]
    animation.frames = [ink, np.roll(ink, 2, 1), np.roll(ink, 4, 1)]
    animation.durations = [40, 120, 80]
    assert cv2.imwriteanimation(str(path), animation)


STILLS: dict[str, Callable[[Path], None]] = {
    "rgba.png": with_opencv,
    "deep.png": lambda path: with_opencv(path, 257),
    "grey.png": lambda path: encode(path, rgba_frames(1), "png", "ya8"),
    "lossless.webp": with_opencv,
    "lossy.webp": lambda path: encode(path, rgba_frames(1), "libwebp", "yuva420p", quality="90"),
    "rgba.tiff": lambda path: encode(path, rgba_frames(1), "tiff", "rgba"),
}
CLIPS: dict[str, Callable[[Path], None]] = {
    "vp9.webm": lambda path: encode(path, rgba_frames(5), "libvpx-vp9", "yuva420p", crf="8"),
    "vp8.webm": lambda path: encode(path, rgba_frames(5), "libvpx", "yuva420p", **{"auto-alt-ref": "0"}),
    "prores.mov": lambda path: encode(path, rgba_frames(5), "prores_ks", "yuva444p10le", profile="4"),
    "animation.mov": lambda path: encode(path, rgba_frames(5), "qtrle", "argb"),
    "apng.apng": lambda path: encode(path, rgba_frames(5), "apng", "rgba"),
    "ffv1.mkv": lambda path: encode(path, rgba_frames(5), "ffv1", "bgra"),
    "animated.webp": lambda path: encode(path, rgba_frames(5), "libwebp_anim", "bgra"),
    "animated.avif": animated,
}


def assert_on_white(pixels: Pixels, *, grey: bool) -> None:
    middle, corner = pixels[20:28, 20:44].reshape(-1, 3), pixels[:12].reshape(-1, 3)
    ink = np.array([np.mean(INK) if grey else channel for channel in INK])
    assert np.abs(middle - ink).max() < (25 if grey else 16)
    assert np.abs(corner.astype(int) - WHITE).max() < 8
