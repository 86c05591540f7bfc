"""Cuts, black, credits and the last film frame, on films whose truth is known."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.train.conftest import WriteFilm
from train.data.film import Film, load_film
from train.data.shot_sheet import story_sheet
from train.data.shots import Shot, Story, choose_stride, find_story
from train.errors import FilmError
from train.sample_film import FRAME_COUNT, SHOTS, draw_film

SIZE = (64, 48)


def scene(count: int, colour: tuple[int, int, int], speed: float = 1.0) -> list[np.ndarray]:
    """A light disc that wanders over a coloured ground."""
    pictures = []
    for number in range(count):
        picture = np.full((48, 64, 3), colour, np.uint8)
        cv2.circle(picture, (int(8 + speed * number) % 64, 24), 9, (240, 230, 200), -1)
        pictures.append(picture)
    return pictures


def black(count: int) -> list[np.ndarray]:
    return [np.zeros((48, 64, 3), np.uint8)] * count


def credits_roll(count: int) -> list[np.ndarray]:
    pictures = []
    for number in range(count):
        picture = np.zeros((48, 64, 3), np.uint8)
        for line in range(4):
            cv2.putText(picture, "cast", (18, 60 + 14 * line - number), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (220,) * 3, 1)
        pictures.append(picture)
    return pictures


def story_of(film: Film, end: float | None = None) -> list[tuple[int, int]]:
    return [(shot.start, shot.stop) for shot in find_story(film, end).shots]


@pytest.fixture
def film_of(write_film: WriteFilm, tmp_path: Path):
    return lambda pictures: load_film(write_film(pictures), SIZE, "crop", tmp_path / "cache")


RED, BLUE, GREEN = (150, 40, 40), (40, 60, 150), (60, 140, 60)


def test_hard_cuts_are_found_exactly(film_of) -> None:
    film = film_of(scene(30, RED) + scene(40, BLUE) + scene(25, GREEN))
    assert story_of(film) == [(0, 30), (30, 70), (70, 95)]


def test_fast_motion_is_no_cut(film_of) -> None:
    assert story_of(film_of(scene(60, RED, speed=9))) == [(0, 60)]


def test_animation_on_twos_hides_no_cut_and_makes_none(film_of) -> None:
    held = [picture for picture in scene(20, RED, speed=6) + scene(20, BLUE, speed=6) for _ in range(2)]
    assert story_of(film_of(held)) == [(0, 40), (40, 80)]


@pytest.mark.parametrize("length", [1, 2])
def test_a_very_short_shot_hides_no_cut(film_of, length: int) -> None:
    film = film_of(scene(20, RED) + scene(length, GREEN) + scene(20, BLUE))
    assert story_of(film) == [(0, 20), (20, 20 + length), (20 + length, 40 + length)]


def test_a_flash_is_no_cut(film_of) -> None:
    one = scene(40, RED)
    one[20] = np.full((48, 64, 3), 250, np.uint8)
    assert story_of(film_of(one)) == [(0, 40)]


def test_black_belongs_to_no_shot(film_of) -> None:
    film = film_of(black(10) + scene(30, RED) + black(5) + scene(30, BLUE))
    assert story_of(film) == [(10, 40), (45, 75)]


def test_credits_and_the_black_around_them_are_not_the_story(film_of) -> None:
    film = film_of(scene(30, RED) + scene(40, BLUE) + black(6) + credits_roll(48) + black(6))
    assert find_story(film).last == 69


def test_a_fade_to_black_is_not_the_last_picture(film_of) -> None:
    fade = [(picture * (1 - i / 20)).astype(np.uint8) for i, picture in enumerate(scene(20, BLUE))]
    assert find_story(film_of(scene(40, BLUE) + fade + black(10))).last in range(38, 42)


def test_a_stray_last_frame_is_not_the_last_picture(film_of) -> None:
    assert find_story(film_of(scene(40, RED) + scene(2, GREEN))).last == 39


def test_end_overrules_what_was_found(film_of) -> None:
    film = film_of(scene(30, RED) + scene(40, BLUE) + credits_roll(24))
    assert find_story(film, end=0.99).last == 23
    assert find_story(film, end=100).last > 69
    with pytest.raises(FilmError, match="give a later end"):
        find_story(film, end=-1)


def test_a_film_all_black_is_none(film_of) -> None:
    with pytest.raises(FilmError, match="black from beginning to end"):
        find_story(film_of(black(20)))


def test_a_film_of_nothing_but_cards_keeps_them(film_of) -> None:
    assert find_story(film_of(credits_roll(40))).shots


def test_the_stride_keeps_motion_visible(film_of) -> None:
    slow, fast = film_of(scene(60, RED, speed=0.1)), film_of(scene(60, BLUE, speed=5))
    assert choose_stride(fast, find_story(fast), context_frames=2) == 2  # 24 film frames a second: twelve steps
    assert choose_stride(slow, find_story(slow), context_frames=2) == 3  # eight steps a second, and no fewer
    short = film_of(scene(6, RED, speed=0.1))
    assert choose_stride(short, find_story(short), context_frames=4) == 1  # or there would be no window


def test_which_shot_a_frame_is_of() -> None:
    story = Story((Shot(0, 10), Shot(14, 20)), 30)
    assert story.shot_of(9) == Shot(0, 10)
    assert story.shot_of(12) is None
    assert story.last == 19


def test_the_scenes_of_our_own_film(hats_film: Film) -> None:
    assert story_of(hats_film) == [(0, 24), (24, 48), (48, 120)]
    sheet = story_sheet(hats_film, find_story(hats_film), 119)
    assert sheet.dtype == np.uint8
    assert sheet.shape[0] > 2 * 144  # seven pictures, two rows


@pytest.mark.slow
def test_our_own_film_is_understood_to_the_frame(tmp_path: Path) -> None:
    path = tmp_path / "hats.mkv"
    draw_film(path, size=(160, 90))
    film = load_film(path, (64, 48), "crop", tmp_path / "cache")
    assert len(film.frames) == FRAME_COUNT
    assert story_of(film) == [(shot.first, shot.first + shot.count) for shot in SHOTS if shot.name != "end"]
