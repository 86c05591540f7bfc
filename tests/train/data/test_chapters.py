"""Recordings in several files: the order of their chapters, and their story."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.train.conftest import WriteFilm
from train.data.films import film_files, load_films
from train.data.shots import find_story

SIZE = (64, 48)


def moving(count: int, seed: int) -> list[np.ndarray]:
    """Draw a bright square that moves over grey."""
    frames = [np.full((48, 64, 3), 90 + seed, np.uint8) for _ in range(count)]
    for number, frame in enumerate(frames):
        frame[10:30, 5 + number % 30 : 25 + number % 30] = 220
    return frames


def card(count: int) -> list[np.ndarray]:
    """Draw light letters on black, as end credits have them."""
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[20:24, 20:44] = 255
    return [frame] * count


def names(*given: str, folder: Path) -> list[str]:
    for name in given:
        (folder / name).touch()
    return [path.name for path in film_files([folder])]


def test_a_folder_gives_the_chapters_of_a_camera_by_recording(tmp_path: Path) -> None:
    ordered = ["GH010001.MP4", "GH020001.MP4", "GH030001.MP4", "GH010002.MP4", "GH020002.mp4"]
    assert names(*sorted(ordered), folder=tmp_path) == ordered


def test_a_folder_gives_the_chapters_of_an_old_camera_by_recording(tmp_path: Path) -> None:
    ordered = ["GOPR0007.MP4", "GP010007.MP4", "GP020007.MP4", "GOPR0012.MP4", "GP010012.MP4"]
    assert names(*sorted(ordered), "GOPR0007.THM", "GP010007.LRV", folder=tmp_path) == ordered


def test_a_folder_of_a_dvd_gives_its_films_without_their_menus(tmp_path: Path) -> None:
    others = ("VIDEO_TS.VOB", "VIDEO_TS.IFO", "VTS_01_0.VOB", "VTS_01_0.IFO", "VTS_02_0.BUP", "VTS_02_0.VOB")
    ordered = ["VTS_01_1.VOB", "VTS_01_2.VOB", "VTS_02_1.VOB", "VTS_02_2.VOB"]
    assert names(*others, *reversed(ordered), folder=tmp_path) == ordered
    assert film_files([tmp_path / "VTS_01_0.VOB"]) == [tmp_path / "VTS_01_0.VOB"]  # by its name a menu is a film


@pytest.mark.parametrize(
    ("first", "second", "goes_on"),
    [
        ("VTS_01_1.VOB", "VTS_01_2.VOB", True),
        ("GH010001.MP4", "GH020001.MP4", True),
        ("GOPR0001.MP4", "GP010001.MP4", True),
        ("VTS_01_1.VOB", "VTS_02_1.VOB", False),
        ("GH010001.MP4", "GH010002.MP4", False),
        ("part 1.mkv", "part 2.mkv", False),
    ],
)
@pytest.mark.parametrize("most_frames", [8192, 80])
def test_a_chapter_that_another_one_continues_has_no_end_credits(
    write_film: WriteFilm, tmp_path: Path, first: str, second: str, goes_on: bool, most_frames: int
) -> None:
    """A title in the middle of a film, at the end of a file, belongs to the story; `most_frames` 80 keeps pieces."""
    paths = []
    for seed, name in enumerate((first, second)):
        paths.append(write_film(moving(60, 40 * seed) + card(24)).rename(tmp_path / name))
    film = load_films(paths, SIZE, "crop", tmp_path / "cache", most_frames=most_frames)
    in_first = [shot for shot in find_story(film).shots if shot.start < film.starts[1]]
    titles = film.frames[in_first[-1].stop - 1].mean() < 60
    assert titles == goes_on
    in_last = [shot for shot in find_story(film).shots if shot.start >= film.starts[1]]
    assert film.frames[in_last[-1].stop - 1].mean() > 60


def test_chapters_in_another_order_are_taken_as_given_and_said(write_film: WriteFilm, tmp_path: Path) -> None:
    """A shell sorts `GH*.MP4` by chapter."""
    order = ["GH010001.MP4", "GH010002.MP4", "GH020001.MP4"]
    paths = [write_film(moving(12, seed)).rename(tmp_path / name) for seed, name in enumerate(order)]
    said: list[str] = []
    film = load_films(paths, SIZE, "crop", tmp_path / "cache", say=said.append)
    assert [part.path.name for part in film.parts] == order
    assert said == ["GH020001.MP4 goes on where GH010001.MP4 ends, but does not follow it here"]
    said.clear()
    load_films([tmp_path], SIZE, "crop", tmp_path / "cache", say=said.append)
    assert said == []


def test_a_recording_that_a_disc_divides_anywhere_is_read_but_for_a_group_of_pictures(tmp_path: Path) -> None:
    """Files of a DVD are divided at a size, in the middle of a picture."""
    whole, group = tmp_path / "whole.vob", 15
    with av.open(str(whole), "w", format="vob") as container:
        stream = container.add_stream("mpeg2video", rate=25, options={"g": str(group), "bf": "2"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for picture in moving(300, 0):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    content = whole.read_bytes()
    middle = len(content) // 2 // 2048 * 2048  # a sector
    disc = tmp_path / "VIDEO_TS"
    disc.mkdir()
    (disc / "VTS_01_0.VOB").write_bytes(content[:middle])
    (disc / "VTS_01_1.VOB").write_bytes(content[:middle])
    (disc / "VTS_01_2.VOB").write_bytes(content[middle:])
    film = load_films([disc], SIZE, "crop", tmp_path / "cache")
    assert [part.path.name for part in film.parts] == ["VTS_01_1.VOB", "VTS_01_2.VOB"]
    assert 300 - group - 2 <= len(film.frames) <= 300
