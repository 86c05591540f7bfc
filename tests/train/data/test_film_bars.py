"""Films with burnt-in black bars: read as those without."""

import os
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from train.data.film import Film, load_film
from train.data.films import load_films
from train.data.probing.film_bars import display_shape, film_bars
from train.data.probing.film_file import picture_at
from train.data.shot_sheet import LEFT_OUT_TINT, shot_sheet
from train.data.shots import find_story
from train.images.bars import Bars
from train.images.resizing import ResizeMode

INNER = (102, 180)  # (W, H) of a film for a telephone
PILLARBOX = Bars(320, 180, left=108, right=110)
SHOTS = [(0, 48), (48, 96), (96, 144)]


def telephone_film() -> list[np.ndarray]:
    """Draw three shots of a light block that moves, in the last two over dark ground; then a second of end credits."""
    pictures = []
    for number in range(144):
        shot = number // 48
        picture = np.full((INNER[1], INNER[0], 3), [(70, 118, 232), (235, 150, 60), (60, 210, 90)][shot], np.uint8)
        if shot:
            picture[130:] = 12
        x = 10 + number % 48
        picture[60:120, x : x + 25] = (248, 238, 200)
        pictures.append(picture)
    for number in range(24):
        card = np.zeros((INNER[1], INNER[0], 3), np.uint8)
        cv2.putText(card, "cast", (22, 120 - number), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (230, 230, 230), 1)
        pictures.append(card)
    return pictures


def with_bars(picture: np.ndarray, bars: Bars = PILLARBOX) -> np.ndarray:
    return cv2.copyMakeBorder(picture, bars.top, bars.bottom, bars.left, bars.right, cv2.BORDER_CONSTANT)


def encode(path: Path, pictures: list[np.ndarray], keyframes: int = 48, rate: int = 24) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "18", "g": str(keyframes)})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def boxed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("boxed")
    return encode(folder / "boxed.mp4", [with_bars(picture) for picture in telephone_film()])


@pytest.fixture(scope="module")
def plain_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("plain") / "plain.mp4", telephone_film())


def shots_of(film: Film) -> list[tuple[int, int]]:
    return [(shot.start, shot.stop) for shot in find_story(film).shots]


def test_a_film_with_bars_is_read_as_one_without(boxed_file: Path, plain_file: Path, tmp_path: Path) -> None:
    boxed, plain = (load_film(path, (96, 160), "crop", tmp_path / "cache") for path in (boxed_file, plain_file))
    assert shots_of(boxed) == shots_of(plain) == SHOTS
    apart = np.abs(boxed.frames[:].astype(np.int16) - plain.frames[:])
    assert apart.mean() < 2  # of 255: a line that is cropped with the bar moves what stands beside it by less than two
    assert apart[:, :, [0, -1]].mean() < 2
    assert plain.bars == ()
    # Left in the film, the bars change its story.
    kept = load_film(boxed_file, (320, 180), "crop", tmp_path / "cache", keep_bars=True)
    assert kept.bars == ()
    assert shots_of(kept) != SHOTS


def test_the_bars_are_measured_and_said(boxed_file: Path, plain_file: Path, tmp_path: Path) -> None:
    (bars,) = film_bars(boxed_file)
    assert (bars.top, bars.bottom) == (0, 0)
    assert 0 <= bars.left - PILLARBOX.left <= 2
    assert 0 <= bars.right - PILLARBOX.right <= 2
    width, height = display_shape(boxed_file)
    assert (width, height) == bars.inner_size
    assert display_shape(plain_file) == INNER
    for _ in range(2):  # decoded, and from the cache
        film = load_film(boxed_file, (96, 160), "crop", tmp_path / "cache")
        assert film.bars == (bars,)
        assert film.lines == [
            f"has black bars, which are cropped: left {bars.left}, right {bars.right} of 320x180; "
            f"the picture is {width}x180"
        ]


