"""Pictures that are cut off are left out."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.live.decoding.files import HEIGHT, WIDTH, frames_of


@pytest.mark.parametrize("progressive", [0, 1])
def test_a_jpeg_that_is_cut_off_is_left_out(tmp_path: Path, progressive: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    whole = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive])[1].tobytes()
    thumbnail = b"\xff\xe1" + struct.pack(">H", len(whole) + 2) + whole  # a whole JPEG in the header of another
    (tmp_path / "a.jpg").write_bytes(whole[:2] + thumbnail + whole[2:] + b"a telephone's clip, after the picture")
    (tmp_path / "cut.jpg").write_bytes(whole[:2] + thumbnail + whole[2 : len(whole) * 2 // 3])
    assert len(frames_of(tmp_path / "a.jpg")) == 1
    assert frames_of(tmp_path / "cut.jpg") == []


@pytest.mark.parametrize("rest", [b"", bytes(5000)])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_png_that_is_cut_off_is_left_out(tmp_path: Path, rest: bytes, channels: int, bits: int) -> None:
    """The rest may be zeros: a copy that was interrupted, whose room on the disk had been taken."""
    levels = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, channels), np.uint16)
    whole = cv2.imencode(".png", levels.astype(np.uint8) if bits == 8 else levels * 257)[1].tobytes()
    (tmp_path / "a.png").write_bytes(whole)
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) * 2 // 3] + rest)
    assert len(frames_of(tmp_path / "a.png")) == 1
    assert frames_of(tmp_path / "cut.png") == []
