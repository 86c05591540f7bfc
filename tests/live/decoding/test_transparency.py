"""Transparency: drawn on white, and said."""

from pathlib import Path

import av
import numpy as np
import pytest

from live.decoding.colours import on_ground
from tests.live.decoding.files import HEIGHT, WIDTH, decoded, encode
from tests.live.decoding.transparent_files import CLIPS, STILLS, assert_on_white

SAID = "has transparent parts, which are shown on white"


@pytest.mark.parametrize("name", STILLS)
def test_a_transparent_picture_is_drawn_on_white(tmp_path: Path, name: str) -> None:
    STILLS[name](tmp_path / name)
    (shown,), findings = decoded(tmp_path / name)
    assert findings.lines() == [SAID]
    assert_on_white(shown.pixels, grey=name == "grey.png")


@pytest.mark.parametrize("name", CLIPS)
def test_a_transparent_clip_is_drawn_on_white(tmp_path: Path, name: str) -> None:
    CLIPS[name](tmp_path / name)
    shown, findings = decoded(tmp_path / name)
    assert findings.lines() == [SAID]
    assert_on_white(shown[0].pixels, grey=False)


def test_what_is_opaque_is_not_said_to_be_transparent(tmp_path: Path) -> None:
    opaque = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    encode(tmp_path / "a.mkv", [av.VideoFrame.from_ndarray(opaque, format="rgba")] * 2, "ffv1", "bgra")
    assert decoded(tmp_path / "a.mkv")[1].lines() == []


def test_half_transparent_ink_lies_on_white() -> None:
    rgba = np.array([[[0, 100, 255, 128], [7, 8, 9, 255], [7, 8, 9, 0]]], np.uint8)
    np.testing.assert_array_equal(on_ground(rgba), [[[127, 177, 255], [7, 8, 9], [255, 255, 255]]])
