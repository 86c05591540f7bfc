"""`evaluate --pairs`: distance of generated pictures from their targets, on pairs that were not trained on."""

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

from live.reading.text import printable
from train.errors import BundleError
from train.evaluation.bundle_runner import CameraGraph
from train.images.contact_sheet import write_picture
from train.images.resizing import ResizeMode
from train.metrics.perceptual import open_features
from train.pix2pix.metrics import PairFigures, PairReference, pairs_sheet
from train.pix2pix.pairs import Direction, Pairs, Size, read_pairs
from train.runtime.output_folder import FIGURES, check_replaceable, distinct_names, files_of_report, written_whole

SHEET = "contact-sheet.png"


@dataclass(frozen=True)
class PairBundle:
    """Bundle of a training on pairs."""

    name: str
    graph: CameraGraph
    title: str
    source_hash: str  # of the pairs that it was trained on
    reading: tuple[Size, ResizeMode, Direction]  # how these were read


def open_pair_bundle(folder: Path) -> PairBundle:
    """Open the bundle in `folder`.

    Raises:
        BundleError: the bundle is missing, not as `export` writes it, or not trained on pairs.
    """
    if not folder.is_dir():
        raise BundleError(f"there is no bundle {folder}; give a folder that `python -m train export` wrote")
    graph = CameraGraph(folder / "generator.onnx")
    metadata = graph.metadata
    if metadata.get("camera_use") != "pairs":
        raise BundleError(f"{folder} was not trained on pairs; --pairs can only measure bundles that were")
    try:
        mode, direction = metadata["fit"], metadata["direction"]
        if mode not in get_args(ResizeMode) or direction not in get_args(Direction):
            raise ValueError(f"fit {mode}, direction {direction}")
        reading = (graph.size, mode, direction)
        name = printable(folder.resolve().name)
        return PairBundle(name, graph, metadata["title"], metadata["pictures_sha256"], reading)  # type: ignore[arg-type]  # checked above
    except (KeyError, ValueError) as error:
        raise BundleError(
            f"{folder}/generator.onnx does not have the metadata that `export` writes ({error}); export it again"
        ) from error


def evaluate_pairs(folders: Sequence[Path], source: Path, out: Path, console: Console, *, overwrite: bool) -> None:
    """Translate the pairs of `source` that no bundle was trained on, measure, and write the report folder `out`.

    If a bundle was trained on this folder, these are the pairs that `fit` held out; else all pairs.

    Raises:
        BundleError: a folder is no bundle of pairs, or the bundles differ in size, fit or direction.
        PicturesError: the pairs cannot be read.
        OutputError: `out` exists or cannot be written.
    """
    given_out, out = out, out.resolve()
    check_replaceable(out, "report", files_of_report(out), overwrite=overwrite)
    bundles = [open_pair_bundle(folder) for folder in folders]
    size, mode, direction = bundles[0].reading
    for other in bundles[1:]:
        if other.reading != bundles[0].reading:
            raise BundleError(
                f"{other.name} and {bundles[0].name} differ in size, fit or direction and need different pictures; "
                "evaluate each by itself"
            )
    pairs = read_pairs(source, "pairs", direction, mode, lambda first: size)
    indices = _unseen(pairs, bundles, console)
    reference = PairReference(pairs.a[indices], pairs.b[indices], open_features())
    columns: dict[str, Sequence[np.ndarray]] = {"input": list(reference.a)}
    measured: dict[str, PairFigures] = {}
    for name, bundle in zip(distinct_names([bundle.name for bundle in bundles]), bundles, strict=True):
        generated = [
            bundle.graph.picture(camera)
            for camera in track(reference.a, f"translating with {name}", console=console, transient=True)
        ]
        measured[name] = reference.measure(generated)
        columns[name] = generated
    columns["target"] = list(reference.b)
    nulls = reference.nulls()
    with written_whole(out, "report") as folder:
        write_picture(folder / SHEET, pairs_sheet(columns))
        facts: dict[str, Any] = {
            "pairs": {
                "folder": str(source),
                "sha256": pairs.source_hash,
                "count": len(indices),
                "direction": direction,
            },
            "models": [_to_json(name, figures) for name, figures in measured.items()],
            "nulls": [_to_json(name, figures) for name, figures in nulls.items()],
            "files": sorted([FIGURES, SHEET]),
        }
        (folder / FIGURES).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    console.print(_table(measured, nulls, len(indices)))
    console.print(f"report: {given_out} ({', '.join(facts['files'])})")


def _unseen(pairs: Pairs, bundles: Sequence[PairBundle], console: Console) -> list[int]:
    """Return the indices of the pairs that no bundle was trained on."""
    trained_here = [bundle.name for bundle in bundles if bundle.source_hash == pairs.source_hash]
    if not trained_here:
        console.print(f"all {len(pairs.names)} pairs: none of these bundles was trained on this folder")
        return list(range(len(pairs.names)))
    indices = pairs.held_out_indices
    console.print(f"the {len(indices)} pairs of this folder that the training of {', '.join(trained_here)} held out")
    return indices


def _to_json(name: str, figures: PairFigures) -> dict[str, Any]:
    distance = figures.kernel_distance
    return {
        "name": name,
        "l1": round(figures.l1, 3),
        "kernel_distance": None if distance is None else round(distance, 4),
    }


def _table(models: dict[str, PairFigures], nulls: dict[str, PairFigures], count: int) -> Table:
    table = Table(title=f"{count} pictures", title_justify="left")
    table.add_column("")
    table.add_column("L1, levels of 255")
    table.add_column("KID")
    for name, figures in [*models.items(), *nulls.items()]:
        distance = "–" if figures.kernel_distance is None else f"{figures.kernel_distance:.3f}"
        table.add_row(name, f"{figures.l1:.1f}", distance, style=None if name in models else "dim")
    return table
