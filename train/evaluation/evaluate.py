"""`evaluate`: measure continuations beside null models, and write the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from train.data.film import Film
from train.data.films import load_films
from train.data.shots import find_story
from train.errors import OutputError
from train.evaluation.bundle_runner import Bundle, is_bundle, open_bundle
from train.evaluation.measurement import Measurement
from train.evaluation.options import EvaluateConfig
from train.evaluation.plots import curves
from train.evaluation.reference_film import ReferenceFilm
from train.evaluation.report import Report, sheet, tables
from train.evaluation.side_by_side import write_side_by_side
from train.images.contact_sheet import write_picture
from train.metrics.fidelity import FilmFidelity
from train.metrics.perceptual import Features, open_crop_features, open_features
from train.runtime.output_folder import FIGURES, check_replaceable, distinct_names, files_of_report, written_whole

CURVES, SHEET, SIDE_BY_SIDE = "curves.png", "contact-sheet.png", "side-by-side.mkv"


@dataclass(frozen=True)
class _Candidate:
    """A bundle, its name in the report, and its film as the bundle reads it."""

    bundle: Bundle
    name: str
    film: ReferenceFilm
    fidelity: FilmFidelity


def evaluate(
    folders: Sequence[Path],
    film_paths: Sequence[Path],
    out: Path,
    config: EvaluateConfig,
    console: Console,
    *,
    overwrite: bool,
) -> list[Report]:
    """Roll out bundles, measure, and write the report folder `out`.

    Args:
        folders: bundles, or networks in bundles.
        film_paths: their film, of one file or several, as `fit` read it.
        out: report folder.
        config: how to roll out.
        console: for progress and the table.
        overwrite: replace a report that exists.

    Raises:
        BundleError: a folder is no bundle.
        FilmError: the film cannot be read, or is too short to continue.
        OutputError: `out` exists already or cannot be written.
    """
    named, out = out, out.resolve()
    check_replaceable(out, "report", files_of_report(out), overwrite=overwrite)
    bundles = [open_bundle(folder, config.provider) for folder in folders]
    # No bundle's video takes the name of the one that shows them all.
    _, *names = distinct_names([Path(SIDE_BY_SIDE).stem, *(bundle.name for bundle in bundles)])
    features = open_features()
    films = _reference_films(bundles, film_paths, config, features, console)
    fidelities = _fidelities(films, open_crop_features() if features else None, console)
    candidates = [_Candidate(*each) for each in zip(bundles, names, films, fidelities, strict=True)]
    with written_whole(out, "report") as folder:
        models, nulls = _measure(candidates, config, features, folder, console)
        curves(folder / CURVES, models, nulls, title=bundles[0].title)
        write_picture(folder / SHEET, sheet(models))
        if len(models) > 1:
            write_side_by_side(folder / SIDE_BY_SIDE, [folder / f"{report.name}.mkv" for report in models])
        facts: dict[str, Any] = {
            "film": {"file": _named(film_paths), "sha256": films[0].film.source_hash, "title": bundles[0].title},
            "seconds": config.seconds,
            "temperature": config.temperature,
            "provider": config.provider,
            "camera": [str(path) for path in config.camera],
            "camera_mix": _mixes(config),
            "models": [report.to_json() for report in models],
            "nulls": [report.to_json() for report in nulls],
            "files": sorted({path.name for path in folder.iterdir()} | {FIGURES}),
        }
        (folder / FIGURES).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    # A terminal has a width; a file or a pipe takes as much as the table needs.
    width = console.width if console.is_terminal else 60 + 26 * (len(models) + len(nulls))
    plain = Console(file=console.file, quiet=console.quiet, markup=False, width=width)
    plain.print(f"median (worst) of {len(models[0].rollouts)} rollouts\n", highlight=False)
    for table in tables(models, nulls, width):
        plain.print(table, end="\n\n")
    console.print(f"report: {named} ({', '.join(facts['files'])})")
    return [*models, *nulls]


def split_paths(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Split the paths of the command into bundles and the files or folders of their film.

    The first path is a bundle; the films begin after the last path that has the form of one.

    Raises:
        OutputError: no film follows.
    """
    last = max((number for number, path in enumerate(paths) if is_bundle(path)), default=0)
    bundles, films = list(paths[: last + 1]), list(paths[last + 1 :])
    if not films:
        raise OutputError("give one bundle or more, and then their film: evaluate BUNDLE... FILM...")
    return bundles, films


