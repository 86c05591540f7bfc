"""Rollouts beside each other in one video."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from train.evaluation.side_by_side import write_side_by_side
from train.images.video import LOSSLESS, read_video, write_video


def grey(path: Path, levels: range, rate: Fraction, size: tuple[int, int]) -> Path:
    """Write a video whose frames have these levels of grey."""
    write_video(path, (np.full((size[1], size[0], 3), level, np.uint8) for level in levels), rate, LOSSLESS)
    return path


def test_pictures_of_the_same_time_stand_beside_each_other(tmp_path: Path) -> None:
    fast = grey(tmp_path / "fast.mkv", range(40, 232, 8), Fraction(24), (384, 216))  # a second
    slow = grey(tmp_path / "slow.mkv", range(40, 240, 16), Fraction(12), (64, 36))
    write_side_by_side(tmp_path / "both.mkv", [fast, slow])
    with av.open(str(tmp_path / "both.mkv")) as video:
        assert video.streams.video[0].average_rate == 24
    frames = list(read_video(tmp_path / "both.mkv"))
    assert len(frames) == 24
    assert frames[0].shape == (6 + 216 + 18 + 6, 6 + 2 * (384 + 6), 3)
    for i, frame in enumerate(frames):
        left, right = (float(frame[40:180, begin : begin + 340].mean()) for begin in (26, 416))
        assert left == pytest.approx(40 + 8 * i, abs=2)
        assert right == pytest.approx(40 + 16 * (i // 2), abs=2)


def test_many_rollouts_of_other_shapes_fit_a_screen(tmp_path: Path) -> None:
    shapes = [(1280, 720), (64, 64), (63, 35), (64, 36), (64, 36)]
    videos = [grey(tmp_path / f"{i}.mkv", range(100, 103), Fraction(12), shape) for i, shape in enumerate(shapes)]
    write_side_by_side(tmp_path / "all.mkv", videos)
    frame = next(read_video(tmp_path / "all.mkv"))
    assert frame.shape[1] <= 1950  # three columns of 640 and the gaps
    assert frame.shape[0] == 6 + 2 * (360 + 18 + 6)
    square = frame[6:366, 6 + 646 : 6 + 646 + 640].mean(2)
    assert square[180, 320] == pytest.approx(101, abs=3)  # in the middle,
    assert square[180, 20] < 40  # and not stretched
