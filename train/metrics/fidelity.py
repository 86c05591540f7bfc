"""Fidelity of a rollout to what is in the film's pictures: whole things, still ground, no hops, no endless shot.

These figures and their bars are reported only. They do not enter the score that chooses a checkpoint, nor the number
of bars met: the network of today meets none of the first two. That changes with the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from train.data.shots import Shot
from train.images.frames import Frames
from train.metrics.one_step import target_frames
from train.metrics.perceptual import Features
from train.metrics.scoring import Bar, Words
from train.metrics.shot_stays import ShotFinder, ShotMeter, ShotStays
from train.metrics.steadiness import Steadiness, SteadinessMeter, film_steadiness
from train.metrics.wholeness import StillFilmError, Wholeness

ONE_STEP_BARS = (
    Bar("over_copying", "one step: error over that of copying", high=0.5, words=Words("steps", high="inexact")),
    Bar("over_better", "one step: error over the better of copy and line"),
    Bar("picture_over_copying", "one step: over copying, full size"),
    Bar("picture_over_better", "one step: over the better, full size"),
    Bar("wholeness", "one step: wholeness", low=0.35, words=Words("steps", "breaking things")),
)
# Of `train.metrics.rollout_metrics`, without limits: a film changes from shot to shot itself. The null models stand
# beside them.
DRIFT_BARS = (
    Bar("clarity_drift", "drift of clarity (VDE)"),
    Bar("motion_drift", "drift of motion (VDE)"),
)


@dataclass(frozen=True)
class FidelityFigures:
    """Figures of one rollout, with the film's own beside them."""

    film: Steadiness
    wholeness: float | None  # see `train.metrics.wholeness`; None where it is not measured
    flicker: float  # this and the next: see `train.metrics.steadiness`
    jumps: float
    shot_shares: tuple[float, ...]  # share of its frames in each shot of the story, in order
    largest_share: float
    longest_stay: float  # seconds without leaving a shot

    def to_json(self) -> dict[str, Any]:
        """Return all figures as plain numbers and lists, rounded to five digits."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return None if value is None else float(f"{value:.5g}")


class FilmFidelity:
    """A film, measured once, as the yardstick of these figures.

    Attributes:
        targets: film indices that single steps are to predict; none of them is in the manifold of `wholeness`.
        wholeness: None where it is not measured.
        without_wholeness: the reason; empty if it is measured.
        steadiness: of the film.
    """

    def __init__(
        self,
        frames: Frames,
        shots: Sequence[Shot],
        *,
        stride: int,
        rate: float,
        context_frames: int,
        features: Features | None,
    ) -> None:
        """Measure the story of a film.

        Args:
            frames: uint8 RGB [T, H, W, 3] of the rollouts' size; may be memory-mapped.
            shots: of the story.
            stride: film frames of a step.
            rate: steps a second.
            context_frames: K.
            features: of `open_crop_features`; None leaves wholeness out.
        """
        self.rate = rate
        self.window = max(1, round(rate))  # frames
        self.targets = target_frames(shots, stride, context_frames)
        self.steadiness = film_steadiness(frames, shots, stride, rate)
        self.shots = ShotFinder(frames, shots)
        self.wholeness: Wholeness | None = None
        self.without_wholeness = ""
        if features is None:
            self.without_wholeness = 'its network is not installed; pip install -e ".[perceptual]" brings it'
            return
        try:
            self.wholeness = Wholeness(frames, shots, stride, self.targets, features)
        except StillFilmError as error:
            self.without_wholeness = str(error)


class FidelityMeter:
    """Takes a rollout frame by frame and measures it."""

    def __init__(self, film: FilmFidelity) -> None:
        """Begin a rollout."""
        self._film = film
        self._steadiness = SteadinessMeter(film.window, film.rate)
        self._shots = ShotMeter(film.shots, film.rate)
        self._crops = film.wholeness.sample() if film.wholeness else None

    def add(self, frame: np.ndarray) -> None:
        """Add the next frame, uint8 RGB [H, W, 3] of the film's size."""
        self._steadiness.add(frame)
        self._shots.add(frame)
        if self._crops:
            self._crops.add(frame)

    def figures(self) -> FidelityFigures:
        """Return the figures of the frames so far; there must be one at least."""
        steady: Steadiness = self._steadiness.figures()
        stays: ShotStays = self._shots.figures()
        whole = None
        if self._film.wholeness and self._crops:
            whole = self._film.wholeness.of_crops(self._crops.crops)
        return FidelityFigures(
            self._film.steadiness,
            whole,
            steady.flicker,
            steady.jumps,
            stays.shares,
            max(stays.shares),
            stays.longest,
        )


def fidelity_bars(film: Steadiness) -> tuple[Bar, ...]:
    """Return the bars for rollouts of a film; a figure without limits is shown only."""
    return (
        Bar("wholeness", "wholeness of what moves", low=0.25, words=Words("things", "coming apart")),
        Bar("flicker", "flicker, levels", high=film.flicker + 0.5, words=Words("surfaces", high="flickering")),
        Bar("jumps", "jumps a minute", high=1.5 * film.jumps, words=Words("frames", high="jumping")),
        Bar("largest_share", "largest share of a shot"),
        Bar("longest_stay", "longest stay in a shot, seconds"),
    )
