"""A sheet of pictures that shows what was found in a film."""

from __future__ import annotations

import cv2
import numpy as np

from train.data.film import Film
from train.data.shots import Story
from train.images.contact_sheet import contact_sheet

TOLD, SEED, DROPPED = (120, 200, 120), (250, 200, 60), (90, 90, 90)  # RGB
MOST_SHOTS = 30  # of a story sheet: more cannot be looked at


def story_sheet(film: Film, story: Story, seed: int) -> np.ndarray:
    """What `fit` found: first and last frame of shots, the seed (a film index), and the first frame not told."""
    last = len(story.shots) - 1
    numbers = sorted({round(i) for i in np.linspace(0, last, min(last + 1, MOST_SHOTS))})
    entries = {}
    for number in numbers:
        shot = story.shots[number]
        entries[shot.start] = (f"shot {number + 1}", TOLD)
        entries[shot.stop - 1] = (f"shot {number + 1} ends", TOLD)
    entries[seed] = ("the last film frame", SEED)
    if story.last + 1 < story.frame_count:
        entries[story.last + 1] = ("not told", DROPPED)
    small = (film.size[0] * 144 // film.size[1], 144)
    moments = sorted(entries)
    return contact_sheet(
        [cv2.resize(film.frames[i], small, interpolation=cv2.INTER_AREA) for i in moments],
        [f"{film.times[i]:.2f} s  {entries[i][0]}" for i in moments],
        columns=6,
        tints=[entries[i][1] for i in moments],
    )