def test_each_file_has_its_own_bars(boxed_file: Path, plain_file: Path, tmp_path: Path) -> None:
    film = load_films([plain_file, boxed_file], (96, 160), "crop", tmp_path / "cache")
    assert [len(file.bars) for file in film.files] == [0, 1]
    assert shots_of(film) == [*SHOTS, *((168 + start, 168 + stop) for start, stop in SHOTS)]
    sheet = shot_sheet(film, find_story(film), 311)
    # The first picture is the second film's first one, 144 wide and 81 high, with stripes over both bars.
    cell = (sheet[6 + 31 : 6 + 31 + 81, 6:150] == LEFT_OUT_TINT).all(2)
    assert 0.1 < cell[:, :46].mean() < 0.6
    assert 0.1 < cell[:, -46:].mean() < 0.6
    assert not cell[:, 52:92].any()


def test_a_film_without_bars_has_no_picture_of_them(plain_file: Path, tmp_path: Path) -> None:
    film = load_film(plain_file, (96, 160), "crop", tmp_path / "cache")
    sheet = shot_sheet(film, find_story(film), 143)
    assert not (sheet[6:150] == LEFT_OUT_TINT).all(2).any()


@pytest.mark.parametrize("seekable", [True, False])
def test_of_a_long_film_the_whole_counts(tmp_path: Path, seekable: bool) -> None:
    """Its only pictures without bars stand at its end; they are found whether or not places in it can be sought."""
    bars = Bars(96, 64, top=12, bottom=12)
    scene = [np.full((64, 96, 3), (80, 90 + 20 * i, 160), np.uint8) for i in range(4)]
    boxed = [with_bars(each[12:52], bars) for each in scene]
    count, keyframes = 4 * 90, 4 if seekable else 1000
    film = encode(tmp_path / "bars.mp4", [boxed[i % 4] for i in range(count)], keyframes, rate=4)
    assert [(each.top, each.bottom) for each in film_bars(film)] == [(12, 12)]
    film = encode(
        tmp_path / "some.mp4", [(boxed if i < count - 20 else scene)[i % 4] for i in range(count)], keyframes, 4
    )
    assert not any(each.everywhere for each in film_bars(film))


def test_of_a_long_film_in_pieces_the_bars_are_cropped(tmp_path: Path) -> None:
    """It is read as one without bars: when its story is looked for, and when its pieces are stored."""
    scenes = telephone_film()
    plain_path = encode(tmp_path / "plain.mp4", scenes, keyframes=4, rate=2)
    path = encode(tmp_path / "boxed.mp4", [with_bars(picture) for picture in scenes], keyframes=4, rate=2)
    size, cache = (96, 160), tmp_path / "cache"
    mode: ResizeMode = "letterbox"
    whole = load_film(path, size, mode, tmp_path / "whole")
    plain = load_films([plain_path], size, mode, cache, most_frames=84)
    for _ in range(2):  # decoded, and from the cache
        film = load_films([path], size, mode, cache, most_frames=84)
        assert film.every == 2
        assert film.bars == film_bars(path) == whole.bars
        assert film.lines[0] == f"has black bars, which are cropped: {film.bars[0]}"
        assert film.spans == plain.spans
        assert np.array_equal(film.times, plain.times)
        assert len(film.frames) < len(whole.frames)
        assert np.array_equal(film.frames[:], whole.frames[(film.times * 2).round().astype(int)])
    assert plain.bars == ()


def test_bars_are_looked_for_again_in_a_changed_file(boxed_file: Path, plain_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(boxed_file.read_bytes())
    assert len(film_bars(path)) == 1
    path.write_bytes(plain_file.read_bytes())
    os.utime(path)
    assert film_bars(path) == ()


def test_the_picture_at_a_time_is_the_one_that_is_shown_then(boxed_file: Path) -> None:
    assert picture_at(boxed_file).shape == (180, 320, 3)
    blue, orange = (picture_at(boxed_file, time)[20, 160] for time in (47.5 / 24, 48.0 / 24))
    assert blue[2] > 200 > 100 > orange[2]
    assert np.array_equal(picture_at(boxed_file, 1000.0), picture_at(boxed_file, 167 / 24))
