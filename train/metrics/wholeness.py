"""Wholeness: how many moving things of a rollout are as whole as the film's own.

The figure is improved precision (Kynkäänniemi et al. 2019, §2, k = 3) of moving crops, in features of a pretrained
network, over that of other crops of the film. The film itself has 1; noise and patches have 0. A rollout that shows
frames of the film again may have a little more than 1, since the manifold is made of such frames.

Pictures are measured at 256×144 pixels or as many in another proportion. A crop moves if its mean change over a step is
in the film's upper 40 %. What stands still is left out: copies of the film would count as whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import cv2
import numpy as np
import torch

from train.data.shots import Shot
from train.images.frames import Frames
from train.metrics.perceptual import Features

PIXELS = 256 * 144  # of a measured picture
CROP = 48  # pixels a side
GRID = 8  # pixels from one place for a crop to the next
NEIGHBOURS = 3  # k
MOVING = 0.4  # share of the film's crops that count as moving
LEAST_CHANGE = 0.5  # levels: a film whose moving crops change less does not move
MANIFOLD = 2400  # crops of the film
CROPS = 800  # of a rollout, and of other frames of the film
FEWEST = 50  # moving crops, below which a rollout stands still
MOST_FRAMES = 2000  # of the film; those of a longer one are spread evenly
SEED = 7  # of the places, so that figures of different days are comparable


class Place(NamedTuple):
    """A crop of the film: the film index, and its upper left corner at the measured size."""

    frame: int
    y: int
    x: int


def at_measured_size(frame: np.ndarray) -> np.ndarray:
    """Scale uint8 RGB [H, W, 3] in proportion to about 256×144 pixels: by area, or if it is smaller by cubics."""
    height, width = frame.shape[:2]
    scale = (PIXELS / (height * width)) ** 0.5
    size = (max(CROP, round(width * scale)), max(CROP, round(height * scale)))
    if size == (width, height):
        return frame
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def changes(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the mean change in levels of every crop on the grid, float32 [rows, columns].

    The arguments are successive frames at the measured size.
    """
    change = cv2.absdiff(now, before).mean(2, dtype=np.float32)
    means: np.ndarray = cv2.boxFilter(change, -1, (CROP, CROP), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    height, width = change.shape
    return means[: height - CROP + 1 : GRID, : width - CROP + 1 : GRID]


def crop(frame: np.ndarray, y: int, x: int) -> np.ndarray:
    """Copy a crop, uint8 RGB [48, 48, 3], of a frame at the measured size."""
    return frame[y : y + CROP, x : x + CROP].copy()


class CropSample:
    """A random sample of the moving crops of a rollout, which comes frame by frame."""

    def __init__(self, threshold: float, count: int = CROPS) -> None:
        """Begin a rollout.

        Args:
            threshold: change in levels from which on a crop moves.
            count: crops to keep.
        """
        self._threshold, self._count = threshold, count
        self._rng = np.random.default_rng(SEED)
        self._before: np.ndarray | None = None
        self._kept: list[tuple[float, np.ndarray]] = []  # the crops with the lowest random numbers
        self._limit = 1.0  # random number above which a crop is not kept

    @property
    def crops(self) -> list[np.ndarray]:
        """The sample, each uint8 RGB [48, 48, 3]."""
        return [pixels for _, pixels in self._lowest()]

    def add(self, frame: np.ndarray) -> None:
        """Add the next frame, uint8 RGB [H, W, 3]."""
        frame = at_measured_size(frame)
        if self._before is not None:
            rows, columns = np.nonzero(changes(frame, self._before) >= self._threshold)
            numbers = self._rng.random(len(rows))
            for i in np.flatnonzero(numbers < self._limit):
                self._kept.append((float(numbers[i]), crop(frame, rows[i] * GRID, columns[i] * GRID)))
            if len(self._kept) > 2 * self._count:
                self._kept = self._lowest()
                self._limit = self._kept[-1][0]
        self._before = frame.copy()

    def _lowest(self) -> list[tuple[float, np.ndarray]]:
        return sorted(self._kept, key=lambda each: each[0])[: self._count]


class Wholeness:
    """The film as yardstick: the manifold of its moving crops.

    Attributes:
        threshold: change in levels from which on a crop moves.
        places: crops of the tested film frames, none of which is in the manifold.
        own: precision of the film's crops at these places.
    """

    def __init__(
        self,
        frames: Frames,
        shots: Sequence[Shot],
        stride: int,
        tested: Iterable[int],
        features: Features,
        *,
        manifold: int = MANIFOLD,
        count: int = CROPS,
    ) -> None:
        """Measure the film.

        Args:
            frames: uint8 RGB [T, H, W, 3]; may be memory-mapped.
            shots: of the story.
            stride: film frames of a step.
            tested: film indices to be left out of the manifold, each at least a step after the beginning of its shot.
            features: of `open_crop_features`.
            manifold: crops of the film in it.
            count: crops of a rollout, and of the tested frames.

        Raises:
            StillFilmError: the film does not move, or is too short.
        """
        self._features, self._count = features, count
        kept_out = sorted(set(tested))
        usable = np.concatenate([np.arange(shot.start + stride, max(shot.stop, shot.start + stride)) for shot in shots])
        others = np.setdiff1d(usable, kept_out)
        others = others[:: max(1, -(-len(others) // MOST_FRAMES))]
        if not kept_out or not len(others):
            raise StillFilmError("the film is too short for a measure of wholeness")

        def changes_of(index: int) -> np.ndarray:
            return changes(at_measured_size(frames[index]), at_measured_size(frames[index - stride]))

        of_tested, of_others = ({int(i): changes_of(i) for i in each} for each in (kept_out, others))
        every = np.stack([*of_tested.values(), *of_others.values()])
        self.threshold = float(np.quantile(every, 1 - MOVING))
        rng = np.random.default_rng(SEED)
        self.places = _spread_places(of_tested, self.threshold, count, rng)
        learnt = _spread_places(of_others, self.threshold, manifold, rng)
        if self.threshold < LEAST_CHANGE or min(len(self.places), len(learnt) - NEIGHBOURS) < 1:
            raise StillFilmError("the film hardly moves: it has no measure of wholeness")
        self._manifold = torch.from_numpy(features(_cut_out(lambda i: frames[i], learnt))).double()
        # Rank 1 is the crop itself.
        self._radii = torch.cdist(self._manifold, self._manifold).kthvalue(NEIGHBOURS + 1, 1).values
        self.own = self._precision(_cut_out(lambda i: frames[i], self.places))

    def sample(self, parts: int = 1) -> CropSample:
        """Begin a sample of a rollout, or of one of as many rollouts that are measured together."""
        return CropSample(self.threshold, -(-self._count // parts))

    def of_crops(self, crops: Sequence[np.ndarray]) -> float:
        """Return the wholeness of moving crops; 0 if there are too few, because hardly anything moves."""
        if len(crops) < min(FEWEST, self._count):
            return 0.0
        return self._precision(crops) / max(self.own, 0.01)

    def of_pictures(self, picture: Callable[[int], np.ndarray]) -> float:
        """Return the wholeness of pictures that stand for the tested film frames, at the very same places.

        Args:
            picture: returns the picture for a film index, uint8 RGB [H, W, 3].
        """
        return self._precision(_cut_out(picture, self.places)) / max(self.own, 0.01)

    def _precision(self, crops: Sequence[np.ndarray]) -> float:
        """Return the share of crops that lie in the manifold: as near to one of its crops as its third neighbour."""
        between = torch.cdist(torch.from_numpy(self._features(crops)).double(), self._manifold)
        return float((between <= self._radii).any(1).double().mean())


class StillFilmError(Exception):
    """The film has too little motion for a measure of wholeness."""


def _spread_places(
    changes_of: dict[int, np.ndarray], threshold: float, count: int, rng: np.random.Generator
) -> list[Place]:
    """Choose moving crops: one of each frame, then a second one of each, and so on, as many as are asked for."""
    found = []
    for frame, grid in changes_of.items():
        rows, columns = np.nonzero(grid >= threshold)
        order = rng.permutation(len(rows))[:count]
        numbers = rng.random(len(order))
        for rank, i in enumerate(order):
            found.append((rank, float(numbers[rank]), Place(frame, int(rows[i]) * GRID, int(columns[i]) * GRID)))
    return [place for *_, place in sorted(found)[:count]]


def _cut_out(picture: Callable[[int], np.ndarray], places: Sequence[Place]) -> list[np.ndarray]:
    """Return the crops at places, reading every picture once."""
    crops: dict[Place, np.ndarray] = {}
    for frame, here in groupby(sorted(places), key=lambda place: place.frame):
        scaled = at_measured_size(picture(frame))
        crops |= {place: crop(scaled, place.y, place.x) for place in here}
    return [crops[place] for place in places]
