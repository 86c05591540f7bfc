"""Stage and studio read the same in pictures that FFmpeg and OpenCV read wrongly or not at all."""

import struct
import sys
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from live.camera.media_files import MediaFiles, decode_file
from live.errors import CameraError
from tests.live.decoding.transparent_files import STILLS, assert_on_white
from train.errors import PicturesError
from train.pix2pix.pairs import read_pairs

pillow_heif = pytest.importorskip("pillow_heif")
pillow_heif.register_heif_opener()

Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 96, 64
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 30), (30, 30, 220), (220, 220, 30)
SIDE = 24
TURNED = [  # what EXIF's values 1 to 8 make of the corners: upper left, upper right, lower left, lower right
    (RED, GREEN, BLUE, YELLOW),
    (GREEN, RED, YELLOW, BLUE),
    (YELLOW, BLUE, GREEN, RED),
    (BLUE, YELLOW, RED, GREEN),
    (RED, BLUE, GREEN, YELLOW),
    (BLUE, RED, YELLOW, GREEN),
    (YELLOW, GREEN, BLUE, RED),
    (GREEN, YELLOW, RED, BLUE),
]


def corners(*, transparent: bool = False) -> Image.Image:
    """Draw four corners of different colours, on grey or on nothing, which is stored as black."""
    pixels = np.full((HEIGHT, WIDTH, 4), (0, 0, 0, 0) if transparent else (128, 128, 128, 255), np.uint8)
    pixels[:SIDE, :SIDE, :], pixels[:SIDE, -SIDE:] = (*RED, 255), (*GREEN, 255)
    pixels[-SIDE:, :SIDE], pixels[-SIDE:, -SIDE:] = (*BLUE, 255), (*YELLOW, 255)
    return Image.fromarray(pixels if transparent else pixels[:, :, :3])


def both(folder: Path) -> list[Pixels]:
    """Return the one picture of a folder as the studio reads it, and as the stage does."""
    (path,) = folder.iterdir()
    shown = next(pixels for pixels, *_ in decode_file(path))
    (folder / f"z{path.suffix}").write_bytes(path.read_bytes())  # trainings need two
    return [read_pairs(folder, "pictures", "AtoB", "crop", lambda first: first).b[0], shown]


