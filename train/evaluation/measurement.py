"""Rollouts of bundles and of the null models, and their measurement."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from live.reading.text import printable
from train.data.film import load_film
from train.errors import BundleError
from train.evaluation.bundle_runner import Bundle
from train.evaluation.options import EvaluateConfig
from train.evaluation.reference_film import ReferenceFilm, story_frames
from train.evaluation.report import SHEET_COLUMNS, Report, Rollout
from train.images.frames import Frames
from train.images.video import H264, through_codec, write_video
from train.metrics.camera_metrics import CameraMeter
from train.metrics.coherence import Coherence
from train.metrics.fidelity import FidelityMeter, FilmFidelity
from train.metrics.one_step import OneStep
from train.metrics.perceptual import Features, kernel_distance
from train.metrics.rollout_metrics import RolloutMeter


@dataclass(frozen=True)
class Clip:
    """A video that plays a bundle as a camera would, in a loop."""

    name: str
    frames: Frames  # uint8 RGB [T, H, W, 3]
    frames_per_step: float

    def at(self, step: int) -> np.ndarray:
        """Return the camera picture at a step, uint8 RGB [H, W, 3]."""
        return np.asarray(self.frames[int(step * self.frames_per_step) % len(self.frames)])

    @property
    def half(self) -> int:
        """Steps that half of the clip takes."""
        return max(1, round(len(self.frames) / self.frames_per_step / 2))


@dataclass(frozen=True)
class PlannedRollout:
    """A rollout to be made and measured."""

    start: int  # index of the film frame that it continues
    seed: int | None  # of the noise; None for a null model
    frames: Iterator[np.ndarray]
    clip: Clip | None = None  # in front of the camera


@dataclass(frozen=True)
class _Measured:
    """A rollout that was made."""

    rollout: Rollout
    meter: RolloutMeter
    features: np.ndarray | None


class Measurement:
    """Rolls out and measures models on one film."""

    def __init__(
        self,
        film: ReferenceFilm,
        fidelity: FilmFidelity,
        config: EvaluateConfig,
        features: Features | None,
        on_rollout: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare.

        Args:
            film: what is continued.
            fidelity: of the same film.
            config: number and length of rollouts.
            features: of `open_features`.
            on_rollout: called after each rollout.
        """
        self.film, self.fidelity, self.config = film, fidelity, config
        self._features, self._on_rollout = features, on_rollout
        window = film.statistics.window
        # Whole windows, and at least two.
        self.steps = window * max(2, round(config.seconds * film.statistics.rate / window))
        self._shown = np.linspace(0, self.steps - 1, SHEET_COLUMNS).round().astype(int).tolist()

    def measure_bundle(self, bundle: Bundle, *, name: str, mix: float = 0.0, video: Path | None = None) -> Report:
        """Roll a bundle out from every start with every seed, and measure single steps and short rollouts of it.

        Args:
            bundle: to be measured.
            name: for the report.
            mix: camera mix, 0…1.
            video: file to which the first rollout is written.

        Raises:
            BundleError: it takes no camera, and one was asked for.
        """
        clips: list[Clip | None] = [*open_clips(bundle, self.config)] or [None]
        planned = (
            PlannedRollout(start, seed, self._roll_out(bundle, start, seed, clip, mix), clip)
            for start in self.film.starts(self.config.starts)
            for clip in clips
            for seed in range(self.config.seeds)
        )
        report = self._report(name, planned, video)
        return replace(report, one_step=self._one_step(bundle), coherence=self._coherence(bundle))

    def measure_nulls(self) -> tuple[Report, ...]:
        """Measure the null models.

        These are the start frame held, the film replayed from random places, and the film replayed from its beginning
        through H.264.
        """
        film, count = self.film, self.config.starts
        holds = [PlannedRollout(start, None, islice(film.hold(start), self.steps)) for start in film.starts(count)]
        places = np.random.default_rng(0).choice(story_frames(film.story, film.stride), count).tolist()
        replays = [PlannedRollout(place, None, islice(film.replay(place), self.steps)) for place in places]
        first = film.story.shots[0].start
        coded = through_codec(islice(film.replay(first), self.steps), film.film.step_rate(film.stride), H264)
        reports = {"hold": holds, "replay": replays, "h264": [PlannedRollout(first, None, coded)]}
        return tuple(self._report(name, planned) for name, planned in reports.items())

    def _one_step(self, bundle: Bundle) -> OneStep | None:
        """Measure single steps at temperature 0; None if no shot is long enough."""
        film, graph = self.film, bundle.graph
        noise, temperature = np.zeros(graph.noise_shape, np.float32), np.zeros(1, np.float32)

        def predict(target: int) -> np.ndarray:
            return graph.step(graph.begin(film.context(target - film.stride)), noise, temperature)[0]

        return self.fidelity.measure_steps(predict)

    def _coherence(self, bundle: Bundle) -> Coherence | None:
        film, graph = self.film, bundle.graph

        def roll_out(start: int, steps: int) -> Iterator[np.ndarray]:
            return graph.roll_out(film.context(start - film.stride), steps, temperature=0.0, seed=0)

        return self.fidelity.measure_coherence(roll_out)

    def _roll_out(self, bundle: Bundle, start: int, seed: int, clip: Clip | None, mix: float) -> Iterator[np.ndarray]:
        return bundle.graph.roll_out(
            self.film.context(start),
            self.steps,
            temperature=self.config.temperature,
            seed=seed,
            camera=clip.at if clip else None,
            camera_mix=mix,
        )

    def _report(self, name: str, planned: Iterable[PlannedRollout], video: Path | None = None) -> Report:
        rollouts, features, seconds_apart = [], [], []
        first_meters: dict[tuple[int, str | None], RolloutMeter] = {}  # of each start and clip
        for number, each in enumerate(planned):
            measured = self._measure(each, video if number == 0 else None)
            rollouts.append(measured.rollout)
            if measured.features is not None:
                features.append(measured.features)
            start = (each.start, each.clip.name if each.clip else None)
            if each.seed is not None and start in first_meters:
                seconds_apart.append(measured.meter.seconds_until_apart(first_meters[start]))
            first_meters.setdefault(start, measured.meter)
            self._on_rollout()
        distance, of_film = None, self.film.features
        if of_film is not None and min(len(of_film), self.steps) > 1:
            distance = round(kernel_distance(np.concatenate(features), of_film), 4)
        return Report(name, tuple(rollouts), distance, max(seconds_apart, default=None))

    def _measure(self, planned: PlannedRollout, video: Path | None) -> _Measured:
        """Make one rollout and measure it frame by frame; its frames are not kept, but for a few."""
        meter, camera, clip = RolloutMeter(self.film.statistics), CameraMeter(), planned.clip
        fidelity = FidelityMeter(self.fidelity)
        seconds = range(0, self.steps, self.film.statistics.window) if self._features else range(0)
        wanted, kept = {*self._shown, *seconds}, {}

        def measured() -> Iterator[np.ndarray]:
            for step, frame in enumerate(planned.frames):
                meter.add(frame)
                fidelity.add(frame)
                if clip:
                    camera.add(frame, clip.at(step))
                if step in wanted:
                    kept[step] = frame
                yield frame

        if video:
            write_video(video, measured(), self.film.film.step_rate(self.film.stride))
        else:
            deque(measured(), maxlen=0)
        rollout = Rollout(
            float(self.film.film.times[planned.start]),
            planned.seed,
            meter.figures(),
            fidelity.figures(),
            tuple(kept[i] for i in self._shown),
            tuple(clip.at(i) for i in self._shown) if clip else (),
            camera.figures(clip.half) if clip else None,
        )
        return _Measured(rollout, meter, self._features([kept[i] for i in seconds]) if self._features else None)


def open_clips(bundle: Bundle, config: EvaluateConfig) -> list[Clip]:
    """Read the videos that play a bundle, at its size.

    Raises:
        BundleError: it takes no camera.
        FilmError: a video cannot be read.
    """
    if config.camera and not bundle.graph.takes_camera:
        raise BundleError(f"{bundle.name} takes no camera; leave out --camera")
    films = [(path, load_film(path, bundle.size, "crop", config.cache, keep_bars=True)) for path in config.camera]
    return [Clip(printable(path.stem), film.frames, float(film.frame_rate / bundle.frame_rate)) for path, film in films]
