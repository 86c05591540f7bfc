"""Interlaced films without combs, and as sharp as they are where nothing moves."""

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from live.frame import Pixels
from tests.live.decoding.files import THREADS, Threads, decoded, frames_of

WIDTH, HEIGHT, COUNT = 128, 96, 24
BAR_AT, BAR_HEIGHT, STEP = 8, 48, 3  # pixels; the bar moves with every field
SAID = "is interlaced; the first field of each picture is shown, without combs"


def moment(number: int) -> Pixels:
    """Draw a bar that moves, and below it fine lines that stand."""
    picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    picture[:BAR_HEIGHT, BAR_AT + STEP * number % 80 :][:, :24] = 200
    picture[BAR_HEIGHT + 8 :][np.arange(HEIGHT - BAR_HEIGHT - 8) // 3 % 2 == 0] = 180
    return picture


def write(path: Path, codec: str, **options: str) -> None:
    """Write frames of two fields, of which the lower one is the earlier, as the encoders mark it."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv422p" if codec == "mpeg2video" else "yuv420p"
        for number in range(COUNT):
            woven = moment(2 * number)
            woven[::2] = moment(2 * number + 1)[::2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(woven, format="rgb24")))
        container.mux(stream.encode(None))


INTERLACED = {
    "a.mpg": ("mpeg2video", {"flags": "+ilme+ildct", "b": "8M", "bf": "2"}),
    "a.ts": ("libx264", {"flags": "+ilme+ildct", "crf": "4"}),
    "a.avi": ("mpeg4", {"flags": "+ilme+ildct", "b": "8M"}),
}


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("name", INTERLACED)
def test_of_two_fields_the_first_is_shown(tmp_path: Path, name: str, threads: Threads) -> None:
    codec, options = INTERLACED[name]
    write(tmp_path / name, codec, **options)
    shown, findings = decoded(tmp_path / name, threads)
    assert findings.lines() == [SAID]
    assert [picture.time for picture in shown] == [pytest.approx(Fraction(n, 25), abs=1e-3) for n in range(COUNT)]
    for number, picture in enumerate(shown):
        difference = np.abs(picture.pixels.astype(int) - moment(2 * number))
        assert difference[: BAR_HEIGHT - 2].mean() < 1  # combs make it 3, the other field 6
        if 0 < number < COUNT - 1:
            assert difference[BAR_HEIGHT + 10 : -2].mean() < 1  # blurred lines make it 20


def test_a_film_of_whole_pictures_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "a.mpg", "mpeg2video", b="8M")
    shown, findings = decoded(tmp_path / "a.mpg")
    assert findings.lines() == []
    combed = moment(10)
    combed[::2] = moment(11)[::2]
    assert np.abs(shown[5].pixels.astype(int) - combed).mean() < 1


@pytest.mark.parametrize("first_is_interlaced", [False, True])
def test_a_broadcast_may_change_between_both(tmp_path: Path, first_is_interlaced: bool) -> None:
    interlaced = {"flags": "+ilme+ildct", "b": "8M", "bf": "0"}
    kinds = [{"b": "8M", "bf": "0"}, interlaced]
    content = b""
    for options in kinds[::-1] if first_is_interlaced else kinds:
        write(tmp_path / "a.ts", "mpeg2video", **options)
        content += (tmp_path / "a.ts").read_bytes()
    (tmp_path / "a.ts").write_bytes(content)
    frames = frames_of(tmp_path / "a.ts", "AUTO")
    assert 2 * COUNT - 2 <= len(frames) <= 2 * COUNT
    start = 0 if first_is_interlaced else len(frames) - COUNT
    assert np.abs(frames[start + 5].astype(int) - moment(10))[: BAR_HEIGHT - 2].mean() < 1


def test_an_interlaced_png_has_no_fields(tmp_path: Path) -> None:
    """Adam7 (PNG, third edition, §8.2) is an order of pixels."""
    picture = np.random.default_rng(0).integers(0, 256, (16, 24, 3), np.uint8)
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = [row for top, left, down, right in passes for row in picture[top::down, left::right]]
    content = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 1)
    pixels = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    (tmp_path / "a.png").write_bytes(content)
    (shown,) = frames_of(tmp_path / "a.png")
    np.testing.assert_array_equal(shown, picture)
