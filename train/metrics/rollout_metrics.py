"""Whether a continuation lives: figures of a rollout, each beside the film's own.

Nothing here knows a network: frames go in one by one, and an hour of them fits in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from train.data.shots import Shot
from train.images.frame_figures import LEAST_MOTION, motion, sharpness
from train.images.thumbnails import MOST_QUERIES, ThumbnailMemory, thumbnail
from train.metrics.patch_distance import Describer, Projected, distances, median_distance

END_SECONDS = 10.0  # what "the end" of a rollout is, and for how long it may lean on the film's last frames
HOP = (
    0.25  # of a window: from one film window to the next, so that a rollout's seconds need not begin where a film's do
)
MOST_WINDOWS = 1000  # of the film; a feature film's are spread evenly
MOST_THUMBNAILS = 50_000  # of the film, likewise
REPEATS = 0.5  # steps of the film: two frames nearer to each other than this are nearly the same
PARTED = 2.0  # steps of the film: two rollouts farther from each other than this show different things
STILL = 0.1  # of the film's median motion: what moves less, freezes
COLOUR_MARGIN = 0.1  # that a living continuation's mean colour may lie outside of the film's


# ----------------------------------------------------------------------------
# Figures.


@dataclass(frozen=True)
class FilmFigures:
    """What the film itself does, at the rollout's size and stride."""

    sharpness: float  # median; the unit of a rollout's
    sharpness_range: tuple[float, float]  # 5th and 95th percentile, over the median
    motion: float  # median between successive frames of a shot; the unit of a rollout's
    motion_range: tuple[float, float]  # 5th and 95th percentile, over the median
    freeze: float  # seconds: its longest stillness
    loops: float  # share of its frames that nearly repeat an earlier one
    static: bool  # one shot of a camera that stands still
    colour_range: tuple[tuple[float, float], ...]  # of red, green and blue: least and most mean of a frame, 0…1

    def life_signs(self) -> dict[str, Any]:
        """What tells the stage whether a continuation lives, in its units: as `alive` says, and colour besides."""
        low, high = self.sharpness_range
        colours = [
            [round(least - COLOUR_MARGIN, 4), round(most + COLOUR_MARGIN, 4)] for least, most in self.colour_range
        ]
        return {
            "sharpness": [float(f"{share * self.sharpness:.4g}") for share in (low / 2, high * 2)],
            "motion": float(f"{STILL * self.motion:.4g}"),
            "stillness": round(self.freeze, 3),
            "colour": colours,
        }


@dataclass(frozen=True)
class Figures:
    """What was measured of one rollout.

    The arrays have an entry for each window of a second; `seconds_per_window` says how long it really is, since a
    window is a whole number of frames. Sharpness and motion are over the film's median; likeness and variety, like
    palette, over the median distance between the film's own windows.
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
    likeness_rise: float  # by how much likeness grows from the tenth second to the end: Theil–Sen slope times duration
    palette: float
    variety: float  # median distance between windows of the rollout
    freeze: float  # seconds: longest stretch that moves less than a tenth of the film's median
    loops: float  # share of frames that nearly repeat one of more than two seconds before
    nearest: float
    """Median distance to the nearest film frame after the first ten seconds (or the first half), in steps of the film.

    A distance of frames is the RMS difference of their thumbnails, where grain and coding noise are gone; a step is
    the film's own median distance from one frame to the next at that stride. A replay has 0.
    """

    def to_json(self) -> dict[str, Any]:
        """All of it in plain numbers and lists, rounded to what is worth reading."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, np.ndarray | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool) else float(f"{value:.5g}")


# ----------------------------------------------------------------------------
# The film.


