"""Find the story in a film: its shots, black and end credits, and so the last film frame, the seed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from train.errors import FilmError
from train.film import Film

THUMB = (32, 18)  # (w, h): all that is measured here is measured on thumbnails
BLACK = 0.1  # luma 0…1 that no pixel of a black frame reaches
DARK = 0.12  # luma below which a pixel belongs to a card's background
MIDTONE = 0.45  # luma above which it belongs to a card's lettering


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
    luma = colour @ np.array([0.299, 0.587, 0.114], np.float32)
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
        colour: thumbnails, float 0…1, [T, h, w, 3].

    Returns:
        bool [T]; a frame is compared with the one before it, and frame 0 begins nothing.
    """
    change = np.zeros(len(colour), np.float32)
    change[1:] = np.abs(np.diff(colour, axis=0)).mean((1, 2, 3))
    cuts = np.zeros(len(colour), bool)
    for i in np.flatnonzero(change > 0.04):
        around = np.concatenate([change[max(1, i - 12) : i], change[i + 1 : i + 13]])
        # Films drawn on twos stand still every other frame: those zeros say nothing about the motion.
        moving = around[around > 0.002]
        usual = float(np.median(moving)) if len(moving) else 0.0
        near = np.concatenate([change[max(1, i - 2) : i], change[i + 1 : i + 3]])
        cuts[i] = change[i] > 4 * usual and change[i] > 1.5 * near.max(initial=0.0)
    return cuts


def choose_stride(
    film: Film, story: Story, *, fastest: float = 15.0, slowest: float = 8.0, visible: float = 1.5
) -> int:
    """The fewest film frames a step can take so that things visibly move from step to step.

    Args:
        fastest: steps a second above which nothing is gained but work.
        slowest: steps a second below which motion stutters.
        visible: mean absolute change of a step, in levels of 0…255, that counts as visible.
    """
    rate = float(film.frame_rate)
    most = max(1, int(rate / slowest))
    for stride in range(min(most, round(rate / fastest) or 1), most):
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
    """float32 0…1 [T, h, w, 3] of uint8 [T, H, W, 3]."""
    small = [cv2.resize(frame, THUMB, interpolation=cv2.INTER_AREA) for frame in frames]
    return np.stack(small).astype(np.float32) / 255


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
    middle = ((luma >= DARK) & (luma < MIDTONE)).mean((1, 2))
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
