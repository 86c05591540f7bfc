"""The sample film: each frame depends on its index alone, the cuts are hard, and something always moves."""

import hashlib
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from train.sample_film import FRAME_COUNT, FRAME_RATE, SHOTS, draw_film, render

SMALL = (160, 90)
ROOT = Path(__file__).parents[2]


def change(a: int, b: int) -> float:
    return float(np.abs(render(a, SMALL).astype(np.int16) - render(b, SMALL)).mean())


def test_the_film_has_the_right_length_and_shots_without_gaps() -> None:
    assert 60 <= FRAME_COUNT / FRAME_RATE <= 90
    assert [shot.first for shot in SHOTS[1:]] == [shot.first + shot.count for shot in SHOTS[:-1]]
    assert len(SHOTS) >= 7  # at least six, and the end card
    assert SHOTS[-2].count >= 20 * FRAME_RATE  # the long last shot


def test_a_frame_depends_on_its_index_alone() -> None:
    indices = [1700, 10, 700, 1400]
    first = [render(index, SMALL) for index in indices]
    again = [render(index, SMALL) for index in reversed(indices)][::-1]
    program = (
        "import hashlib; from train.sample_film import render;"
        f"print(*(hashlib.sha256(render(n, {SMALL}).tobytes()).hexdigest() for n in {indices}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    other_process = done.stdout.split()
    for one, two, digest in zip(first, again, other_process, strict=True):
        assert np.array_equal(one, two)
        assert hashlib.sha256(one.tobytes()).hexdigest() == digest


def test_shots_begin_with_a_cut_and_never_stand_still() -> None:
    for shot in SHOTS:
        if shot.first:
            assert change(shot.first - 1, shot.first) > 20, shot.name
        middle = shot.first + shot.count // 2
        assert 0.05 < change(middle, middle + 2) < 20, shot.name


def test_the_end_card_is_black_with_light_letters() -> None:
    card = render(FRAME_COUNT - 1, (256, 144)).max(2)
    assert 0.85 < (card < 16).mean() < 0.99
    assert card.max() > 200


@pytest.mark.parametrize("size", [(96, 54), (768, 432)])
def test_any_size_shows_the_same_picture(size: tuple[int, int]) -> None:
    picture = render(1800, size)
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.uint8
    small = [cv2.resize(p, (48, 27), interpolation=cv2.INTER_AREA).astype(int) for p in (picture, render(1800, SMALL))]
    assert np.abs(small[0] - small[1]).mean() < 6


@pytest.mark.parametrize("index", [-1, FRAME_COUNT])
def test_a_frame_outside_the_film_is_an_error(index: int) -> None:
    with pytest.raises(IndexError):
        render(index, SMALL)


def test_the_file_is_the_same_every_time_and_appears_whole(tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    for name in ("a.mkv", "b.mkv"):
        draw_film(
            tmp_path / name, size=SMALL, frame_count=5, on_frame=lambda done, total: progress.append((done, total))
        )
    assert (tmp_path / "a.mkv").read_bytes() == (tmp_path / "b.mkv").read_bytes()
    assert progress[:5] == [(i, 5) for i in range(1, 6)]
    with av.open(str(tmp_path / "a.mkv")) as container:
        assert container.streams.video[0].average_rate == FRAME_RATE
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 5
    assert np.abs(frames[4].astype(int) - render(4, SMALL)).mean() < 3

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_film(tmp_path / "c.mkv", size=SMALL, frame_count=5, on_frame=interrupt)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mkv", "b.mkv"]
