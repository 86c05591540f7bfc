"""Contact sheet of the shots that were found in a film."""

from __future__ import annotations

import cv2
import numpy as np

from train.data.film import Film
from train.data.probing.film_file import picture_at
from train.data.shots import Story
from train.images.bars import Bars
from train.images.contact_sheet import BACKGROUND, contact_sheet

SHOT_TINT, LAST_FRAME_TINT, LEFT_OUT_TINT = (120, 200, 120), (250, 200, 60), (90, 90, 90)  # RGB
MAX_SHOTS = 30  # more cannot be taken in at a glance
STRIPES = 12  # and gaps, along the height of a picture
LEAST_WIDTH = 144  # pixels that a caption needs


def shot_sheet(film: Film, story: Story, last_frame: int) -> np.ndarray:
    """Show the first and last frame of each shot, the last film frame, and the first frame after the story.

    Before them stands one picture of each file with black bars that are cropped, under stripes.

    Args:
        film: the film.
        story: its shots; of more than `MAX_SHOTS`, some at even distances are shown.
        last_frame: film index of the frame from which the continuation starts.

    Returns:
        uint8 RGB [h, w, 3].
    """
    last_shot = len(story.shots) - 1
    numbers = sorted({round(i) for i in np.linspace(0, last_shot, min(last_shot + 1, MAX_SHOTS))})
    captions = {}
    for number in numbers:
        shot = story.shots[number]
        captions[shot.start] = (f"shot {number + 1}", SHOT_TINT)
        captions[shot.stop - 1] = (f"shot {number + 1} ends", SHOT_TINT)
    captions[last_frame] = ("the last film frame", LAST_FRAME_TINT)
    if story.last + 1 < story.frame_count:
        captions[story.last + 1] = ("left out", LEFT_OUT_TINT)
    width, height = film.size[0] * 144 // film.size[1], 144
    film_indices = sorted(captions)
    whole = _whole_pictures(film, story)
    pictures = [*whole.values(), *(film.frames[i] for i in film_indices)]
    return contact_sheet(
        [_fitted(picture, (max(LEAST_WIDTH, width), height)) for picture in pictures],
        [f"{film.time_of(i)}  bars cropped" for i in whole]
        + [f"{film.time_of(i)}  {captions[i][0]}" for i in film_indices],
        columns=6,
        tints=[LEFT_OUT_TINT] * len(whole) + [captions[i][1] for i in film_indices],
    )


def _whole_pictures(film: Film, story: Story) -> dict[int, np.ndarray]:
    """Return the first picture in the story of each file whose bars are cropped, by its film index, with stripes."""
    found = {}
    for begin, file in zip(film.starts, film.files, strict=True):
        cropped = [bars for bars in file.bars if bars.everywhere]
        if cropped:
            index = next(shot.start for shot in story.shots if shot.start >= begin)
            picture = picture_at(file.path, float(film.times[index]))
            for bars in cropped:
                if picture.shape[:2] == (bars.height, bars.width):
                    found[index] = _striped(picture, bars)
    return found


def _striped(picture: np.ndarray, bars: Bars) -> np.ndarray:
    """Draw stripes over the bars of a picture, uint8 RGB [h, w, 3]."""
    y, x = np.indices(picture.shape[:2])
    stripes = (x + y) * 2 * STRIPES // bars.height % 2 == 0
    stripes[bars.top : bars.height - bars.bottom, bars.left : bars.width - bars.right] = False
    return np.where(stripes[..., None], np.array(LEFT_OUT_TINT, np.uint8), picture)


def _fitted(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture in the middle of a cell of the sheet, (W, H), as large as it fits."""
    height, width = picture.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    cell = np.full((size[1], size[0], 3), BACKGROUND, np.uint8)
    x, y = (size[0] - width) // 2, (size[1] - height) // 2
    cell[y : y + height, x : x + width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return cell
