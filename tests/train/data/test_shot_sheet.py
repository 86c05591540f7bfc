"""Contact sheet of the shots of a film."""

import cv2
import numpy as np

from train.data.film import Film
from train.data.shot_sheet import MAX_SHOTS, shot_sheet
from train.data.shots import Shot, Story, find_story

GAP, CAPTION = 6, 18  # pixels around and below each picture
TILE = (192, 144)  # (W, H) of a picture that has the shape of the film, 64×48


def tiles(sheet: np.ndarray) -> list[np.ndarray]:
    """Return the pictures of a sheet with six columns, without the empty places at its end."""
    width, height = TILE
    rows, columns = (sheet.shape[0] - GAP) // (height + CAPTION + GAP), (sheet.shape[1] - GAP) // (width + GAP)
    assert columns == 6
    places = [(GAP + y * (height + CAPTION + GAP), GAP + x * (width + GAP)) for y in range(rows) for x in range(6)]
    pictures = [sheet[y : y + height, x : x + width] for y, x in places]
    return [picture for picture in pictures if picture.std() > 0]


def test_the_sheet_shows_both_ends_of_each_shot_and_the_first_frame_after_the_story(hats_film: Film) -> None:
    sheet = shot_sheet(hats_film, find_story(hats_film), 119)
    expected = [
        cv2.resize(hats_film.frames[i], TILE, interpolation=cv2.INTER_AREA) for i in (0, 23, 24, 47, 48, 119, 120)
    ]
    assert np.array_equal(tiles(sheet), expected)


def test_a_last_frame_within_a_shot_is_shown_too(hats_film: Film) -> None:
    sheet = shot_sheet(hats_film, Story((Shot(0, 100),), 100), 90)
    expected = [cv2.resize(hats_film.frames[i], TILE, interpolation=cv2.INTER_AREA) for i in (0, 90, 99)]
    assert np.array_equal(tiles(sheet), expected)


def test_of_many_shots_some_are_shown(hats_film: Film) -> None:
    story = Story(tuple(Shot(2 * i, 2 * i + 2) for i in range(60)), 120)
    assert len(tiles(shot_sheet(hats_film, story, 119))) == 2 * MAX_SHOTS
