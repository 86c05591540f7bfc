"""Limits of the stage's collapse guard, measured on the film itself.

The rules are those of `live.playback.collapse_guard`. Here they find the pictures of the film that they would take for
collapsed, so that the guard knows these as the film's own.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from live.images.frame_figures import CONTRAST_FLOOR, LEAST_LIGHT, THUMBNAIL, motion, picture_figures, thumbnail
from train.data.shots import Shot
from train.images.frames import Frames
from train.metrics.film_statistics import STILL, FilmFigures

COLOUR_MARGIN = 0.1  # by which the mean colour of a sound continuation may lie outside of the film's
CONTRAST_MARGIN = 1.25  # likewise for contrast: times the 95th percentile
GRAIN_MARGIN = 1.5  # likewise for grain
LONG_STILL = 1.0  # seconds: a shorter stillness needs no mention
SAME = 6.0  # levels: nearer than this, of two odd pictures one is kept
SAME_SHARPNESS = 1.4  # likewise, as a ratio
MOST_ODD = 500  # pictures; of more they are taken evenly


@dataclass(frozen=True)
class _Measured:
    """Figures of every frame of the file."""

    sharpness: np.ndarray  # float [T]
    contrast: np.ndarray
    light: np.ndarray
    colour: np.ndarray  # float [T, 3]
    motion: np.ndarray  # float [T], from the frame a stride before; infinite where there is none

    @property
    def grain(self) -> np.ndarray:
        """Sharpness over contrast, float [T]."""
        return self.sharpness / (self.contrast + CONTRAST_FLOOR)


def measure_life_signs(
    frames: Frames, shots: Sequence[Shot], figures: FilmFigures, *, stride: int, rate: float
) -> dict[str, Any]:
    """Return the limits of the collapse guard, as the bundle's metadata holds them.

    The ranges are those of the story. Black, titles and credits that the story leaves out count as the film's too.

    Args:
        frames: all of the file, uint8 RGB [T, H, W, 3] of the rollouts' size; may be memory-mapped.
        shots: of the story.
        figures: of the story.
        stride: film frames from one frame of a rollout to the next.
        rate: frames a second of a rollout.
    """
    found = _measure(frames, stride)
    story = np.concatenate([np.arange(shot.start, shot.stop) for shot in shots])
    low, high = figures.sharpness_range
    least, most = found.colour.min(0) - COLOUR_MARGIN, found.colour.max(0) + COLOUR_MARGIN
    signs: dict[str, Any] = {
        "sharpness": [_digits(low / 2 * figures.sharpness), _digits(high * 2 * figures.sharpness)],
        "contrast": _digits(CONTRAST_MARGIN * np.percentile(found.contrast[story], 95)),
        "grain": _digits(GRAIN_MARGIN * np.percentile(found.grain[story], 95)),
        "colour": [[round(float(a), 4), round(float(b), 4)] for a, b in zip(least, most, strict=True)],
        "light": _digits(max(float(np.median(found.light[story])), 0.01)),
        "motion": _digits(STILL * figures.motion),
        "stillness": round(figures.freeze, 3),
    }
    light = np.clip(found.light / signs["light"], LEAST_LIGHT, 1)
    outside = (
        (found.sharpness < light * signs["sharpness"][0])
        | (found.sharpness > signs["sharpness"][1])
        | (found.contrast > signs["contrast"])
        | (found.grain > signs["grain"])
    )
    stillness = _stillness(found.motion < light * signs["motion"], stride) / rate
    stillness[stillness < LONG_STILL] = 0
    signs["odd"] = _odd_pictures(frames, np.flatnonzero(outside | (stillness > 0)), found.sharpness, stillness)
    return signs


def _measure(frames: Frames, stride: int) -> _Measured:
    figures = [picture_figures(frame) for frame in frames]
    moving = np.full(len(frames), np.inf)
    moving[stride:] = [motion(frames[i], frames[i - stride]) for i in range(stride, len(frames))]
    return _Measured(
        sharpness=np.array([each.sharpness for each in figures]),
        contrast=np.array([each.contrast for each in figures]),
        light=np.array([each.light for each in figures]),
        colour=np.array([each.colour for each in figures]),
        motion=moving,
    )


def _stillness(still: np.ndarray, stride: int) -> np.ndarray:
    """Return the length of the run of still frames, in steps, that each frame is in; 0 for those that move."""
    lengths = np.zeros(len(still))
    for phase in range(stride):
        own = still[phase::stride]
        edges = np.flatnonzero(np.diff(own.astype(np.int8), prepend=0, append=0))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            lengths[phase::stride][start:stop] = stop - start
    return lengths


def _odd_pictures(
    frames: Frames, indices: np.ndarray, sharp: np.ndarray, stillness: np.ndarray
) -> list[tuple[float, float, str]]:
    """Return stillness, sharpness and thumbnail of each odd picture; of those that are nearly the same, one."""
    kept: list[int] = []
    longest: list[float] = []
    thumbnails = np.empty((0, 3 * THUMBNAIL**2), np.float32)
    for i in indices:
        thumb = thumbnail(frames[i]).reshape(1, -1)
        ratio = (sharp[kept] + 1e-3) / (sharp[i] + 1e-3)
        same = np.sqrt(np.square(thumbnails - thumb).mean(1)) < SAME
        same &= (ratio < SAME_SHARPNESS) & (ratio > 1 / SAME_SHARPNESS)
        if same.any():
            for n in np.flatnonzero(same):
                longest[n] = max(longest[n], float(stillness[i]))
            continue
        kept.append(int(i))
        longest.append(float(stillness[i]))
        thumbnails = np.concatenate([thumbnails, thumb.astype(np.float32)])
    some = range(0, len(kept), max(1, -(-len(kept) // MOST_ODD)))
    return [(round(longest[n], 3), _digits(sharp[kept[n]]), _encode(thumbnails[n])) for n in some]


def _encode(thumb: np.ndarray) -> str:
    return base64.b64encode(thumb.astype(np.uint8).tobytes()).decode("ascii")


def _digits(value: float) -> float:
    return float(f"{value:.4g}")
