"""Decoding leaves nothing in memory."""

import gc
from pathlib import Path

import av
import numpy as np

from live.decoding.decoding import open_media, pictures
from live.decoding.findings import Findings
from tests.live.decoding.files import encode


def test_frames_do_not_wait_for_the_garbage_collection(tmp_path: Path) -> None:
    """A frame of 4K takes 12 MB, and hundreds of them fit between two collections."""
    path = tmp_path / "film.mp4"
    grey = [av.VideoFrame.from_ndarray(np.full((48, 64, 3), i, np.uint8), format="rgb24") for i in range(100)]
    encode(path, grey, "libx264", "yuv420p")
    del grey
    gc.collect()
    gc.disable()
    try:
        with open_media(path) as container:
            assert sum(1 for _ in pictures(container, Findings())) == 100
        assert sum(type(each) is av.VideoFrame for each in gc.get_objects()) < 20
    finally:
        gc.enable()
