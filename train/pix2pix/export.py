"""Export of a run on pictures: a bundle with a graph without memory, checked against the checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from train.console import command_names
from train.errors import ExportError, RunError
from train.evaluation.bundle_runner import CameraGraph
from train.export.checksums import write_checksums
from train.export.model_card import CONTACT_SHEET, SHEET_PICTURE_WIDTH, PictureFigures, picture_card
from train.export.onnx_file import save_graph
from train.export.weights import check_shape, with_weights
from train.images.contact_sheet import reduced, write_picture
from train.models.generator import parameter_count
from train.pix2pix.metrics import pairs_sheet, reduced_pictures, translate
from train.pix2pix.translator import CameraStep, Translator, TranslatorConfig
from train.runtime.checkpoint import load_checkpoint
from train.runtime.output_folder import BUNDLE_FILES, check_replaceable, written_whole
from train.runtime.run_folder import PictureFacts, Run

FRAME_RATE = "30"  # frames per second at most: the rate of most webcams
PARITY_NOISE = 8  # pictures of noise that are compared beside the held-out pictures


def export_pictures(
    run: Run, facts: PictureFacts, settings: dict[str, Any], out: Path, console: Console, *, overwrite: bool
) -> None:
    """Write the bundle of a run to the folder `out`.

    Raises:
        RunError: the run folder is incomplete or damaged.
        OutputError: `out` exists already or cannot be written.
        ExportError: the exported graph and the checkpoint give different pictures.
    """
    named, out = out, out.resolve()
    check_replaceable(out, "bundle", BUNDLE_FILES, overwrite=overwrite)
    a, b = run.load_examples()
    state = load_checkpoint(run.best if run.best.is_file() else run.checkpoint)
    translator = _averaged_translator(state, settings)
    with written_whole(out, "bundle") as folder:
        graph = folder / "generator.onnx"
        write_camera_graph(graph, translator, facts)
        outputs, parity = check_parity(CameraGraph(graph), translator, a)
        console.print(f"parity {parity}")
        columns = {"input": reduced_pictures(translator.reduction, a), "output": outputs, "target": list(b)}
        small = {name: [reduced(each, SHEET_PICTURE_WIDTH) for each in column] for name, column in columns.items()}
        write_picture(folder / CONTACT_SHEET, pairs_sheet(small))
        figures = PictureFigures(
            parameters=parameter_count(translator), steps=state["steps"], minutes=state["seconds"] / 60, parity=parity
        )
        (folder / "README.md").write_text(picture_card(facts, settings, figures), encoding="utf-8")
        write_checksums(folder)
    console.print(f"bundle: {named}")
    console.print(f"next: {command_names()[1]} --model {named}")


def write_camera_graph(path: Path, translator: Translator, facts: PictureFacts) -> None:
    """Export the translator as a self-contained ONNX file with complete metadata."""
    width, height = facts.size
    save_graph(
        path,
        CameraStep(translator),
        {"camera": torch.zeros(height, width, 3, dtype=torch.uint8)},
        ("frame",),
        {
            "title": facts.title,
            "rights": facts.rights,
            "frame_rate": FRAME_RATE,
            "stride": "1",
            "context_frames": "0",
            "camera_use": facts.use,
            "seed_shot_starts": "[]",
            # Only for `evaluate`: how to read the pictures in the same way as for the training.
            "pictures_sha256": facts.source_hash,
            "fit": facts.fit,
            "direction": facts.direction,
        },
    )


def check_parity(graph: CameraGraph, translator: Translator, cameras: np.ndarray) -> tuple[list[np.ndarray], str]:
    """Compare the exported graph with the translator on camera pictures, uint8 RGB [n, H, W, 3], and on noise.

    Returns:
        The graph's outputs for the camera pictures, and the comparison in words.

    Raises:
        ExportError: they differ by more than one level.
    """
    noise = np.random.default_rng(0).integers(0, 256, (PARITY_NOISE, *cameras.shape[1:]), np.uint8)
    inputs = np.concatenate([cameras, noise])
    outputs = [graph.picture(camera) for camera in inputs]
    expected = list(translate(translator, inputs, torch.device("cpu")))
    difference = np.abs(np.stack(outputs).astype(np.int16) - np.stack(expected))
    worst, differing = int(difference.max()), float((difference > 0).mean())
    if worst > 1:
        raise ExportError(
            f"the exported graph differs from the checkpoint by {worst} levels; "
            "this is a bug of this program or of its libraries, please report it"
        )
    parity = (
        f"over {len(cameras)} held-out pictures and {len(noise)} of noise: at most {worst} of 255 levels "
        f"({100 * differing:.3f} % of the values differ at all)"
    )
    return outputs[: len(cameras)], parity


def _averaged_translator(state: dict[str, Any], settings: dict[str, Any]) -> Translator:
    try:
        check_shape(settings["generator"])
        config = TranslatorConfig(**settings["generator"])
        translator = with_weights(lambda: Translator(config), state["ema"])
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise RunError("checkpoint and run.json do not belong together; train again in another --out") from error
    return translator.eval()
