"""Real films for the tests: some made of numbered pictures, one cut from the sample film."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np
import pytest

from train.data.film import Film, load_film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.sample_film import SHOTS, render

cv2.setNumThreads(1)

Pictures = Sequence[np.ndarray]


class WriteFilm(Protocol):
    """Writer of lossless films."""

    def __call__(
        self,
        pictures: Pictures,
        name: str = "film.mkv",
        *,
        rate: Fraction = Fraction(24),
        times: Sequence[float] | None = None,
    ) -> Path:
        """Write pictures (uint8 RGB [H, W, 3]) at `rate`, or at given times in seconds, and return the file."""


@pytest.fixture
def write_film(tmp_path: Path) -> WriteFilm:
    """Return a function that writes a film into the test's own folder."""

    def write(
        pictures: Pictures,
        name: str = "film.mkv",
        *,
        rate: Fraction = Fraction(24),
        times: Sequence[float] | None = None,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream("ffv1", rate=rate)
            stream.height, stream.width = pictures[0].shape[:2]
            stream.pix_fmt = "bgr0"
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
            for number, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.time_base = Fraction(1, 1000)
                frame.pts = round(1000 * (times[number] if times else number / rate))
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return write


def numbered(count: int, size: tuple[int, int] = (64, 48)) -> list[np.ndarray]:
    """Draw pictures that can be told apart: picture i has grey level 60 + i and a moving white bar."""
    width, height = size
    pictures = []
    for number in range(count):
        picture = np.full((height, width, 3), 60 + number % 150, np.uint8)
        picture[:, (3 * number) % width :][:, :8] = 250
        pictures.append(picture)
    return pictures


@pytest.fixture(scope="session")
def hats_cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write three shots of the sample film and its end card to a lossless file, 192×108."""
    first = {shot.name: shot.first for shot in SHOTS}
    picks = [first["away"] + i for i in range(24)] + [first["bough"] + 120 + i for i in range(24)]
    picks += [first["pile"] + 60 + i for i in range(72)] + [first["end"] + i for i in range(12)]
    path = tmp_path_factory.mktemp("films") / "hats-cut.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 192, 108, "bgr0"
        for index in picks:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(render(index, (192, 108)), format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def hats_film(hats_cut: Path, tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Decode the file of `hats_cut` at 64×48."""
    return load_film(hats_cut, (64, 48), "crop", tmp_path_factory.mktemp("cache"))


@pytest.fixture
def hats_windows(hats_film: Film) -> FilmWindows:
    """Make windows of K = 2 context frames at stride 2, at half the picture size."""
    return FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=2)


@pytest.fixture
def hats_course(hats_windows: FilmWindows) -> FilmCourse:
    """Make the course of these windows, with a memory of 6×8 cells."""
    return FilmCourse(hats_windows)
