"""Pictures are turned and mirrored as FFmpeg's autorotate does it, and their pixels made square."""

import itertools
import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from live.decoding.orientation import Matrix, exchanges_sides, upright
from live.frame import Pixels
from tests.live.decoding.files import HEIGHT, WIDTH, frames_of

MATRICES = [
    *((a, 0, 0, d) for a, d in itertools.product((1, -1), repeat=2)),
    *((0, b, c, 0) for b, c in itertools.product((1, -1), repeat=2)),
]


def corners() -> Pixels:
    """Draw a picture whose corners differ: red, green and blue ones and a white one, on grey."""
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    picture[:16, :16], picture[:16, -16:] = (250, 0, 0), (0, 250, 0)
    picture[-16:, :16], picture[-16:, -16:] = (0, 0, 250), (250, 250, 250)
    return picture


def shown(picture: Pixels, matrix: Matrix) -> Pixels:
    """Put each pixel (x, y) where its matrix says, (a x + c y, b x + d y), as ISO/IEC 14496-12 defines it."""
    a, b, c, d = matrix
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    to_x, to_y = a * x + c * y, b * x + d * y
    to_x, to_y = to_x - to_x.min(), to_y - to_y.min()
    result = np.zeros((to_y.max() + 1, to_x.max() + 1, 3), np.uint8)
    result[to_y, to_x] = picture
    return result


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("scale", [1, 1 << 16])
def test_a_picture_is_turned_and_mirrored_as_the_matrix_says(matrix: Matrix, scale: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (3, 5, 3), np.uint8)
    a, b, c, d = (scale * number for number in matrix)
    np.testing.assert_array_equal(upright(picture, (a, b, c, d)), shown(picture, matrix))
    assert exchanges_sides((a, b, c, d)) == (matrix[0] == 0)


def test_a_picture_is_turned_to_the_nearest_quarter() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (3, 5, 3), np.uint8)
    for degrees in range(0, 360, 7):
        turn = np.exp(1j * np.radians(degrees)) * (1 << 16)
        matrix = (int(turn.real), int(turn.imag), -int(turn.imag), int(turn.real))
        expected = np.rot90(picture, -round(degrees / 90))
        np.testing.assert_array_equal(upright(picture, matrix), expected)


def write_clip(path: Path, matrix: Matrix) -> None:
    """Write three frames and the matrix in the track's header (ISO/IEC 14496-12, §8.3.2)."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "1"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv444p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(corners(), format="rgb24")))
        container.mux(stream.encode(None))
    content = bytearray(path.read_bytes())
    a, b, c, d = (number << 16 for number in matrix)
    struct.pack_into(">9i", content, content.index(b"tkhd") + 44, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


@pytest.mark.parametrize("matrix", MATRICES)
def test_a_clip_is_shown_as_its_matrix_says(tmp_path: Path, matrix: Matrix) -> None:
    write_clip(tmp_path / "a.mp4", matrix)
    expected = shown(corners(), matrix)
    first = frames_of(tmp_path / "a.mp4")[0]
    assert first.shape == expected.shape
    assert np.abs(first.astype(int) - expected).mean() < 4


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Insert an EXIF segment after the first marker of a JPEG."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


# What is at the top and at the left of the stored picture, by EXIF 2.3, §4.6.4: as the matrix that shows it upright.
EXIF = dict(
    enumerate(
        [
            (1, 0, 0, 1),
            (-1, 0, 0, 1),
            (-1, 0, 0, -1),
            (1, 0, 0, -1),
            (0, 1, 1, 0),
            (0, 1, -1, 0),
            (0, -1, -1, 0),
            (0, -1, 1, 0),
        ],
        start=1,
    )
)


@pytest.mark.parametrize("orientation", EXIF)
def test_a_photograph_is_shown_as_its_exif_says(tmp_path: Path, orientation: int) -> None:
    jpeg = cv2.imencode(".jpg", corners()[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(with_orientation(jpeg, orientation))
    expected = shown(corners(), EXIF[orientation])
    (pixels,) = frames_of(tmp_path / "a.jpg")
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected).mean() < 8


@pytest.mark.parametrize("aspect", [Fraction(64, 45), Fraction(8, 9), Fraction(2), Fraction(1, 2)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_circle_stays_a_circle(tmp_path: Path, aspect: Fraction, turned: bool) -> None:
    y, x = np.mgrid[:96, :128]
    disc = np.hypot((x - 63.5) * float(aspect), y - 47.5) < 22
    picture = np.repeat(np.where(disc, 230, 20).astype(np.uint8)[:, :, None], 3, axis=2)
    with av.open(tmp_path / "a.mp4", "w") as container:
        stream = container.add_stream("libx264", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    content = bytearray((tmp_path / "a.mp4").read_bytes())
    if turned:
        struct.pack_into(">9i", content, content.index(b"tkhd") + 44, 0, 1 << 16, 0, -1 << 16, *[0] * 4, 1 << 30)
    (tmp_path / "b.mp4").write_bytes(content)
    (pixels,) = frames_of(tmp_path / "b.mp4")
    shape = 128 * aspect / 96
    assert pixels.shape[1] / pixels.shape[0] == pytest.approx(float(1 / shape if turned else shape), rel=0.02)
    inside = pixels[:, :, 0] > 120
    assert np.ptp(np.flatnonzero(inside.any(0))) == pytest.approx(np.ptp(np.flatnonzero(inside.any(1))), rel=0.05)
