"""`evaluate --pairs`: how near painted pictures come to the true ones, of pairs that were not learnt from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from train.data.film import ResizeMode
from train.errors import BundleError
from train.evaluation.bundle_runner import CameraGraph
from train.images.contact_sheet import write_picture
from train.metrics.perceptual import open_features
from train.pix2pix.metrics import PairFigures, Yardstick, pairs_sheet
from train.pix2pix.pairs import Direction, Pairs, Size, read_pairs
from train.runtime.output_folder import FIGURES, check_replaceable, distinct_names, files_of_report, written_whole

SHEET = "contact-sheet.png"


@dataclass(frozen=True)
class PairBundle:
    """A bundle that was made of pairs."""

    name: str
    graph: CameraGraph
    title: str
    source_hash: str  # of the pairs that it was made of
    reading: tuple[Size, ResizeMode, Direction]  # how they were read


def open_pair_bundle(folder: Path) -> PairBundle:
    """Open the bundle in `folder`.

    Raises:
        BundleError: it is not there, not as `export` writes it, or not made of pairs.
    """
    if not folder.is_dir():
        raise BundleError(f"there is no bundle {folder}; give a folder that `python -m train export` wrote")
    graph = CameraGraph(folder / "generator.onnx")
    told = graph.metadata
    if told.get("camera_use") != "pairs":
        raise BundleError(f"{folder} was not made of pairs; only what was can be held against true pictures")
    try:
        fit, direction = told["fit"], told["direction"]
        if fit not in get_args(ResizeMode) or direction not in get_args(Direction):
            raise ValueError(f"fit {fit}, direction {direction}")
        reading = (graph.size, fit, direction)
        return PairBundle(folder.resolve().name, graph, told["title"], told["pictures_sha256"], reading)  # type: ignore[arg-type]  # as was just seen
    except (KeyError, ValueError) as error:
        raise BundleError(
            f"{folder}/generator.onnx lacks metadata, or has other than `export` writes ({error})"
        ) from error


def evaluate_pairs(folders: Sequence[Path], source: Path, out: Path, console: Console, *, overwrite: bool) -> None:
    """Paint the pairs of `source` that were not learnt from, measure, and write the report folder `out`.

    If the bundles were made of this very folder, these are the ones that `fit` kept aside; else all of them.

    Raises:
        BundleError: a folder is no bundle of pairs, or they were not all made alike.
        PicturesError: the pairs cannot be read.
        OutputError: `out` is taken or cannot be written.
    """
    named, out = out, out.resolve()
    check_replaceable(out, "report", files_of_report(out), overwrite=overwrite)
    bundles = [open_pair_bundle(folder) for folder in folders]
    size, fit, direction = bundles[0].reading
    for other in bundles[1:]:
        if other.reading != bundles[0].reading:
            raise BundleError(
                f"{other.name} and {bundles[0].name} differ in size, fit or direction, and cannot be held against the "
                "same pictures; evaluate each by itself"
            )
    pairs = read_pairs(source, "pairs", direction, fit, lambda first: size)
    some = _unseen(pairs, bundles, console)
    yardstick = Yardstick(pairs.a[some], pairs.b[some], open_features())
    columns: dict[str, Sequence[np.ndarray]] = {"A": list(yardstick.a)}
    measured: dict[str, PairFigures] = {}
    for name, bundle in zip(distinct_names([bundle.name for bundle in bundles]), bundles, strict=True):
        painted = [
            bundle.graph.picture(camera)
            for camera in track(yardstick.a, f"painting {name}", console=console, transient=True)
        ]
        measured[name] = yardstick.measure(painted)
        columns[name] = painted
    columns["true"] = list(yardstick.b)
    nulls = yardstick.nulls()
    with written_whole(out, "report") as folder:
        write_picture(folder / SHEET, pairs_sheet(columns))
        facts: dict[str, Any] = {
            "pairs": {"folder": str(source), "sha256": pairs.source_hash, "count": len(some), "direction": direction},
            "models": [_to_json(name, figures) for name, figures in measured.items()],
            "nulls": [_to_json(name, figures) for name, figures in nulls.items()],
            "files": sorted([FIGURES, SHEET]),
        }
        (folder / FIGURES).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    console.print(_table(measured, nulls, len(some)))
    console.print(f"report: {named} ({', '.join(facts['files'])})")


def _unseen(pairs: Pairs, bundles: Sequence[PairBundle], console: Console) -> list[int]:
    """Which of the pairs no bundle has learnt from."""
    known = [bundle.name for bundle in bundles if bundle.source_hash == pairs.source_hash]
    if not known:
        console.print(f"all {len(pairs.names)} pairs: none of these bundles was made of this folder")
        return list(range(len(pairs.names)))
    some = pairs.held_out
    console.print(f"the {len(some)} pairs that were kept aside when {', '.join(known)} learnt from this folder")
    return some


def _to_json(name: str, figures: PairFigures) -> dict[str, Any]:
    distance = figures.kernel_distance
    return {
        "name": name,
        "l1": round(figures.l1, 3),
        "kernel_distance": None if distance is None else round(distance, 4),
    }


def _table(models: dict[str, PairFigures], nulls: dict[str, PairFigures], count: int) -> Table:
    drawn = Table(title=f"of {count} pictures", title_justify="left")
    drawn.add_column("")
    drawn.add_column("L1, levels of 255")
    drawn.add_column("KID")
    for name, figures in [*models.items(), *nulls.items()]:
        distance = "–" if figures.kernel_distance is None else f"{figures.kernel_distance:.3f}"
        drawn.add_row(name, f"{figures.l1:.1f}", distance, style=None if name in models else "dim")
    return drawn
