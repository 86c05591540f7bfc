"""Our own film: a function of the frame's number alone, with real cuts, and always something in motion."""

import hashlib
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from train.sample_film import FRAME_COUNT, FRAME_RATE, SHOTS, draw_film, film, render

SMALL = (160, 90)
ROOT = Path(__file__).parents[2]


def change(a: int, b: int) -> float:
    return float(np.abs(render(a, SMALL).astype(np.int16) - render(b, SMALL)).mean())


def test_the_film_is_as_long_as_it_should_be() -> None:
    assert 60 <= FRAME_COUNT / FRAME_RATE <= 90
    assert [shot.first for shot in SHOTS[1:]] == [shot.first + shot.count for shot in SHOTS[:-1]]
    assert len(SHOTS) >= 7  # six, and the end card
    assert SHOTS[-2].count >= 20 * FRAME_RATE  # the long last shot


def test_a_frame_depends_on_its_number_alone() -> None:
    numbers = [1700, 10, 700, 1400]
    first = [render(number, SMALL) for number in numbers]
    again = [render(number, SMALL) for number in reversed(numbers)][::-1]
    program = (
        "import hashlib; from train.sample_film import render;"
        f"print(*(hashlib.sha256(render(n, {SMALL}).tobytes()).hexdigest() for n in {numbers}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    elsewhere = done.stdout.split()
    for one, two, three in zip(first, again, elsewhere, strict=True):
        assert np.array_equal(one, two)
        assert hashlib.sha256(one.tobytes()).hexdigest() == three


def test_shots_begin_with_a_cut_and_never_stand_still() -> None:
    for shot in SHOTS:
        if shot.first:
            assert change(shot.first - 1, shot.first) > 20, shot.name
        middle = shot.first + shot.count // 2
        assert 0.05 < change(middle, middle + 2) < 20, shot.name


def test_the_end_card_is_black_and_says_something() -> None:
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


def test_nobody_asks_for_a_frame_that_is_not_there() -> None:
    with pytest.raises(IndexError):
        render(FRAME_COUNT, SMALL)


def test_the_file_is_the_same_every_time_and_appears_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "FRAME_COUNT", 5)
    progress: list[tuple[int, int]] = []
    for name in ("a.mkv", "b.mkv"):
        draw_film(tmp_path / name, size=SMALL, on_frame=lambda done, total: progress.append((done, total)))
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
        draw_film(tmp_path / "c.mkv", size=SMALL, on_frame=interrupt)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mkv", "b.mkv"]
