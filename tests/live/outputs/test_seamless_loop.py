"""Loops without a seam: the best one of a show is found, closed, and recorded."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from live.app import main
from live.errors import RecordingError
from live.frame import Frame, Pixels
from live.outputs.seamless_loop import SeamlessLoop
from tests.live.bundles import RATE, read_film
from tests.live.command import run

HEIGHT, WIDTH = 54, 96


def turning(angle: float, drift: float = 0.0) -> Pixels:
    """A bright spot on a circle, before a ground that grows lighter as it drifts."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    centre = HEIGHT / 2 + 15 * np.sin(angle), WIDTH / 2 + 30 * np.cos(angle)
    spot = 200 * np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / 60)
    return np.repeat((spot + drift).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def kept(loop: SeamlessLoop, pictures: list[Pixels], *, first: int = 0, after_end: bool = True) -> None:
    for index, pixels in enumerate(pictures, first):
        loop.add(Frame(pixels, index, 1.0 if after_end else -1.0))


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[SeamlessLoop]:
    """Looks for loops of 40 frames, of 32 to 48."""
    made = SeamlessLoop(4.0, Fraction(10), tmp_path, 0, 60.0)
    yield made
    made.close()


def test_it_is_as_long_as_the_movement(loop: SeamlessLoop) -> None:
    kept(loop, [turning(2 * np.pi * n / 37, drift=0.2 * n) for n in range(150)])
    seam = loop.find()
    assert seam.length == 37
    assert seam.difference < 10
    pictures = [frame.pixels for frame in loop.frames(seam)]
    steps = [np.abs(b.astype(int) - a).mean() for a, b in pairwise([*pictures, pictures[0]])]
    assert max(steps) < 2 * np.median(steps), "nothing jumps, not even from the last to the first"
    assert [frame.index for frame in loop.frames(seam)] == list(range(37))


def test_it_lies_where_the_show_comes_back_best(loop: SeamlessLoop) -> None:
    random = np.random.default_rng(1)
    noise = [random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8) for _ in range(60)]
    kept(loop, [*noise, *(turning(2 * np.pi * n / 40) for n in range(60)), *noise[:30]])
    seam = loop.find()
    assert 60 < seam.begin <= 80
    assert seam.length == 40
    assert seam.difference < 0.05


def test_the_film_and_what_lies_on_both_sides_of_it_are_never_in_it(loop: SeamlessLoop) -> None:
    spots = [turning(2 * np.pi * n / 40) for n in range(50)]
    kept(loop, spots, after_end=False)
    kept(loop, spots[:30], first=50)
    kept(loop, spots, first=80, after_end=False)
    kept(loop, spots[30:], first=130)
    with pytest.raises(
        RecordingError, match=r"the show is too short for this loop, which needs 3\.7 s of continuation"
    ):
        loop.find()


def test_a_disk_without_room_is_said_before_the_show(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"frames lie in .*, where only .* GB are free"):
        SeamlessLoop(4.0, Fraction(10), tmp_path, 2 * shutil.disk_usage(tmp_path).free, 60.0)


def test_a_show_that_is_too_short_is_told_so_before_it_is_rendered(tmp_path: Path) -> None:
    SeamlessLoop(4.0, Fraction(10), tmp_path, 0, 3.7).close()
    with pytest.raises(RecordingError, match=r"needs 3\.7 s of continuation"):
        SeamlessLoop(4.0, Fraction(10), tmp_path, 0, 3.6)


def test_a_slow_show_has_loops_too(tmp_path: Path) -> None:
    with closing(SeamlessLoop(0.5, Fraction(1), tmp_path, 0, 60.0)) as loop:
        kept(loop, [turning(np.pi * n) for n in range(5)])
        assert loop.find().length == 2


def test_a_show_records_its_loop(bundle_folder: Path, tmp_path: Path) -> None:
    common = ["--model", bundle_folder, "--headless", "--seconds", 4, "--seed", 8, "--record-codec", "ffv1"]
    assert run(*common, "--tail", 0, "--record", tmp_path / "whole.mkv").returncode == 0
    path = tmp_path / "loop.mkv"
    done = run(*common, "--record", path, "--loop", 1)
    assert (done.returncode, done.stderr) == (0, "")
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(
        rf"recorded {path}: [01]\.\d s, 0\.\d MB, a loop whose seam differs by \d+\.\d levels, in \d+\.\d s", last
    )
    whole, frames = read_film(tmp_path / "whole.mkv"), read_film(path)
    assert 0.8 * RATE - 1 <= len(frames) <= 1.2 * RATE + 1
    begin = next(n for n, frame in enumerate(whole) if np.array_equal(frame, frames[0]))
    np.testing.assert_array_equal(frames[: len(frames) // 2], whole[begin : begin + len(frames) // 2])
    assert {entry.name for entry in tmp_path.iterdir()} == {"whole.mkv", "loop.mkv"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--headless", "--record", "a.mkv", "--loop", "10", "--seconds", "2"], "the show is too short for this loop"),
        (["--loop", "10", "--record", "a.mkv"], "--loop needs the whole show before it records; add --headless"),
        (["--loop", "10", "--headless"], "--loop needs the whole show before it records; add --headless"),
        (["--loop", "0.1", "--headless", "--record", "a.mkv"], "--loop is 0.1; give seconds from 0.5 to 120"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    bundle_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--model", str(bundle_folder), *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1
    assert not list(tmp_path.iterdir())
