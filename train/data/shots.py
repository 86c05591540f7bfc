"""Find the story of a film: its shots, without black frames and end credits, and the last film frame.

All measurements are made on thumbnails.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from train.data.film import Film
from train.data.probing.chapters import goes_on
from train.errors import FilmError
from train.images.frames import Frames
from train.images.thumbnails import thumbnail

BLACK = 26  # luma 0…255 that no pixel of a black frame reaches
DARK = 31  # luma below which a pixel belongs to the background of a credits card
LIGHT = 115  # luma from which on a pixel belongs to the lettering of a credits card
LETTERING = 64  # luma that lettering reaches somewhere in a shot, however small it is in a thumbnail
LEAST_MOTION = 0.1 / 255  # 0…1: unit of motion for a film that stands still for more than half of its time
CUT = 10  # least change at a hard cut: mean absolute difference between neighbouring frames, 0…255


@dataclass(frozen=True)
class Shot:
    """Frames [start, stop) of the film between two cuts."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class Story:
    """The part of a film to learn from: everything up to the last film frame, without black frames."""

    shots: tuple[Shot, ...]  # in order; the last one ends with the last film frame
    frame_count: int  # of the whole film

    @property
    def last(self) -> int:
        """Film index of the last film frame, from which the continuation starts."""
        return self.shots[-1].stop - 1

    def shot_of(self, index: int) -> Shot | None:
        """Return the shot that holds film frame `index`, or None if the story leaves this frame out."""
        return next((shot for shot in self.shots if shot.start <= index < shot.stop), None)


def find_story(film: Film, end: float | None = None) -> Story:
    """Cut a film into shots and leave out black frames, end credits and everything after `end`.

    Each file of the film is cut by itself: no shot goes on in the next file, and it has credits of its own, unless its
    recording goes on there.

    Args:
        film: the film.
        end: second of the last file.

    Raises:
        FilmError: a file is black from beginning to end, or `end` lies before the first picture of the last one.
    """
    shots: list[Shot] = []
    continued = goes_on([file.path for file in film.files])
    ends = (*(math.inf if each else None for each in continued[:-1]), end)
    for begin, file, its_end in zip(film.starts, film.files, ends, strict=True):
        shots += [Shot(begin + shot.start, begin + shot.stop) for shot in _shots_of_file(file, its_end)]
    return Story(tuple(shots), len(film.frames))


def _shots_of_file(film: Film, end: float | None) -> list[Shot]:
    if film.spans:  # found when the film was decoded
        return _pieces_before(film, math.inf if end is None else end)
    colour = _thumbnails(film.frames)
    luma = np.stack([cv2.cvtColor(thumb, cv2.COLOR_RGB2GRAY) for thumb in colour])
    in_story = luma.max((1, 2)) >= BLACK
    if not in_story.any():
        raise FilmError(f"{film.path} is black from beginning to end; give a film with visible pictures")
    if end is not None:
        in_story &= film.times <= end
        if not in_story.any():
            raise FilmError(f"there is no picture before --end {end:g} s; give a later end")
    shots = _segments(in_story, hard_cuts(colour))
    return _without_credits(shots, luma, film) if end is None else shots


def _pieces_before(film: Film, end: float) -> list[Shot]:
    stop = int(np.searchsorted(film.times, end, side="right"))
    pieces = [Shot(start, min(its_stop, stop)) for start, its_stop in film.spans if start < stop]
    if not pieces:
        raise FilmError(f"there is no picture before --end {end:g} s; give a later end")
    return pieces


