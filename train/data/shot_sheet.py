"""Contact sheet of the shots that were found in a film."""

from __future__ import annotations

import cv2
import numpy as np

from train.data.film import Film
from train.data.shots import Story
from train.images.contact_sheet import contact_sheet

SHOT_TINT, LAST_FRAME_TINT, LEFT_OUT_TINT = (120, 200, 120), (250, 200, 60), (90, 90, 90)  # RGB
MAX_SHOTS = 30  # more cannot be taken in at a glance


def shot_sheet(film: Film, story: Story, last_frame: int) -> np.ndarray:
    """Show the first and last frame of each shot, the last film frame, and the first frame after the story.

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
    small = (film.size[0] * 144 // film.size[1], 144)
    film_indices = sorted(captions)
    return contact_sheet(
        [cv2.resize(film.frames[i], small, interpolation=cv2.INTER_AREA) for i in film_indices],
        [f"{film.time_of(i)}  {captions[i][0]}" for i in film_indices],
        columns=6,
        tints=[captions[i][1] for i in film_indices],
    )
