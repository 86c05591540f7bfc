"""Figures of a film, measured once: the units and ranges by which its continuations are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from live.images.frame_figures import motion, sharpness
from train.data.shots import LEAST_MOTION, Shot
from train.images.frames import Frames
from train.images.thumbnails import ThumbnailMemory, thumbnail
from train.metrics.patch_distance import Describer, Projected, median_distance

# From one film window to the next, in windows: the seconds of a rollout need not begin where those of the film do.
HOP = 0.25
MOST_WINDOWS = 1000  # of the film; those of a feature film are spread evenly
MOST_THUMBNAILS = 50_000  # of the film, likewise
REPEATS = 0.5  # steps of the film: two frames nearer to each other than this are nearly the same
STILL = 0.1  # of the film's median motion: a frame that moves less is frozen


@dataclass(frozen=True)
class FilmFigures:
    """Figures of the film itself, at the rollout's size and stride."""

    sharpness: float  # median; the unit of a rollout's
    sharpness_range: tuple[float, float]  # 5th and 95th percentile, over the median
    motion: float  # median between successive frames of a shot; the unit of a rollout's
    motion_range: tuple[float, float]  # 5th and 95th percentile, over the median
    freeze: float  # seconds: its longest freeze
    loops: float  # share of its frames that nearly repeat an earlier one
    static: bool  # one shot of a camera that stands still


class FilmStatistics:
    """A film, measured once, as the yardstick of its continuations."""

    def __init__(self, frames: Frames, shots: Sequence[Shot], stride: int, rate: float) -> None:
        """Measure the story of a film.

        Args:
            frames: uint8 RGB [T, H, W, 3] of the rollouts' size; may be memory-mapped.
            shots: of the story; neither windows nor motion cross from one to the next.
            stride: film frames from one frame of a rollout to the next.
            rate: frames a second of a rollout.
        """
        self.rate = rate
        self.window = max(1, round(rate))  # frames
        steps = [range(shot.start, shot.stop, stride) for shot in shots]
        indices = np.concatenate([np.array(shot) for shot in steps])
        self.describer = Describer([frames[i] for i in indices[:: -(-len(indices) // 64)]])
        self.thumbs = ThumbnailMemory()
        story = np.concatenate([np.arange(shot.start, shot.stop) for shot in shots])
        for i in story[:: -(-len(story) // MOST_THUMBNAILS)]:
            self.thumbs.add(thumbnail(frames[i]))
        self.step, loops = self._steps_and_loops(frames, steps)
        self.figures = _figures(frames, steps, rate=rate, loops=loops)
        described = list(self._windows(frames, steps))
        self.patches = np.stack([patches for patches, _ in described])
        self.colours = np.stack([colours for _, colours in described])
        # A film of a single second, or of a single picture, has no distances: it gets a unit all the same.
        self.patch_unit = max(median_distance(self.patches), 1e-4)
        self.colour_unit = max(median_distance(self.colours), 1e-4)

    @property
    def gap(self) -> int:
        """Frames between a frame and one that it may repeat: more than two seconds."""
        return int(2 * self.rate) + 1

    def _steps_and_loops(self, frames: Frames, steps: list[range]) -> tuple[float, float]:
        """Return the median distance of successive thumbnails, and the share of frames that repeat an earlier one."""
        memory, distances = ThumbnailMemory(), []
        for shot in steps:
            thumbs = [thumbnail(frames[i]) for i in shot]
            distances += [_rms(b.astype(np.float32) - a) for a, b in pairwise(thumbs)]
            for thumb in thumbs:
                memory.add(thumb)
        step = max(float(np.median(distances)) if distances else 0.0, 0.5)
        return step, memory.loop_share(self.gap, REPEATS * step)

    def _windows(self, frames: Frames, steps: list[range]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield descriptors of windows a quarter of a second apart; a shorter shot is one window, stretched."""
        hop, windows = max(1, round(HOP * self.window)), []
        for shot in steps:
            spare = len(shot) - self.window
            if spare < 0:
                windows.append([shot[k * len(shot) // self.window] for k in range(self.window)])
            else:
                begins = sorted({*range(0, spare + 1, hop), spare})
                windows += [list(shot[begin : begin + self.window]) for begin in begins]
        projected: dict[int, Projected] = {}
        for n in np.unique(np.linspace(0, len(windows) - 1, min(len(windows), MOST_WINDOWS)).round().astype(int)):
            indices = windows[n]
            projected = {i: projected[i] for i in indices if i in projected}
            for i in indices:
                if i not in projected:
                    projected[i] = self.describer.project(frames[i], thumbnail(frames[i]))
            yield self.describer.describe([projected[i] for i in indices])


def longest_run(flags: np.ndarray) -> int:
    """Return the length of the longest run of True."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _figures(frames: Frames, steps: list[range], *, rate: float, loops: float) -> FilmFigures:
    indices = np.concatenate([np.array(shot) for shot in steps])
    sharp = np.array([sharpness(frames[i]) for i in indices])
    moving = [np.array([motion(frames[b], frames[a]) for a, b in pairwise(shot)]) for shot in steps]
    every = np.concatenate(moving) if len(indices) > len(steps) else np.zeros(1)
    sharpness_unit = max(float(np.median(sharp)), 1e-4)
    motion_unit = max(float(np.median(every)), LEAST_MOTION)
    return FilmFigures(
        sharpness=sharpness_unit,
        sharpness_range=_range(sharp / sharpness_unit),
        motion=motion_unit,
        motion_range=_range(every / motion_unit),
        freeze=max(longest_run(shot < STILL * motion_unit) for shot in moving) / rate,
        loops=loops,
        static=len(steps) == 1 and _stands_still(frames, indices, sharpness_unit),
    )


def _stands_still(frames: Frames, indices: np.ndarray, median_sharpness: float) -> bool:
    """Return whether the camera stands still: then the mean of all pictures is nearly as sharp as one of them."""
    some = indices[:: -(-len(indices) // 100)]
    mean = np.mean([frames[i].astype(np.float32) for i in some], axis=0)
    return sharpness(mean.round().astype(np.uint8)) > 0.5 * median_sharpness


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, (5, 95))
    return float(low), float(high)


def _rms(difference: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(difference))))
