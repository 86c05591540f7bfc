"""Fidelity of a model to what is in the film's pictures: whole things, still ground, no hops, exact single steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from train.data.shots import Shot
from train.images.frames import Frames
from train.metrics.coherence import Coherence, measure_coherence
from train.metrics.one_step import MOST_TARGETS, OneStep, measure_one_step, target_frames
from train.metrics.perceptual import Features
from train.metrics.shot_stays import ShotFinder, ShotMeter, ShotStays
from train.metrics.steadiness import Steadiness, SteadinessMeter, film_steadiness
from train.metrics.wholeness import StillFilmError, Wholeness


@dataclass(frozen=True)
class FidelityFigures:
    """Figures of one rollout, with the film's own beside them."""

    film: Steadiness
    wholeness: float | None  # see `train.metrics.wholeness`; None where it is not measured
    flicker: float  # this and the next two: see `train.metrics.steadiness`
    grain: float
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
        most_targets: int = MOST_TARGETS,
    ) -> None:
        """Measure the story of a film.

        Args:
            frames: uint8 RGB [T, H, W, 3] of the rollouts' size; may be memory-mapped.
            shots: of the story.
            stride: film frames of a step.
            rate: steps a second.
            context_frames: K.
            features: of `open_crop_features`; None leaves wholeness out.
            most_targets: single steps to predict at most.
        """
        self.rate = rate
        self._frames, self._stride = frames, stride
        self.window = max(1, round(rate))  # frames
        self.targets = target_frames(shots, stride, context_frames, most_targets)
        self.steadiness = film_steadiness(frames, shots, stride, rate)
        self.shots = ShotFinder(frames, shots)
        self.wholeness: Wholeness | None = None
        self.without_wholeness = ""
        if features is None:
            self.without_wholeness = 'install ".[perceptual]" for it'
            return
        try:
            self.wholeness = Wholeness(frames, shots, stride, self.targets, features)
        except StillFilmError as error:
            self.without_wholeness = str(error)

    def measure_steps(self, predict: Callable[[int], np.ndarray]) -> OneStep | None:
        """Measure single steps of a model from contexts of the film; None if no shot is long enough.

        Args:
            predict: returns the model's prediction of a film frame from those before it, uint8 RGB [H, W, 3].
        """
        if not self.targets:
            return None
        predicted = {target: predict(target) for target in self.targets}
        whole = self.wholeness.of_pictures(predicted.__getitem__) if self.wholeness else None
        return measure_one_step(predicted.__getitem__, self._frames, self.targets, self._stride, whole)

    def measure_coherence(self, roll_out: Callable[[int, int], Iterator[np.ndarray]]) -> Coherence | None:
        """Measure short rollouts from contexts of the film, as `measure_coherence` does; None without wholeness."""
        return measure_coherence(roll_out, self.targets, self.wholeness) if self.wholeness else None


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
            steady.grain,
            steady.jumps,
            stays.shares,
            max(stays.shares),
            stays.longest,
        )
