"""The colours of a picture, however its file stores them."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from live.decoding.colours import HDR
from tests.live.decoding.files import HEIGHT, WIDTH, decoded, frames_of


def plain(size: tuple[int, int], levels: list[tuple[int, int, int]], pixel_format: str) -> av.VideoFrame:
    """Return a frame of upright stripes, each of one Y, Cb, Cr."""
    frame = av.VideoFrame(*size, pixel_format)
    wide = "10" in pixel_format
    for number, plane in enumerate(frame.planes):
        row = np.repeat([level[number] for level in levels], -(-plane.width // len(levels)))
        padded = np.zeros((plane.height, plane.line_size // (2 if wide else 1)), np.uint16 if wide else np.uint8)
        padded[:, : plane.width] = row[: plane.width]
        plane.update(padded.tobytes())
    return frame


def tagged(path: Path, frame: av.VideoFrame, **tags: int) -> None:
    """Write a frame three times, and into the stream how its colours are stored (ITU-T H.273)."""
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        for number in range(3):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


RED = [(63, 102, 240)]  # Y, Cb, Cr of pure red in BT.709
BT601, BT709, BT2020 = 6, 1, 9


@pytest.mark.parametrize(
    ("size", "tag", "is_709"),
    [
        ((1920, 1080), None, True),
        ((1280, 720), None, True),
        ((1280, 534), None, True),
        ((720, 1280), None, True),
        ((720, 576), None, False),
        ((64, 48), None, False),
        ((1280, 720), BT601, False),
        ((64, 48), BT709, True),
    ],
)
def test_colours_without_tags_are_those_of_hd_from_720_lines_up(
    tmp_path: Path, size: tuple[int, int], tag: int | None, is_709: bool
) -> None:
    frame = plain(size, RED, "yuv420p")
    tagged(tmp_path / "a.mkv", frame, **({} if tag is None else {"colorspace": tag}))
    expected = (255, 0, 0) if is_709 else (233, 0, 0)
    np.testing.assert_allclose(frames_of(tmp_path / "a.mkv")[0][20, 20], expected, atol=3)


def test_photographs_keep_their_own_colours_at_every_size(tmp_path: Path) -> None:
    picture = np.full((720, 1280, 3), (200, 30, 40), np.uint8)
    for name in ("a.jpg", "a.webp"):
        assert cv2.imwrite(str(tmp_path / name), picture[:, :, ::-1], [cv2.IMWRITE_WEBP_QUALITY, 95])
        (pixels,) = frames_of(tmp_path / name)
        np.testing.assert_allclose(pixels[300, 300], (200, 30, 40), atol=4)


@pytest.mark.parametrize("transfer", HDR)
def test_hdr_is_mapped_to_a_usual_screen(tmp_path: Path, transfer: int) -> None:
    """Greys stay grey, all steps stay apart, and the paper white of PQ (203 cd/m²) is light but not the lightest."""
    codes = [0.0, 0.15, 0.36, 0.51, 0.58, 0.65, 0.75, 0.9]  # of full signal; 0.58 is 203 cd/m² in PQ
    frame = plain((WIDTH, HEIGHT), [(round(64 + 876 * code), 512, 512) for code in codes], "yuv420p10le")
    tagged(tmp_path / "a.mkv", frame, color_trc=transfer, color_primaries=BT2020, colorspace=BT2020, color_range=1)
    pictures, findings = decoded(tmp_path / "a.mkv")
    assert findings.lines() == ["is HDR; its light is mapped to that of a usual screen"]
    stripes = pictures[0].pixels[20, 4::8].astype(int)
    assert np.ptp(stripes, axis=1).max() <= 2
    assert (np.diff(stripes[:, 0]) > 5).all()
    assert stripes[0, 0] < 4
    assert stripes[-1, 0] > 200
    if transfer == 16:
        assert 140 < stripes[4, 0] < 210
