"""Transparency: drawn on white in both halves, and said."""

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.seam_decoding.files import HEIGHT, WIDTH, Pixels, camera_frames, encode
from train.data import decoding as studio
from train.data.film import load_film
from train.pix2pix.pairs import read_pairs

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


@pytest.mark.parametrize("name", STILLS)
def test_a_transparent_picture_is_drawn_on_white(tmp_path: Path, name: str) -> None:
    for copy in "ab":
        STILLS[name](tmp_path / f"{copy}-{name}")
    (camera,) = camera_frames(tmp_path / f"a-{name}")
    pairs = read_pairs(tmp_path, "pictures", "AtoB", "crop", lambda size: size)
    assert "2 with transparent parts, shown on white" in pairs.summary
    for pixels in (camera, pairs.b[0]):
        assert_on_white(pixels, grey=name == "grey.png")


@pytest.mark.parametrize("name", CLIPS)
def test_a_transparent_clip_is_drawn_on_white(tmp_path: Path, name: str) -> None:
    CLIPS[name](tmp_path / name)
    film = load_film(tmp_path / name, (WIDTH, HEIGHT), "crop", tmp_path / "cache")
    assert film.findings.lines() == ["has transparent parts, which are shown on white"]
    for pixels in (film.frames[0], camera_frames(tmp_path / name)[0]):
        assert_on_white(pixels, grey=False)


def test_what_is_opaque_is_not_said_to_be_transparent(tmp_path: Path) -> None:
    opaque = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    encode(tmp_path / "a.mkv", [av.VideoFrame.from_ndarray(opaque, format="rgba")] * 2, "ffv1", "bgra")
    assert not load_film(tmp_path / "a.mkv", (WIDTH, HEIGHT), "crop", tmp_path / "cache").findings.lines()


def test_half_transparent_ink_lies_on_white() -> None:
    rgba = np.array([[[0, 100, 255, 128], [7, 8, 9, 255], [7, 8, 9, 0]]], np.uint8)
    np.testing.assert_array_equal(studio.on_ground(rgba), [[[127, 177, 255], [7, 8, 9], [255, 255, 255]]])
