"""Figures of a rollout, each beside the film's own, that say whether and when the continuation collapses.

Nothing here knows a network: frames go in one by one, and an hour of them fits in memory.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from live.images.frame_figures import motion, sharpness
from train.images.thumbnails import MOST_QUERIES, ThumbnailMemory, thumbnail
from train.metrics.drift import drift_error
from train.metrics.film_statistics import REPEATS, STILL, FilmFigures, FilmStatistics, longest_run
from train.metrics.patch_distance import Describer, Projected, distances, median_distance

END_SECONDS = 10.0  # length of "the end" of a rollout, and of its beginning that may resemble the film's last frames
APART = 2.0  # steps of the film: two rollouts farther from each other than this show different things


@dataclass(frozen=True)
class Figures:
    """Figures of one rollout.

    The arrays have an entry for each window of a second; `seconds_per_window` is its exact length, since a window is a
    whole number of frames. Sharpness and motion are over the film's median. Likeness, palette and variety are over the
    median distance between the film's own windows.
    """

    film: FilmFigures
    seconds: float
    seconds_per_window: float
    sharpness_curve: np.ndarray
    motion_curve: np.ndarray
    likeness_curve: np.ndarray  # distance to the nearest window of the film
    palette_curve: np.ndarray  # the same of colours alone
    nearest_curve: np.ndarray  # distance to the nearest film frame, as `nearest`

    alive: float  # seconds until sharpness or motion leave the film's range for two seconds
    sharpness: float  # median
    sharpness_end: float  # median over the last ten seconds, or the last half of a shorter rollout
    motion: float
    motion_end: float
    likeness: float
    likeness_end: float
    likeness_rise: float  # growth of likeness from the tenth second to the end: Theil–Sen slope times duration
    palette: float
    variety: float  # median distance between windows of the rollout
    freeze: float  # seconds: longest stretch that moves less than a tenth of the film's median
    loops: float  # share of frames that nearly repeat one of more than two seconds before
    clarity_drift: float  # of the sharpness curve, and the next of the motion curve; see `train.metrics.drift`
    motion_drift: float
    nearest: float
    """Median distance to the nearest film frame after the first ten seconds (or the first half), in steps of the film.

    A distance of frames is the RMS difference of their thumbnails, where grain and coding noise are gone. A step is
    the film's own median distance from one frame to the next at that stride. A replay has 0.
    """

    def to_json(self) -> dict[str, Any]:
        """Return all figures as plain numbers and lists, rounded to five digits."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, np.ndarray | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool) else float(f"{value:.5g}")


class RolloutMeter:
    """Takes a rollout frame by frame and measures it."""

    def __init__(self, film: FilmStatistics, *, most_queries: int = MOST_QUERIES) -> None:
        """Begin a rollout.

        Args:
            film: what the rollout continues.
            most_queries: frames that are looked up among others at most; of a longer rollout they are spread evenly.
        """
        self.film = film
        self._most_queries = most_queries
        self._before: np.ndarray | None = None
        self._sharpness: list[float] = []
        self._motion: list[float] = []  # the first frame has none
        self._second: list[Projected] = []
        self._patches: list[np.ndarray] = []
        self._colours: list[np.ndarray] = []
        self._thumbs = ThumbnailMemory()

    def add(self, frame: np.ndarray) -> None:
        """Add the next frame, uint8 RGB [H, W, 3] of the film's size."""
        thumb = thumbnail(frame)
        self._thumbs.add(thumb)
        self._sharpness.append(sharpness(frame))
        if self._before is not None:
            self._motion.append(motion(frame, self._before))
        self._before = frame.copy()
        self._second.append(self.film.describer.project(frame, thumb))
        if len(self._second) == self.film.window:
            patches, colours = Describer.describe(self._second)
            self._patches.append(patches)
            self._colours.append(colours)
            self._second.clear()

    def seconds_until_apart(self, other: RolloutMeter) -> float:
        """Return the seconds until this rollout and another are two steps of the film apart; infinite if never."""
        frame = self._thumbs.first_difference(other._thumbs, APART * self.film.step)
        return float("inf") if frame is None else frame / self.film.rate

    def figures(self) -> Figures:
        """Return the figures of the frames so far; an unfinished second is left out.

        Raises:
            ValueError: there are fewer than two whole seconds.
        """
        windows, film = len(self._patches), self.film
        if windows < 2:
            raise ValueError(f"{len(self._sharpness)} frames are not two seconds; add more before asking for figures")
        length = film.window
        frames = windows * length
        per_window = length / film.rate
        end = min(max(1, round(END_SECONDS / per_window)), windows // 2)

        sharp = np.array(self._sharpness[:frames]) / film.figures.sharpness
        # The first frame moves as the second does, since the frame before it is not known here.
        moving = np.array([self._motion[0], *self._motion[: frames - 1]]) / film.figures.motion
        sharp_curve, motion_curve = (np.median(each.reshape(windows, length), 1) for each in (sharp, moving))
        patches, colours = np.stack(self._patches), np.stack(self._colours)
        likeness = distances(patches, film.patches).min(1) / film.patch_unit
        palette = distances(colours, film.colours).min(1) / film.colour_unit
        nearest = self._nearest_curve(windows)
        return Figures(
            film=film.figures,
            seconds=windows * per_window,
            seconds_per_window=per_window,
            sharpness_curve=sharp_curve,
            motion_curve=motion_curve,
            likeness_curve=likeness,
            palette_curve=palette,
            nearest_curve=nearest,
            alive=_alive(sharp_curve, motion_curve, film.figures, max(1, round(2 / per_window))) * per_window,
            sharpness=float(np.median(sharp)),
            sharpness_end=float(np.median(sharp[-end * length :])),
            motion=float(np.median(moving)),
            motion_end=float(np.median(moving[-end * length :])),
            likeness=float(np.median(likeness)),
            likeness_end=float(np.median(likeness[-end:])),
            likeness_rise=_rise(likeness[end:]),
            palette=float(np.median(palette)),
            variety=median_distance(patches) / film.patch_unit,
            freeze=longest_run(moving < STILL) / film.rate,
            loops=self._thumbs.loop_share(film.gap, REPEATS * film.step, self._most_queries),
            clarity_drift=drift_error(sharp_curve),
            motion_drift=drift_error(motion_curve),
            nearest=float(np.median(nearest[end:])),
        )

    def _nearest_curve(self, windows: int) -> np.ndarray:
        """Return each window's median distance to the nearest film frame, in steps of the film."""
        length = self.film.window
        frames = windows * length
        queries = np.arange(0, frames, min(length, -(-frames // self._most_queries)))
        found = self._thumbs.nearest(queries, self.film.thumbs) / self.film.step
        return np.array([np.median(found[queries // length == window]) for window in range(windows)])


def _alive(sharp: np.ndarray, moving: np.ndarray, film: FilmFigures, two_seconds: int) -> int:
    """Return the windows until sharpness or motion has been out of the film's range for two seconds."""
    low, high = film.sharpness_range
    out = (sharp < 0.5 * low) | (sharp > 2 * high) | (moving < STILL)
    for window in range(len(out) - two_seconds + 1):
        if out[window : window + two_seconds].all():
            return window
    return len(out)


def _rise(curve: np.ndarray) -> float:
    """Return the Theil–Sen slope of a curve times its length: a trend that single seconds do not sway."""
    first, second = np.triu_indices(len(curve), 1)
    if not len(first):
        return 0.0
    return float(np.median((curve[second] - curve[first]) / (second - first)) * (len(curve) - 1))
