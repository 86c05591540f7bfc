"""Find the story in a film: its shots, black and end credits, and so the last film frame, the seed.

All that is measured here is measured on thumbnails.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from train.data.film import Film
from train.errors import FilmError
from train.images.thumbnails import thumbnail

BLACK = 26  # luma 0…255 that no pixel of a black frame reaches
DARK = 31  # luma below which a pixel belongs to a card's background
LIGHT = 115  # luma from which on it belongs to a card's lettering
CUT = 10  # least change of a hard cut: mean absolute difference from frame to frame, 0…255


@dataclass(frozen=True)
class Shot:
    """Frames [start, stop) of the film between two cuts."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class Story:
    """What of a film is told: everything up to the last film frame, less what is black."""

    shots: tuple[Shot, ...]  # in order; the last one ends with the last film frame
    frame_count: int  # of the whole file, told or not

    @property
    def last(self) -> int:
        """Index of the last film frame: the seed of the continuation."""
        return self.shots[-1].stop - 1

    def shot_of(self, index: int) -> Shot | None:
        """The shot that holds film frame `index`; None where the film is black or over."""
        return next((shot for shot in self.shots if shot.start <= index < shot.stop), None)


def find_story(film: Film, end: float | None = None) -> Story:
    """Cut a film into shots and leave out black, end credits and what comes after `end` (seconds).

    Raises:
        FilmError: the film is black throughout, or `end` lies before its first picture.
    """
    colour = _thumbnails(film.frames)
    luma = np.stack([cv2.cvtColor(thumb, cv2.COLOR_RGB2GRAY) for thumb in colour])
    told = luma.max((1, 2)) >= BLACK
    if not told.any():
        raise FilmError(f"{film.path} is black from beginning to end; give a film with something to see")
    if end is not None:
        told &= film.times <= end
        if not told.any():
            raise FilmError(f"nothing is told before --end {end:g} s; the film begins later, give a later end")
    starts = hard_cuts(colour)
    shots = _segments(told, starts)
    if end is None:
        shots = _without_credits(shots, luma, film)
    return Story(tuple(shots), len(film.frames))


def hard_cuts(colour: np.ndarray) -> np.ndarray:
    """Frames at which a new shot begins: changes that stand alone among their neighbours.

    Args:
        colour: thumbnails, uint8 RGB [T, h, w, 3].

    Returns:
        bool [T]; a frame is compared with the one before it, and frame 0 begins nothing.
    """
    change = np.zeros(len(colour), np.float32)
    change[1:] = [np.abs(a.astype(np.int16) - b).mean() for a, b in pairwise(colour)]
    cuts = np.zeros(len(colour), bool)
    for i in np.flatnonzero(change > CUT).tolist():
        around = np.concatenate([change[max(1, i - 12) : i], change[i + 1 : i + 13]])
        # Films drawn on twos stand still every other frame: those zeros say nothing about the motion.
        moving = around[around > 0.5]
        if len(moving) and change[i] <= 4 * np.median(moving):
            continue
        near = [j for j in range(max(1, i - 3), min(len(change), i + 4)) if j != i]
        near.sort(key=lambda j: -float(change[j]))
        if not near or change[i] > 1.5 * change[near[0]]:
            cuts[i] = True
        elif len(near) == 1 or change[i] > 1.5 * change[near[1]]:
            # Two changes close together: a very short shot if other pictures follow than went before, else a flash.
            first, second = sorted((i, near[0]))
            cuts[i] = np.abs(colour[first - 1].astype(np.int16) - colour[second]).mean() > CUT
    return cuts


def choose_stride(
    film: Film,
    story: Story,
    *,
    context_frames: int,
    fastest: float = 15.0,
    slowest: float = 8.0,
    visible: float = 1.5,
) -> int:
    """The fewest film frames a step can take so that things visibly move from step to step.

    Args:
        film: the film.
        story: its story; the stride leaves at least one window of `context_frames` + 1 in its longest shot.
        context_frames: K.
        fastest: steps a second above which nothing is gained but work.
        slowest: steps a second below which motion stutters.
        visible: mean absolute change of a step, in levels of 0…255, that counts as visible.
    """
    rate = float(film.frame_rate)
    longest = max(len(shot) for shot in story.shots)
    most = max(1, min(int(rate / slowest), (longest - 1) // context_frames))
    for stride in range(min(most, math.ceil(rate / fastest)), most):
        if _motion(film, story, stride) >= visible:
            return stride
    return most


def _motion(film: Film, story: Story, stride: int) -> float:
    """Median over the story of the mean absolute change from frame to frame + stride, 0…255."""
    starts = np.concatenate([np.arange(shot.start, shot.stop - stride) for shot in story.shots])
    if not len(starts):
        return 0.0
    picks = starts[:: max(1, len(starts) // 200)]
    return float(np.median([np.abs(film.frames[i].astype(np.int16) - film.frames[i + stride]).mean() for i in picks]))


def _thumbnails(frames: np.ndarray) -> np.ndarray:
    """uint8 RGB [T, h, w, 3] of [T, H, W, 3]: small enough to keep those of a feature film in memory."""
    return np.stack([thumbnail(frame) for frame in frames])


def _segments(told: np.ndarray, cuts: np.ndarray) -> list[Shot]:
    """The runs of told frames, split at cuts."""
    edges = np.flatnonzero(np.diff(told.astype(np.int8), prepend=0, append=0))
    shots = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        inner = [int(i) for i in np.flatnonzero(cuts[start + 1 : stop]) + start + 1]
        bounds = [int(start), *inner, int(stop)]
        shots += [Shot(a, b) for a, b in pairwise(bounds)]
    return shots


def _without_credits(shots: list[Shot], luma: np.ndarray, film: Film) -> list[Shot]:
    """Drop from the end: cards of light letters on black, strays, and a fade to black.

    Only black cards are recognised; a film whose credits stand on pictures needs `--end`.
    """
    dark = (luma < DARK).mean((1, 2))
    middle = ((luma >= DARK) & (luma < LIGHT)).mean((1, 2))
    card = (dark > 0.75) & (middle < 0.2)
    mean = luma.mean((1, 2))
    short = 0.5 * float(film.frame_rate)
    kept = list(shots)
    while kept:
        shot = kept[-1]
        stop = shot.stop
        while stop > shot.start and card[stop - 1]:
            stop -= 1
        faded = stop < shot.stop or (stop < len(luma) and luma[stop].max() < BLACK)
        while faded and stop - 1 > shot.start and mean[stop - 1] < 0.995 * mean[stop - 2]:
            stop -= 1
        if stop - shot.start >= short:
            return [*kept[:-1], Shot(shot.start, stop)]
        kept.pop()
    return shots  # nothing but cards: then the cards are the film