def hard_cuts(colour: np.ndarray) -> np.ndarray:
    """Find the frames at which a new shot begins: changes that stand out among their neighbours.

    Args:
        colour: thumbnails, uint8 RGB [T, h, w, 3].

    Returns:
        bool [T]. Each frame is compared with the one before it, so frame 0 is never a cut.
    """
    change = np.zeros(len(colour), np.float32)
    change[1:] = [np.abs(a.astype(np.int16) - b).mean() for a, b in pairwise(colour)]
    cuts = np.zeros(len(colour), bool)
    for i in np.flatnonzero(change > CUT).tolist():
        around = np.concatenate([change[max(1, i - 12) : i], change[i + 1 : i + 13]])
        # Animation on twos repeats every other frame: these zeros say nothing about the motion.
        moving = around[around > 0.5]
        if len(moving) and change[i] <= 4 * np.median(moving):
            continue
        near = [j for j in range(max(1, i - 3), min(len(change), i + 4)) if j != i]
        near.sort(key=lambda j: -float(change[j]))
        if not near or change[i] > 1.5 * change[near[0]]:
            cuts[i] = True
        elif len(near) == 1 or change[i] > 1.5 * change[near[1]]:
            # Two changes close together: a flash if the pictures before and after are alike, else a very short shot.
            first, second = sorted((i, near[0]))
            cuts[i] = np.abs(colour[first - 1].astype(np.int16) - colour[second]).mean() > CUT
    return cuts


def choose_stride(
    film: Film,
    story: Story,
    *,
    context_frames: int,
    fastest: float = 30.0,
    slowest: float = 8.0,
    visible: float = 1.0,
) -> int:
    """Return the smallest stride, in film frames, at which motion from step to step is visible.

    Args:
        film: the film.
        story: its story. The stride leaves at least one window of `context_frames` + 1 in the last file.
        context_frames: K.
        fastest: steps per second above which more steps cost work and gain nothing.
        slowest: steps per second below which motion stutters.
        visible: mean absolute change per step, in levels of 0…255, from which on it counts as visible.
    """
    rate = float(film.frame_rate)
    longest = max(len(shot) for shot in story.shots if shot.start >= film.starts[-1])
    most = max(1, min(int(rate / slowest), (longest - 1) // context_frames))
    for stride in range(min(most, math.ceil(rate / fastest)), most):
        if _motion(film, story, stride) >= visible:
            return stride
    return most


def _motion(film: Film, story: Story, stride: int) -> float:
    """Return the median over the story of the mean absolute change from a frame to frame + stride, 0…255."""
    starts = np.concatenate([np.arange(shot.start, shot.stop - stride) for shot in story.shots])
    if not len(starts):
        return 0.0
    picks = starts[:: max(1, len(starts) // 200)]
    return float(np.median([np.abs(film.frames[i].astype(np.int16) - film.frames[i + stride]).mean() for i in picks]))


def _thumbnails(frames: Frames) -> np.ndarray:
    """Shrink [T, H, W, 3] to uint8 RGB [T, h, w, 3], small enough to hold those of a feature film in memory."""
    return np.stack([thumbnail(frame) for frame in frames])


def _segments(in_story: np.ndarray, cuts: np.ndarray) -> list[Shot]:
    """Split each run of frames in the story at the cuts; both arguments are bool [T]."""
    edges = np.flatnonzero(np.diff(in_story.astype(np.int8), prepend=0, append=0))
    shots = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        inner = [int(i) for i in np.flatnonzero(cuts[start + 1 : stop]) + start + 1]
        bounds = [int(start), *inner, int(stop)]
        shots += [Shot(a, b) for a, b in pairwise(bounds)]
    return shots


def _without_credits(shots: list[Shot], luma: np.ndarray, film: Film) -> list[Shot]:
    """Drop from the end: cards with light letters on black, shots shorter than half a second, and a fade to black.

    Only black cards are recognised. A film with credits on pictures needs `--end`. A shot without anything light is
    no card but a dark scene.
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
        if luma[shot.start : stop].max() >= LETTERING:
            while stop > shot.start and card[stop - 1]:
                stop -= 1
        fades = stop < shot.stop or (stop < len(luma) and luma[stop].max() < BLACK)
        while fades and stop - 1 > shot.start and mean[stop - 1] < 0.995 * mean[stop - 2]:
            stop -= 1
        if stop - shot.start >= short:
            return [*kept[:-1], Shot(shot.start, stop)]
        kept.pop()
    return shots  # the film consists of cards alone: keep them
