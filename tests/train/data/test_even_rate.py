"""Pictures that are shown for uneven times become frames at an even rate; all others stay as they are."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.train.conftest import WriteFilm, numbered
from train.data.even_rate import even_frames
from train.data.film import load_film
from train.data.films import load_films


def frames_of(lengths: list[float]) -> tuple[np.ndarray, float] | None:
    """Choose the frames for pictures that stand for given seconds."""
    return even_frames(np.cumsum([0.0, *lengths[:-1]]), lengths[-1])


@pytest.mark.parametrize(
    "lengths",
    [
        [1 / 24] * 200,
        [round(1000 * (i + 1) * 1001 / 24000) / 1000 - round(1000 * i * 1001 / 24000) / 1000 for i in range(5000)],
        [1 / 30 + (-1) ** i * 0.005 for i in range(300)],  # the clock of a telephone swings
        [2 / 60, 3 / 60] * 100,  # a film of 24 frames on a screen of 60
        [5.0] * 4,  # slides
        [0.1, 1.0],
    ],
)
def test_pictures_of_even_times_are_the_frames(lengths: list[float]) -> None:
    assert frames_of([*lengths[:-1], 0]) is None


def test_a_held_picture_is_as_many_frames_as_its_time_has() -> None:
    chosen = frames_of([2.0, *[0.08] * 19, 2.0, *[0.08] * 18, 3.0])
    assert chosen is not None
    indices, step = chosen
    assert step == pytest.approx(0.08)
    assert np.bincount(indices).tolist() == [25, *[1] * 19, 25, *[1] * 18, 38]


def test_slides_with_short_ones_between_run_at_the_rate_of_the_short_ones() -> None:
    chosen = frames_of([2.0, 0.1, 0.1, 2.0, 2.0] * 6)
    assert chosen is not None
    assert np.bincount(chosen[0]).tolist() == [20, 1, 1, 20, 20] * 6


def test_the_length_of_a_film_of_random_times_is_kept() -> None:
    lengths = np.random.default_rng(0).uniform(0.01, 0.3, 400).tolist()
    chosen = frames_of(lengths)
    assert chosen is not None
    indices, step = chosen
    begins = np.cumsum([0.0, *lengths[:-1]])
    assert np.abs(begins[indices] - np.arange(len(indices)) * step).max() < 0.3 + step
    assert len(indices) * step == pytest.approx(sum(lengths), abs=2 * step)


def write_gif(path: Path, hundredths: list[int]) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("gif", rate=100)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb8"
        begins = np.cumsum([0, *hundredths[:-1]]).tolist()
        for picture, begin in zip(numbered(len(hundredths)), begins, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="rgb8")
            frame.pts, frame.time_base = begin, Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_a_gif_of_held_pictures_keeps_its_pace(tmp_path: Path) -> None:
    write_gif(tmp_path / "a.gif", [200, *[8] * 10, 160, *[8] * 10])
    film = load_film(tmp_path / "a.gif", (64, 48), "crop", tmp_path / "cache")
    assert film.frame_rate == Fraction(25, 2)
    assert len(film.frames) in (25 + 10 + 20 + 10, 25 + 10 + 20 + 10 + 1)  # FFmpeg's last length may be the one before
    assert np.diff(film.times) == pytest.approx(0.08)
    assert (film.frames[:25] == film.frames[0]).all()
    assert (film.frames[25] != film.frames[24]).any()
    assert film.lines == [
        f"shows its pictures for uneven times: its 22 pictures make {len(film.frames)} frames, 12.50 a second"
    ]
    again = load_film(tmp_path / "a.gif", (64, 48), "crop", tmp_path / "cache")
    np.testing.assert_array_equal(again.frames[:], film.frames[:])


def test_a_recording_of_variable_rate_keeps_its_pace_alone_and_with_others(
    write_film: WriteFilm, tmp_path: Path
) -> None:
    held = write_film(numbered(20), "held.mkv", times=[i / 10 + (3 if i > 9 else 0) for i in range(20)])
    even = write_film(numbered(20), "even.mkv", rate=Fraction(10))
    film = load_film(held, (64, 48), "crop", tmp_path / "cache")
    assert len(film.frames) == 50
    assert film.times[-1] == pytest.approx(4.9)
    both = load_films([held, even], (64, 48), "crop", tmp_path / "cache")
    assert len(both.frames) == 70
    np.testing.assert_array_equal(both.frames[:50], film.frames[:])
