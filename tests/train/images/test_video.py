"""Videos that the studio writes to be watched: in the colours of their pictures, whatever their size."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from live.decoding.decoding import open_media, pictures
from live.decoding.findings import Findings
from train.images.video import read_video, write_video


@pytest.mark.parametrize("size", [(768, 432), (1280, 720)])
def test_a_video_to_watch_names_its_colours(tmp_path: Path, size: tuple[int, int]) -> None:
    path, colour = tmp_path / "rollout.mkv", (208, 32, 32)
    write_video(path, [np.full((size[1], size[0], 3), colour, np.uint8)] * 2, Fraction(24))
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.colorspace == 1
    with open_media(path) as container:
        shown = [picture.pixels for picture in pictures(container, Findings())]
    for frame in (*shown, *read_video(path)):
        np.testing.assert_allclose(frame.astype(int).mean((0, 1)), colour, atol=3)
