"""The modules of decoding are the same in both halves, and leave nothing in memory."""

import gc
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest

from live.camera import decoding as stage
from live.camera import deinterlacing as stage_deinterlacing
from live.camera import stills as stage_stills
from tests.seam_decoding.files import encode
from train.data import decoding as studio
from train.data import deinterlacing as studio_deinterlacing
from train.data import stills as studio_stills

MODULES = [
    (stage, studio),
    (stage_deinterlacing, studio_deinterlacing),
    (stage_stills, studio_stills),
]


@pytest.mark.parametrize("halves", MODULES)
def test_both_halves_have_the_same_module(halves: tuple[ModuleType, ModuleType]) -> None:
    texts = [Path(str(half.__file__)).read_text(encoding="utf-8") for half in halves]
    assert texts[0].replace("live.camera", "train.data") == texts[1]


def test_frames_do_not_wait_for_the_garbage_collection(tmp_path: Path) -> None:
    """A frame of 4K takes 12 MB, and hundreds of them fit between two collections."""
    path = tmp_path / "film.mp4"
    grey = [av.VideoFrame.from_ndarray(np.full((48, 64, 3), i, np.uint8), format="rgb24") for i in range(100)]
    encode(path, grey, "libx264", "yuv420p")
    del grey
    gc.collect()
    gc.disable()
    try:
        with av.open(str(path)) as first, av.open(str(path)) as second:
            counts = [
                sum(1 for _ in studio.pictures(first, studio.Findings())),
                sum(1 for _ in stage.pictures(second, stage.Findings())),
            ]
        assert counts == [100, 100]
        assert sum(type(each) is av.VideoFrame for each in gc.get_objects()) < 20
    finally:
        gc.enable()