def _named(film_paths: Sequence[Path]) -> str:
    return ", ".join(str(path) for path in film_paths)


def _mixes(config: EvaluateConfig) -> tuple[float, ...]:
    return config.camera_mix if config.camera else (0.0,)


def _measure(
    candidates: Sequence[_Candidate], config: EvaluateConfig, features: Features | None, folder: Path, console: Console
) -> tuple[list[Report], list[Report]]:
    """Measure all bundles and the null models of their films; the first rollout of each bundle goes to a video."""
    mixes = _mixes(config)
    # The null models use no context, so films that differ in nothing else share them.
    distinct = {(id(each.film.film), each.film.stride, each.film.story.shots): each for each in candidates}
    rollouts = len(mixes) * max(1, len(config.camera)) * config.starts * config.seeds
    total = len(candidates) * rollouts + len(distinct) * (2 * config.starts + 1)
    models, nulls = [], []
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("rolling out", total=total)

        def on_rollout() -> None:
            progress.advance(task)

        for each in candidates:
            measurement = Measurement(each.film, each.fidelity, config, features, on_rollout)
            for mix in mixes:
                name = each.name if len(mixes) == 1 else f"{each.name}-{mix:g}"
                models.append(measurement.measure_bundle(each.bundle, name=name, mix=mix, video=folder / f"{name}.mkv"))
        for each in distinct.values():
            film = each.film
            # Bundles of other sizes or strides see another film, which has null models of its own.
            tag = "" if len(distinct) == 1 else " {}x{}/{}".format(*film.film.size, film.stride)
            reports = Measurement(film, each.fidelity, config, features, on_rollout).measure_nulls()
            nulls += [replace(report, name=report.name + tag) for report in reports]
    return models, nulls


def _reference_films(
    bundles: list[Bundle], paths: Sequence[Path], config: EvaluateConfig, features: Features | None, console: Console
) -> list[ReferenceFilm]:
    """Read and measure the film for each bundle; bundles that read it in the same way share the result."""
    measured: dict[tuple[Any, ...], ReferenceFilm] = {}
    films: dict[tuple[Any, ...], Film] = {}
    found = []
    for bundle in bundles:
        fit = config.fit or bundle.fit or "crop"
        end = bundle.end if config.end is None else config.end
        if (bundle.size, fit, end) not in films:
            films[bundle.size, fit, end] = load_films(paths, bundle.size, fit, config.cache, end=end, say=console.print)
        film = films[bundle.size, fit, end]
        end = config.end
        if end is None and bundle.end is not None:
            # A bundle holds the time of its last frame rounded, perhaps down.
            end = bundle.end + 0.5 / float(film.frame_rate)
        key = (bundle.size, fit, end, bundle.stride, bundle.context_frames)
        if key not in measured:
            story = find_story(film, end)
            measured[key] = ReferenceFilm.of(film, story, bundle.stride, bundle.context_frames, features)
        _warn_of_another_film(bundle, film, _named(paths), console)
        found.append(measured[key])
    return found


def _fidelities(films: Sequence[ReferenceFilm], features: Features | None, console: Console) -> list[FilmFidelity]:
    """Measure the film of each bundle once more, as the yardstick of fidelity."""
    measured: dict[int, FilmFidelity] = {}
    for film in films:
        if id(film) in measured:
            continue
        with console.status("measuring the film"):
            measured[id(film)] = FilmFidelity(
                film.film.frames,
                film.story.shots,
                stride=film.stride,
                rate=film.statistics.rate,
                context_frames=film.windows.context_frames,
                features=features,
            )
        if reason := measured[id(film)].without_wholeness:
            console.print(f"wholeness is left out: {reason}", markup=False)
    return [measured[id(film)] for film in films]


def _warn_of_another_film(bundle: Bundle, film: Film, named: str, console: Console) -> None:
    if bundle.film_sha256 not in (None, film.source_hash):
        console.print(
            f"{bundle.name} was made from another file than {named}; unless that is the same film in another encoding, "
            "its figures mean little"
        )
    rate = film.step_rate(bundle.stride)
    if abs(rate / bundle.frame_rate - 1) > 0.01:
        console.print(
            f"{bundle.name} runs at {bundle.frame_rate} frames a second, but would run at {rate} with {named}"
        )
