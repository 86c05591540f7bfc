"""`evaluate`: whether continuations live for ninety seconds, beside two that certainly do not."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from train.data.film import Film, load_film
from train.data.shots import find_story
from train.errors import BundleError, OutputError
from train.evaluation.bundle_runner import Bundle, open_bundle
from train.evaluation.options import EvaluateConfig
from train.evaluation.plots import curves
from train.evaluation.reference_film import ReferenceFilm, told_frames
from train.evaluation.report import SHEET_COLUMNS, Followed, Report, Rollout, sheet, table
from train.images.contact_sheet import write_picture
from train.images.video import write_video
from train.metrics.camera_metrics import CameraMeter
from train.metrics.perceptual import Features, kernel_distance, open_features
from train.metrics.rollout_metrics import RolloutMeter
from train.runtime.output_folder import FIGURES, check_replaceable, distinct_names, files_of_report, written_whole

CURVES, SHEET = "curves.png", "contact-sheet.png"


# ----------------------------------------------------------------------------
# Rolling out.


@dataclass(frozen=True)
class Clip:
    """A video that plays a bundle as a camera would, over and over."""

    name: str
    frames: np.ndarray  # uint8 RGB [T, H, W, 3]
    every: float  # of these frames to a step

    def seen(self, step: int) -> np.ndarray:
        """What is before the camera at a step, uint8 RGB [H, W, 3]."""
        return np.asarray(self.frames[int(step * self.every) % len(self.frames)])

    @property
    def half(self) -> int:
        """Steps that half of it takes."""
        return max(1, round(len(self.frames) / self.every / 2))


@dataclass(frozen=True)
class Attempt:
    """One rollout, to be made and measured."""

    start: int  # index of the film frame that it goes on from
    seed: int | None  # of the noise; None where there is none
    frames: Iterator[np.ndarray]
    clip: Clip | None = None  # what plays it


def evaluate_bundle(
    bundle: Bundle,
    subject: ReferenceFilm,
    config: EvaluateConfig,
    features: Features | None,
    *,
    name: str,
    mix: float = 0.0,
    video: Path | None = None,
    on_rollout: Callable[[], None] = lambda: None,
) -> Report:
    """Roll a bundle out from every start with every seed; the first goes to the file `video`, if one is given."""
    clips: Sequence[Clip | None] = _clips(bundle, config) or [None]
    attempts = [
        Attempt(start, seed, _rolled_out(bundle, subject, config, start, seed, clip, mix), clip)
        for start in subject.starts(config.starts)
        for clip in clips
        for seed in range(config.seeds)
    ]
    return _report(name, attempts, subject, config, features, video, on_rollout)


def _rolled_out(
    bundle: Bundle, subject: ReferenceFilm, config: EvaluateConfig, start: int, seed: int, clip: Clip | None, mix: float
) -> Iterator[np.ndarray]:
    return bundle.roll_out(
        subject.context(start),
        _steps(subject, config),
        temperature=config.temperature,
        seed=seed,
        camera=clip.seen if clip else None,
        camera_mix=mix,
    )


def _clips(bundle: Bundle, config: EvaluateConfig) -> list[Clip]:
    """What plays the bundle."""
    if config.camera and not bundle.graph.takes_camera:
        raise BundleError(f"{bundle.name} was trained without a camera; leave --camera out, or train it with one")
    films = [(path, load_film(path, bundle.size, "crop", config.cache)) for path in config.camera]
    return [Clip(path.stem, film.frames, float(film.frame_rate / bundle.frame_rate)) for path, film in films]


def evaluate_nulls(
    subject: ReferenceFilm,
    config: EvaluateConfig,
    features: Features | None,
    on_rollout: Callable[[], None] = lambda: None,
) -> tuple[Report, Report]:
    """The two null models: the start frame held, and the film replayed from random places."""
    steps, starts = _steps(subject, config), subject.starts(config.starts)
    holds = [Attempt(start, None, islice(subject.hold(start), steps)) for start in starts]
    told = told_frames(subject.story, subject.stride)
    places = np.random.default_rng(0).choice(told, config.starts).tolist()
    replays = [Attempt(place, None, islice(subject.replay(place), steps)) for place in places]
    return (
        _report("hold", holds, subject, config, features, None, on_rollout),
        _report("replay", replays, subject, config, features, None, on_rollout),
    )


def _steps(subject: ReferenceFilm, config: EvaluateConfig) -> int:
    """Frames of a rollout: whole windows, and at least two."""
    window = subject.reference.window
    return window * max(2, round(config.seconds * subject.reference.rate / window))


def _report(
    name: str,
    attempts: Iterable[Attempt],
    subject: ReferenceFilm,
    config: EvaluateConfig,
    features: Features | None,
    video: Path | None,
    on_rollout: Callable[[], None],
) -> Report:
    steps = _steps(subject, config)
    shown = np.linspace(0, steps - 1, SHEET_COLUMNS).round().astype(int).tolist()
    rollouts: list[Rollout] = []
    felt, partings = [], []
    first: dict[tuple[int, str | None], RolloutMeter] = {}  # of each start and clip
    for attempt in attempts:
        meter, follower = RolloutMeter(subject.reference), CameraMeter()
        kept: dict[int, np.ndarray] = {}
        every = {*shown, *(range(0, steps, subject.reference.window) if features else ())}
        metered = _metered(attempt.frames, meter, every, kept)
        if attempt.clip:
            metered = _watched(metered, attempt.clip, follower)
        if video and not rollouts:
            write_video(video, metered, subject.film.step_rate(subject.stride))
        else:
            deque(metered, maxlen=0)
        if features:
            felt.append(features([kept[i] for i in range(0, steps, subject.reference.window)]))
        begun = (attempt.start, attempt.clip.name if attempt.clip else None)
        if attempt.seed is not None and begun in first:
            partings.append(meter.parting(first[begun]))
        first.setdefault(begun, meter)
        rollouts.append(
            Rollout(
                float(subject.film.times[attempt.start]),
                attempt.seed,
                meter.figures(),
                tuple(kept[i] for i in shown),
                tuple(attempt.clip.seen(i) for i in shown) if attempt.clip else (),
                _followed(follower, attempt.clip) if attempt.clip else None,
            )
        )
        on_rollout()
    distance = None
    if subject.film_features is not None and min(len(subject.film_features), steps) > 1:
        distance = round(kernel_distance(np.concatenate(felt), subject.film_features), 4)
    return Report(name, tuple(rollouts), distance, max(partings, default=None))


def _followed(meter: CameraMeter, clip: Clip) -> Followed:
    return Followed(meter.followed, meter.moved(), meter.moved(clip.half))


def _metered(
    frames: Iterator[np.ndarray], meter: RolloutMeter, wanted: set[int], kept: dict[int, np.ndarray]
) -> Iterator[np.ndarray]:
    """Pass frames on, measuring each and keeping the wanted ones."""
    for index, frame in enumerate(frames):
        meter.add(frame)
        if index in wanted:
            kept[index] = frame
        yield frame


def _watched(frames: Iterator[np.ndarray], clip: Clip, meter: CameraMeter) -> Iterator[np.ndarray]:
    """Pass frames on, each held against what the camera saw."""
    for step, frame in enumerate(frames):
        meter.add(frame, clip.seen(step))
        yield frame


# ----------------------------------------------------------------------------
# The command.


def evaluate(
    folders: Sequence[Path], film_path: Path, out: Path, config: EvaluateConfig, console: Console, *, overwrite: bool
) -> list[Report]:
    """Roll out bundles, measure, and write the report folder `out`.

    Raises:
        BundleError: a folder is no bundle.
        FilmError: the film cannot be read, or holds nothing that they could go on from.
        OutputError: `out` is taken or cannot be written.
    """
    named, out = out, out.resolve()
    check_replaceable(out, "report", files_of_report(out), overwrite=overwrite)
    bundles = [open_bundle(folder, config.provider) for folder in folders]
    names = distinct_names([bundle.name for bundle in bundles])
    features = open_features()
    subjects = _subjects(bundles, film_path, config, features, console)
    # Nulls remember nothing: they are the same whatever the context.
    distinct = {(id(subject.film), subject.stride, subject.story.shots): subject for subject in subjects}
    mixes = config.camera_mix if config.camera else (0.0,)
    each = len(mixes) * max(1, len(config.camera)) * config.starts * config.seeds
    total = len(bundles) * each + len(distinct) * 2 * config.starts
    with written_whole(out, "report") as folder, Progress(console=console, transient=True) as progress:
        task = progress.add_task("rolling out", total=total)

        def on_rollout() -> None:
            progress.advance(task)

        models = []
        for bundle, name, subject in zip(bundles, names, subjects, strict=True):
            for mix in mixes:
                called = name if len(mixes) == 1 else f"{name}-{mix:g}"
                video = folder / f"{called}.mkv"
                models.append(
                    evaluate_bundle(
                        bundle, subject, config, features, name=called, mix=mix, video=video, on_rollout=on_rollout
                    )
                )
        nulls = []
        for subject in distinct.values():
            # Bundles of other sizes or strides see another film, and so have nulls of their own.
            tag = "" if len(distinct) == 1 else " {}x{}/{}".format(*subject.film.size, subject.stride)
            for report in evaluate_nulls(subject, config, features, on_rollout):
                nulls.append(replace(report, name=report.name + tag))
        curves(folder / CURVES, models, nulls, title=bundles[0].title)
        write_picture(folder / SHEET, sheet(models))
        facts: dict[str, Any] = {
            "film": {"file": str(film_path), "sha256": subjects[0].film.source_hash, "title": bundles[0].title},
            "seconds": config.seconds,
            "temperature": config.temperature,
            "provider": config.provider,
            "camera": [str(path) for path in config.camera],
            "camera_mix": mixes,
            "models": [report.to_json() for report in models],
            "nulls": [report.to_json() for report in nulls],
            "files": sorted({path.name for path in folder.iterdir()} | {FIGURES}),
        }
        (folder / FIGURES).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    # A terminal has a width; a file or a pipe takes as much as the table needs.
    width = console.width if console.is_terminal else 60 + 26 * (len(models) + len(nulls))
    Console(file=console.file, quiet=console.quiet, markup=False, width=width).print(table(models, nulls))
    console.print(f"report: {named} ({', '.join(facts['files'])})")
    return [*models, *nulls]


def _subjects(
    bundles: list[Bundle], path: Path, config: EvaluateConfig, features: Features | None, console: Console
) -> list[ReferenceFilm]:
    """One for each bundle; bundles that see the same film in the same way share it."""
    known: dict[tuple[Any, ...], ReferenceFilm] = {}
    films: dict[tuple[Any, ...], Film] = {}
    found = []
    for bundle in bundles:
        fit = config.fit or bundle.fit or "crop"
        end = config.end or bundle.end
        if (bundle.size, fit) not in films:
            films[bundle.size, fit] = load_film(path, bundle.size, fit, config.cache)
        film = films[bundle.size, fit]
        # A bundle tells the time of its last frame rounded, maybe down.
        until = end + 0.5 / float(film.frame_rate) if end and not config.end else end
        key = (bundle.size, fit, until, bundle.stride, bundle.context_frames)
        if key not in known:
            story = find_story(film, until)
            known[key] = ReferenceFilm.of(film, story, bundle.stride, bundle.context_frames, features)
        if bundle.film_sha256 not in (None, film.source_hash):
            console.print(
                f"{bundle.name} was made of another file than {path}; its figures mean little if not re-encoded"
            )
        rate = film.step_rate(bundle.stride)
        if abs(rate / bundle.frame_rate - 1) > 0.01:
            console.print(f"{bundle.name} runs at {bundle.frame_rate} frames a second, but {path} would make it {rate}")
        found.append(known[key])
    return found


def split_paths(paths: Sequence[Path]) -> tuple[list[Path], Path]:
    """Bundles and their film, which is named last.

    Raises:
        OutputError: there is only one path.
    """
    if len(paths) < 2:
        raise OutputError("give one bundle or more, and then their film: evaluate BUNDLE... FILM")
    return list(paths[:-1]), paths[-1]