class FilmStatistics:
    """A film, measured once, as the yardstick of its continuations."""

    def __init__(self, frames: np.ndarray, shots: Sequence[Shot], stride: int, rate: float) -> None:
        """Measure the told part of a film.

        Args:
            frames: uint8 RGB [T, H, W, 3], may be memory-mapped; of the rollouts' size.
            shots: what of it is told; windows and motion never cross from one to the next.
            stride: film frames from one frame of a rollout to the next.
            rate: frames a second of a rollout.
        """
        self.rate = rate
        self.window = max(1, round(rate))  # frames
        steps = [range(shot.start, shot.stop, stride) for shot in shots]
        picks = np.concatenate([np.array(shot) for shot in steps])
        self.describer = Describer([frames[i] for i in picks[:: -(-len(picks) // 64)]])

        sharp, moving, far, freeze = [], [], [], 0
        for shot in steps:
            sharp += [sharpness(frames[i]) for i in shot]
            moving.append(np.array([motion(frames[b], frames[a]) for a, b in pairwise(shot)]))
            thumbs = [thumbnail(frames[i]).astype(np.float32) for i in shot]
            far += [_rms(a - b) for a, b in pairwise(thumbs)]
        every = np.concatenate(moving) if len(picks) > len(steps) else np.zeros(1)
        unit = max(float(np.median(every)), LEAST_MOTION)
        freeze = max(_longest(shot < STILL * unit) for shot in moving)
        self.sharpness_unit = max(float(np.median(sharp)), 1e-4)
        self.step = max(float(np.median(far)) if far else 0.0, 0.5)

        told = np.concatenate([np.arange(shot.start, shot.stop) for shot in shots])
        told = told[:: -(-len(told) // MOST_THUMBNAILS)]
        self.thumbs = ThumbnailMemory()
        for i in told:
            self.thumbs.add(thumbnail(frames[i]))
        own = ThumbnailMemory()
        for i in picks:
            own.add(thumbnail(frames[i]))
        self.figures = FilmFigures(
            sharpness=self.sharpness_unit,
            sharpness_range=_range(np.array(sharp) / self.sharpness_unit),
            motion=unit,
            motion_range=_range(every / unit),
            freeze=freeze / rate,
            loops=own.loop_share(self.gap, REPEATS * self.step),
            static=len(shots) == 1 and _stands_still(frames, picks, self.sharpness_unit),
            colour_range=_colour_range(frames, picks),
        )
        described = list(self._windows(frames, steps))
        self.patches = np.stack([patches for patches, _ in described])
        self.colours = np.stack([colours for _, colours in described])
        # Films of a single second, or a single picture, are given a unit all the same.
        self.patch_unit = max(median_distance(self.patches), 1e-4)
        self.colour_unit = max(median_distance(self.colours), 1e-4)

    @property
    def gap(self) -> int:
        """Frames that lie between a frame and one that it may repeat: more than two seconds."""
        return int(2 * self.rate) + 1

    def _windows(self, frames: np.ndarray, steps: list[range]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Descriptors of windows a quarter of a second apart; a shorter shot is one window, stretched."""
        hop, wanted = max(1, round(HOP * self.window)), []
        for shot in steps:
            spare = len(shot) - self.window
            if spare < 0:
                wanted.append([shot[k * len(shot) // self.window] for k in range(self.window)])
            else:
                begins = sorted({*range(0, spare + 1, hop), spare})
                wanted += [list(shot[begin : begin + self.window]) for begin in begins]
        projected: dict[int, Projected] = {}
        for n in np.unique(np.linspace(0, len(wanted) - 1, min(len(wanted), MOST_WINDOWS)).round().astype(int)):
            indices = wanted[n]
            projected = {i: projected[i] for i in indices if i in projected}
            for i in indices:
                if i not in projected:
                    projected[i] = self.describer.project(frames[i], thumbnail(frames[i]))
            yield self.describer.describe([projected[i] for i in indices])


def _stands_still(frames: np.ndarray, picks: np.ndarray, sharp: float) -> bool:
    """Whether a camera stands still: then the mean of all pictures is nearly as sharp as one of them."""
    some = picks[:: -(-len(picks) // 100)]
    mean = np.mean([frames[i].astype(np.float32) for i in some], axis=0)
    return sharpness(mean.round().astype(np.uint8)) > 0.5 * sharp


# ----------------------------------------------------------------------------
# The rollout.


class RolloutMeter:
    """Takes a rollout frame by frame and says what became of it."""

    def __init__(self, reference: FilmStatistics) -> None:
        self.reference = reference
        self._before: np.ndarray | None = None
        self._sharpness: list[float] = []
        self._motion: list[float] = []  # the first frame has none
        self._second: list[Projected] = []
        self._patches: list[np.ndarray] = []
        self._colours: list[np.ndarray] = []
        self._thumbs = ThumbnailMemory()

    def add(self, frame: np.ndarray) -> None:
        """The next frame, uint8 RGB [H, W, 3] of the film's size."""
        thumb = thumbnail(frame)
        self._thumbs.add(thumb)
        self._sharpness.append(sharpness(frame))
        if self._before is not None:
            self._motion.append(motion(frame, self._before))
        self._before = frame.copy()
        self._second.append(self.reference.describer.project(frame, thumb))
        if len(self._second) == self.reference.window:
            patches, colours = Describer.describe(self._second)
            self._patches.append(patches)
            self._colours.append(colours)
            self._second.clear()

    def parting(self, other: RolloutMeter) -> float:
        """Seconds until this rollout and another are two steps of the film apart; infinite if they never are."""
        frame = self._thumbs.parting(other._thumbs, PARTED * self.reference.step)
        return float("inf") if frame is None else frame / self.reference.rate

    def figures(self) -> Figures:
        """What the frames so far come to; a second that is not whole yet is left out.

        Raises:
            ValueError: there are not two whole seconds.
        """
        windows, reference = len(self._patches), self.reference
        if windows < 2:
            raise ValueError(f"{len(self._sharpness)} frames are not two seconds; add more before asking for figures")
        film, length = reference.figures, reference.window
        frames = windows * length
        per_window = length / reference.rate
        end = min(max(1, round(END_SECONDS / per_window)), windows // 2)

        sharp = np.array(self._sharpness[:frames]) / film.sharpness
        # The first frame moves as the second does, since what came before it is not known here.
        moving = np.array([self._motion[0], *self._motion[: frames - 1]]) / film.motion
        sharp_curve, motion_curve = (np.median(each.reshape(windows, length), 1) for each in (sharp, moving))
        patches, colours = np.stack(self._patches), np.stack(self._colours)
        likeness = distances(patches, reference.patches).min(1) / reference.patch_unit
        palette = distances(colours, reference.colours).min(1) / reference.colour_unit
        queries = np.arange(0, frames, min(length, -(-frames // MOST_QUERIES)))
        found = self._thumbs.nearest(queries, reference.thumbs) / reference.step
        nearest = np.array([np.median(found[queries // length == window]) for window in range(windows)])
        return Figures(
            film=film,
            seconds=windows * per_window,
            seconds_per_window=per_window,
            sharpness_curve=sharp_curve,
            motion_curve=motion_curve,
            likeness_curve=likeness,
            palette_curve=palette,
            nearest_curve=nearest,
            alive=_alive(sharp_curve, motion_curve, film, max(1, round(2 / per_window))) * per_window,
            sharpness=float(np.median(sharp)),
            sharpness_end=float(np.median(sharp[-end * length :])),
            motion=float(np.median(moving)),
            motion_end=float(np.median(moving[-end * length :])),
            likeness=float(np.median(likeness)),
            likeness_end=float(np.median(likeness[-end:])),
            likeness_rise=_rise(likeness[end:]),
            palette=float(np.median(palette)),
            variety=median_distance(patches) / reference.patch_unit,
            freeze=_longest(moving < STILL) / reference.rate,
            loops=self._thumbs.loop_share(reference.gap, REPEATS * reference.step),
            nearest=float(np.median(nearest[end:])),
        )


def _alive(sharp: np.ndarray, moving: np.ndarray, film: FilmFigures, two_seconds: int) -> int:
    """Windows until sharpness or motion has been out of the film's range for two seconds."""
    low, high = film.sharpness_range
    out = (sharp < 0.5 * low) | (sharp > 2 * high) | (moving < STILL)
    for window in range(len(out) - two_seconds + 1):
        if out[window : window + two_seconds].all():
            return window
    return len(out)


def _rise(curve: np.ndarray) -> float:
    """Theil–Sen slope of a curve times its length: a trend that single seconds do not sway."""
    first, second = np.triu_indices(len(curve), 1)
    if not len(first):
        return 0.0
    return float(np.median((curve[second] - curve[first]) / (second - first)) * (len(curve) - 1))


def _longest(flags: np.ndarray) -> int:
    """Length of the longest run of True."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, (5, 95))
    return float(low), float(high)


def _colour_range(frames: np.ndarray, picks: np.ndarray) -> tuple[tuple[float, float], ...]:
    means = np.array([cv2.mean(frames[i])[:3] for i in picks]) / 255
    return tuple((float(channel.min()), float(channel.max())) for channel in means.T)


def _rms(difference: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(difference))))
