"""The bundle of a run on pictures: a graph without memory, checked against the checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from train.errors import ExportError, RunError
from train.evaluation.bundle_runner import CameraGraph
from train.export.model_card import PictureFigures, picture_card
from train.export.onnx_file import save_graph
from train.images.contact_sheet import write_picture
from train.models.generator import parameter_count
from train.pix2pix.metrics import paint, pairs_sheet, seen_of
from train.pix2pix.translator import CameraStep, Translator, TranslatorConfig
from train.runtime.checkpoint import load_checkpoint
from train.runtime.output_folder import written_whole
from train.runtime.run_folder import PictureFacts, Run

FRAME_RATE = "30"  # frames a second at most: that of most webcams
PARITY_NOISE = 8  # pictures of it that are painted beside those that were kept aside


def export_pictures(run: Run, facts: PictureFacts, settings: dict[str, Any], out: Path, console: Console) -> None:
    """Write the bundle of a run to the folder `out`, which is free or may be replaced.

    Raises:
        RunError: the run folder is not whole.
        OutputError: `out` cannot be written.
        ExportError: the graph does not do what the checkpoint does.
    """
    a, b = run.load_examples()
    state = load_checkpoint(run.best if run.best.is_file() else run.checkpoint)
    translator = _averaged_translator(state, settings)
    with written_whole(out.resolve(), "bundle") as folder:
        graph = folder / "generator.onnx"
        write_camera_graph(graph, translator, facts)
        noise = np.random.default_rng(0).integers(0, 256, (PARITY_NOISE, *a.shape[1:]), np.uint8)
        cameras = np.concatenate([a, noise])
        exported = CameraGraph(graph)
        shown = [exported.picture(camera) for camera in cameras]
        expected = list(paint(translator, cameras, torch.device("cpu")))
        difference = np.abs(np.stack(shown).astype(np.int16) - np.stack(expected))
        worst, differing = int(difference.max()), float((difference > 0).mean())
        parity = (
            f"over {len(a)} pictures kept aside and {len(noise)} of noise, at most {worst} of 255 levels "
            f"({100 * differing:.3f} % of pixels differ at all)"
        )
        console.print(f"parity {parity}")
        if worst > 1:
            raise ExportError(
                f"the exported graph differs from the checkpoint by {worst} levels; "
                "this is a fault of this program or of its libraries' versions, please report it"
            )
        seen = seen_of(translator.reduce, a)
        write_picture(
            folder / "contact-sheet.png", pairs_sheet({"seen": seen, "ours": shown[: len(a)], "true": list(b)})
        )
        figures = PictureFigures(
            parameters=parameter_count(translator), steps=state["steps"], minutes=state["seconds"] / 60, parity=parity
        )
        (folder / "README.md").write_text(picture_card(facts, settings, figures), encoding="utf-8")
    console.print(f"bundle: {out}")
    console.print(f"next: python run_live.py --model {out}")


def write_camera_graph(path: Path, translator: Translator, facts: PictureFacts) -> None:
    """Export one step of the show as a self-contained ONNX file with complete metadata."""
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
            # For the studio alone: how to read the pictures again as they were read for this training.
            "pictures_sha256": facts.source_hash,
            "fit": facts.fit,
            "direction": facts.direction,
        },
    )


def _averaged_translator(state: dict[str, Any], settings: dict[str, Any]) -> Translator:
    try:
        shape = TranslatorConfig(
            settings["use"], settings["network"], tuple(settings["channels"]), tuple(settings["blocks"])
        )
        translator = Translator(shape)
        translator.load_state_dict(state["ema"])
    except (KeyError, RuntimeError, TypeError) as error:
        raise RunError("checkpoint and run.json do not belong together; train this run anew") from error
    return translator.eval()
