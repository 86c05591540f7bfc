"""Cuts, black frames, credits and the last film frame, on films whose shots are known."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.train.conftest import WriteFilm
from train.data.film import Film, load_film
from train.data.shots import Shot, Story, choose_stride, find_story
from train.errors import FilmError
from train.sample_film import FRAME_COUNT, SHOTS, draw_film

SIZE = (64, 48)
LoadPictures = Callable[[Sequence[np.ndarray]], Film]


def disc_shot(count: int, colour: tuple[int, int, int], speed: float = 1.0) -> list[np.ndarray]:
    """Draw a light disc that moves over a coloured background, `speed` pixels per frame."""
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


def shots_of(film: Film) -> list[tuple[int, int]]:
    return [(shot.start, shot.stop) for shot in find_story(film).shots]


@pytest.fixture
def load(write_film: WriteFilm, tmp_path: Path) -> LoadPictures:
    return lambda pictures: load_film(write_film(pictures), SIZE, "crop", tmp_path / "cache")


RED, BLUE, GREEN = (150, 40, 40), (40, 60, 150), (60, 140, 60)


def test_hard_cuts_are_found_exactly(load: LoadPictures) -> None:
    film = load(disc_shot(30, RED) + disc_shot(40, BLUE) + disc_shot(25, GREEN))
    assert shots_of(film) == [(0, 30), (30, 70), (70, 95)]


def test_fast_motion_is_not_a_cut(load: LoadPictures) -> None:
    assert shots_of(load(disc_shot(60, RED, speed=9))) == [(0, 60)]


def test_animation_on_twos_neither_hides_nor_adds_a_cut(load: LoadPictures) -> None:
    held = [picture for picture in disc_shot(20, RED, speed=6) + disc_shot(20, BLUE, speed=6) for _ in range(2)]
    assert shots_of(load(held)) == [(0, 40), (40, 80)]


@pytest.mark.parametrize("length", [1, 2])
def test_a_very_short_shot_is_found(load: LoadPictures, length: int) -> None:
    film = load(disc_shot(20, RED) + disc_shot(length, GREEN) + disc_shot(20, BLUE))
    assert shots_of(film) == [(0, 20), (20, 20 + length), (20 + length, 40 + length)]


def test_a_flash_is_not_a_cut(load: LoadPictures) -> None:
    pictures = disc_shot(40, RED)
    pictures[20] = np.full((48, 64, 3), 250, np.uint8)
    assert shots_of(load(pictures)) == [(0, 40)]


def test_black_frames_belong_to_no_shot(load: LoadPictures) -> None:
    film = load(black(10) + disc_shot(30, RED) + black(5) + disc_shot(30, BLUE))
    assert shots_of(film) == [(10, 40), (45, 75)]


def test_credits_and_the_black_around_them_are_left_out(load: LoadPictures) -> None:
    film = load(disc_shot(30, RED) + disc_shot(40, BLUE) + black(6) + credits_roll(48) + black(6))
    assert find_story(film).last == 69


def test_a_fade_to_black_is_left_out(load: LoadPictures) -> None:
    fade = [(picture * (1 - i / 20)).astype(np.uint8) for i, picture in enumerate(disc_shot(20, BLUE))]
    assert find_story(load(disc_shot(40, BLUE) + fade + black(10))).last in range(38, 42)


def test_a_shot_of_two_frames_at_the_end_is_left_out(load: LoadPictures) -> None:
    assert find_story(load(disc_shot(40, RED) + disc_shot(2, GREEN))).last == 39


@pytest.mark.parametrize("light", [35, 45, 60])
def test_a_dark_last_scene_is_no_card(load: LoadPictures, light: int) -> None:
    night = [np.where(picture > 200, np.uint8(light), np.uint8(8)) for picture in disc_shot(40, RED)]
    assert shots_of(load(disc_shot(30, RED) + night)) == [(0, 30), (30, 70)]


def test_credits_in_small_letters_are_left_out(load: LoadPictures) -> None:
    grey = [(picture * 0.45).astype(np.uint8) for picture in credits_roll(40)]
    assert shots_of(load(disc_shot(30, RED) + grey)) == [(0, 30)]


def test_end_replaces_the_automatic_end(load: LoadPictures) -> None:
    film = load(disc_shot(30, RED) + disc_shot(40, BLUE) + credits_roll(24))
    assert find_story(film, end=0.99).last == 23
    assert find_story(film, end=100).last > 69
    with pytest.raises(FilmError, match="give a later end"):
        find_story(film, end=-1)


def test_a_black_film_is_refused(load: LoadPictures) -> None:
    with pytest.raises(FilmError, match="black from beginning to end"):
        find_story(load(black(20)))


def test_a_film_of_cards_alone_keeps_them(load: LoadPictures) -> None:
    assert find_story(load(credits_roll(40))).shots


def test_the_stride_makes_motion_visible(load: LoadPictures) -> None:
    slow, fast = load(disc_shot(60, RED, speed=0.1)), load(disc_shot(60, BLUE, speed=5))
    assert choose_stride(fast, find_story(fast), context_frames=2) == 1  # 24 film frames per second, 24 steps
    assert choose_stride(slow, find_story(slow), context_frames=2) == 3  # 8 steps per second, and no fewer
    short = load(disc_shot(6, RED, speed=0.1))
    assert choose_stride(short, find_story(short), context_frames=4) == 1  # a larger stride would leave no window


def test_a_frame_belongs_to_its_shot_or_to_none() -> None:
    story = Story((Shot(0, 10), Shot(14, 20)), 30)
    assert story.shot_of(9) == Shot(0, 10)
    assert story.shot_of(12) is None
    assert story.last == 19


def test_the_shots_of_the_sample_film_are_found(hats_film: Film) -> None:
    assert shots_of(hats_film) == [(0, 24), (24, 48), (48, 120)]


@pytest.mark.slow
def test_every_shot_of_the_sample_film_is_found_to_the_frame(tmp_path: Path) -> None:
    path = tmp_path / "hats.mkv"
    draw_film(path, size=(160, 90))
    film = load_film(path, (64, 48), "crop", tmp_path / "cache")
    assert len(film.frames) == FRAME_COUNT
    assert shots_of(film) == [(shot.first, shot.first + shot.count) for shot in SHOTS if shot.name != "end"]