def assert_corners(pixels: Pixels, colours: tuple[tuple[int, int, int], ...]) -> None:
    near = SIDE // 2
    shown = [pixels[y, x] for y in (near, -near) for x in (near, -near)]
    np.testing.assert_allclose(np.array(shown, int), np.array(colours), atol=12)


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_avif_stands_upright(tmp_path: Path, orientation: int, transparent: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    corners(transparent=transparent).save(tmp_path / "a.avif", quality=95, exif=exif)
    for pixels in both(tmp_path):
        assert pixels.shape[:2] == ((HEIGHT, WIDTH) if orientation < 5 else (WIDTH, HEIGHT))
        assert_corners(pixels, TURNED[orientation - 1])
        np.testing.assert_allclose(
            pixels[pixels.shape[0] // 2, pixels.shape[1] // 2], 255 if transparent else 128, atol=4
        )


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("tile", [None, 64])
def test_a_heic_is_read_whole(tmp_path: Path, tile: int | None, transparent: bool) -> None:
    """Telephones divide photographs into tiles; `tile` is the length of their sides."""
    corners(transparent=transparent).save(tmp_path / "a.heic", quality=95, tile_size=tile)
    for pixels in both(tmp_path):
        assert pixels.shape == (HEIGHT, WIDTH, 3)
        assert_corners(pixels, TURNED[0])
        np.testing.assert_allclose(pixels[HEIGHT // 2, WIDTH // 2], 255 if transparent else 128, atol=4)


@pytest.mark.parametrize("library", [True, False])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_of_odd_size_has_no_line_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orientation: int, library: bool
) -> None:
    """It is stored with a line and a column more, which its clean aperture leaves out."""
    size = (WIDTH - 1, HEIGHT - 1)
    exif = Image.Exif()
    exif[274] = orientation
    corners().resize(size, Image.Resampling.NEAREST).save(tmp_path / "a.heic", quality=95, exif=exif.tobytes())
    if not library:
        monkeypatch.setitem(sys.modules, "pillow_heif", None)
    for pixels in both(tmp_path):
        assert pixels.shape == ((*size, 3) if orientation > 4 else (*size[::-1], 3))
        assert_corners(pixels, TURNED[orientation - 1])


def test_a_heic_whose_aperture_lies_outside_is_shown_as_it_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corners().resize((WIDTH - 1, HEIGHT - 1)).save(tmp_path / "a.heic", quality=95)
    content = bytearray((tmp_path / "a.heic").read_bytes())
    place = content.index(b"clap") + 4
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    for numbers in ((9999, 1), (WIDTH - 1, 0), (0, 1)):  # the width, as a fraction
        content[place : place + 8] = b"".join(number.to_bytes(4, "big") for number in numbers)
        (tmp_path / "a.heic").write_bytes(content)
        assert [pixels.shape for pixels, *_ in decode_file(tmp_path / "a.heic")] == [(HEIGHT, WIDTH, 3)]


@pytest.mark.parametrize("kind", ["in tiles", "with transparent parts"])
def test_without_its_library_a_heic_of_several_parts_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    tiles = kind == "in tiles"
    corners(transparent=not tiles).save(tmp_path / "a.heic", tile_size=64 if tiles else None)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PicturesError, match=rf"1 HEIC {kind} \(pip install -e \"\.\[heic\]\" reads them"):
        read_pairs(tmp_path, "pictures", "AtoB", "crop", lambda first: first)
    with pytest.raises(CameraError, match="holds no picture that can be read"):
        MediaFiles(tmp_path / "a.heic", size=(48, 64), frame_rate=24, mirror=False, timeout=None)  # type: ignore[arg-type]
    assert f'is a HEIC {kind}, which is left out; pip install -e ".[heic]"' in capsys.readouterr().out


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_a_colour_that_a_png_declares_transparent_is_white(tmp_path: Path, mode: Literal["L", "RGB", "P"]) -> None:
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    picture.paste((10, 20, 90), (24, 16, 72, 48))
    drawn = picture.quantize(2) if mode == "P" else picture.convert(mode)
    ground = drawn.getpixel((0, 0))
    assert ground is not None
    drawn.save(tmp_path / "a.png", transparency=ground)
    for pixels in both(tmp_path):
        np.testing.assert_array_equal(pixels[0, 0], [255, 255, 255])
        assert pixels[32, 48].max() <= 90


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_how_dense_a_still_is_printed_does_not_stretch_it(tmp_path: Path, suffix: str) -> None:
    corners().save(tmp_path / f"a.{suffix}", dpi=(300, 150))
    assert [pixels.shape for pixels in both(tmp_path)] == [(HEIGHT, WIDTH, 3)] * 2


@pytest.mark.parametrize(
    "suffix", ["HEIC", "JPG", "Png", "AVIF", "WEBP", "TIFF", "HIF", "jfif", "jpe", "gif", "ppm", "jp2"]
)
@pytest.mark.parametrize("linked", [False, True])
def test_a_picture_has_the_names_that_people_give_it(tmp_path: Path, suffix: str, linked: bool) -> None:
    kinds = {"HIF": "HEIF", "jfif": "JPEG", "jpe": "JPEG"}
    folder = tmp_path / "pictures"
    folder.mkdir()
    path = (tmp_path if linked else folder) / f"a.{suffix}"
    corners().save(path, format=kinds.get(suffix))
    if linked:
        (folder / path.name).symlink_to(path)
    for pixels in both(folder):
        assert_corners(pixels, TURNED[0])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF", "BMP"])
def test_the_content_tells_the_kind_and_not_the_name(tmp_path: Path, kind: str) -> None:
    corners().save(tmp_path / "a.jpg", format=kind)
    for pixels in both(tmp_path):
        assert_corners(pixels, TURNED[0])


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr", "RGBA"])
def test_a_tiff_of_jpeg_data_is_read(tmp_path: Path, mode: str) -> None:
    """Scanners and archives write them; FFmpeg shows them black."""
    picture = corners(transparent=mode == "RGBA").convert(mode)
    picture.save(tmp_path / "a.tif", compression="jpeg", quality=95)
    for pixels in both(tmp_path):
        ground = pixels[HEIGHT // 2, WIDTH // 2]
        np.testing.assert_allclose(ground, 255 if mode == "RGBA" else 128, atol=6)
        if mode != "L":
            assert_corners(pixels, TURNED[0])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_of_jpeg_data_stands_upright(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    corners().save(tmp_path / "a.tif", compression="jpeg", quality=95, exif=exif)
    for pixels in both(tmp_path):
        assert_corners(pixels, TURNED[orientation - 1])


@pytest.mark.parametrize("kind", ["big", "deep and big", "Lab"])
def test_other_tiffs_that_ffmpeg_does_not_read_are_read(tmp_path: Path, kind: str) -> None:
    if kind == "deep and big":
        deep = np.asarray(corners().convert("L")).astype(np.uint16) * 257
        Image.fromarray(deep).save(tmp_path / "a.tif", big_tiff=True)
    else:
        (corners().convert("LAB") if kind == "Lab" else corners()).save(tmp_path / "a.tif", big_tiff=kind == "big")
    for pixels in both(tmp_path):
        assert pixels.shape == (HEIGHT, WIDTH, 3)
        np.testing.assert_allclose(pixels[HEIGHT // 2, WIDTH // 2], 128, atol=15 if kind == "Lab" else 3)
        assert pixels[4, 4].argmax() == 0 or kind == "deep and big"


@pytest.mark.parametrize("cut", [0, 4, 8, 9, 30, 200])
def test_a_tiff_that_is_cut_off_is_left_out(tmp_path: Path, cut: int) -> None:
    corners().save(tmp_path / "whole.tif", compression="jpeg")
    (tmp_path / "a.tif").write_bytes((tmp_path / "whole.tif").read_bytes()[:cut])
    assert list(decode_file(tmp_path / "a.tif")) == []


def test_the_levels_of_a_large_range_are_those_of_the_picture(tmp_path: Path) -> None:
    """A picture of 16 bits is read in both halves by its upper 8."""
    ramp = np.repeat(np.linspace(0, 65535, WIDTH).astype(np.uint16)[None], HEIGHT, 0)
    assert cv2.imwrite(str(tmp_path / "a.png"), ramp)
    for pixels in both(tmp_path):
        np.testing.assert_allclose(pixels[0, :, 0], ramp[0] / 257, atol=2)


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_animated_webp_stands_upright(tmp_path: Path, orientation: int, transparent: bool) -> None:
    first, second = corners(transparent=transparent), corners(transparent=transparent)
    second.putpixel((WIDTH // 2, 2), (255, 255, 255))
    exif = Image.Exif()
    exif[0x112] = orientation
    first.save(tmp_path / "a.webp", save_all=True, append_images=[second], duration=100, lossless=True, exif=exif)
    shown = [pixels for pixels, *_ in decode_file(tmp_path / "a.webp")]
    assert len(shown) == 2
    for pixels in shown:
        assert pixels.shape == ((WIDTH, HEIGHT, 3) if orientation > 4 else (HEIGHT, WIDTH, 3))
        assert_corners(pixels, TURNED[orientation - 1])


@pytest.mark.parametrize("name", STILLS)
def test_a_transparent_picture_is_drawn_on_white_and_said(tmp_path: Path, name: str) -> None:
    for copy in "ab":
        STILLS[name](tmp_path / f"{copy}-{name}")
    pairs = read_pairs(tmp_path, "pictures", "AtoB", "crop", lambda size: size)
    assert "2 with transparent parts, shown on white" in pairs.summary
    assert_on_white(pairs.b[0], grey=name == "grey.png")


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_picture_that_is_cut_off_is_left_out(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        corners().save(tmp_path / f"{name}.{suffix}")
    whole = (tmp_path / f"a.{suffix}").read_bytes()
    (tmp_path / f"cut.{suffix}").write_bytes(whole[: len(whole) * 2 // 3])
    assert list(decode_file(tmp_path / f"cut.{suffix}")) == []
    pairs = read_pairs(tmp_path, "pictures", "AtoB", "crop", lambda size: size)
    assert pairs.names == (f"a.{suffix}", f"b.{suffix}")
    assert "skipped: 1 cut off" in pairs.summary


def test_what_no_frame_of_an_animated_webp_covers_is_transparent(tmp_path: Path) -> None:
    """Pillow writes such a file of transparent pictures, and it does not say that anything is transparent."""
    frames = [Image.new("RGBA", (WIDTH, HEIGHT)) for _ in range(2)]
    for number, frame in enumerate(frames):
        frame.paste(RED, (20 * number, 8, 20 * number + 20, 32))
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    assert not (tmp_path / "a.webp").read_bytes()[20] & 0x10
    shown = [pixels for pixels, *_ in decode_file(tmp_path / "a.webp")]
    assert [tuple(pixels[HEIGHT - 4, WIDTH - 4]) for pixels in shown] == [(255, 255, 255)] * 2
    assert [tuple(shown[1][20, x]) for x in (4, 24)] == [(255, 255, 255), RED]


def test_colours_of_a_tiff_that_are_multiplied_by_their_alpha_are_divided(tmp_path: Path) -> None:
    pixels = np.full((HEIGHT, WIDTH, 4), (*RED, 255), np.uint8)
    pixels[:, WIDTH // 2 :] = (64, 32, 0, 128)  # half of an orange
    Image.fromarray(pixels).save(tmp_path / "a.tif")
    straight, multiplied = (struct.pack("<HHIHH", 338, 3, 1, kind, 0) for kind in (2, 1))
    data = (tmp_path / "a.tif").read_bytes()
    assert data.count(straight) == 1
    (tmp_path / "a.tif").write_bytes(data.replace(straight, multiplied))
    for shown in both(tmp_path):
        assert tuple(shown[4, 4]) == RED
        np.testing.assert_allclose(shown[4, -4].astype(int), (191, 159, 127), atol=2)  # it, on white
