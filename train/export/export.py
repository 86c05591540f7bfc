"""`export`: from a run folder to the bundle that the stage plays, checked against the checkpoint."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from train.errors import ExportError, RunError
from train.evaluation.bundle_runner import Graph
from train.evaluation.rollout import rollout_sheet, sheet_steps
from train.export.model_card import CardFigures, card
from train.export.onnx_file import save_graph
from train.export.parity import PARITY_STEPS, Parity, roll_both
from train.export.quantization import compare, halved, quantise
from train.images.contact_sheet import write_picture
from train.images.video import LOSSLESS, write_video
from train.models.film_memory import FilmMemory
from train.models.generator import Generator, GeneratorConfig, parameter_count
from train.models.show_step import ShowStep, first_context
from train.pix2pix.export import export_pictures
from train.runtime.checkpoint import load_checkpoint
from train.runtime.output_folder import check_replaceable, written_whole
from train.runtime.run_folder import FilmFacts, PictureFacts, Run

BUNDLE_FILES = {
    "generator.onnx",
    "generator.int8.onnx",
    "generator.fp16.onnx",
    "seed.mkv",
    "README.md",
    "contact-sheet.png",
}
CARD_SECONDS = 90.0


def export(run_folder: Path, out: Path, console: Console, *, overwrite: bool) -> None:
    """Write the bundle of a run to the folder `out`.

    Raises:
        RunError: the run folder is not whole.
        OutputError: `out` is taken or cannot be written.
        ExportError: the graph does not do what the checkpoint does.
    """
    named, out = out, out.resolve()
    check_replaceable(out, "bundle", BUNDLE_FILES, overwrite=overwrite)
    run = Run(run_folder)
    facts, settings = run.load_facts()
    if isinstance(facts, PictureFacts):
        export_pictures(run, facts, settings, named, console)
        return
    seed, starts = run.load_tail()
    state = load_checkpoint(run.best if run.best.is_file() else run.checkpoint)
    generator = _averaged_generator(state, settings, facts.size)
    context = first_context(seed, generator.config.context_frames)

    with written_whole(out, "bundle") as folder:
        graph = folder / "generator.onnx"
        write_graph(graph, generator, facts, starts)
        rate = Fraction(facts.frame_rate)
        metadata = {"title": facts.title, "copyright": facts.rights}
        write_video(folder / "seed.mkv", seed, rate, LOSSLESS, metadata)

        exported = Graph(graph)
        shown = max(2, int(CARD_SECONDS * rate))
        parity, frames = roll_both(generator, exported, context, max(PARITY_STEPS, shown), set(sheet_steps(shown)))
        console.print(
            f"parity over {PARITY_STEPS} steps: from the same context no pixel differs by more than "
            f"{parity.worst_step} of 255 levels ({100 * parity.differing:.3f} % differ at all); "
            f"each on its own output, {parity.drift:.2f} levels apart at the end"
        )
        if parity.worst_step > 1:
            raise ExportError(
                f"the exported graph differs from the checkpoint by {parity.worst_step} levels in one step; "
                "this is a fault of this program or of its libraries' versions, please report it"
            )
        precisions = _in_fewer_bits(folder, generator, facts, starts, context.numpy(), console)
        write_picture(folder / "contact-sheet.png", rollout_sheet(frames, shown, float(rate)))
        figures = _figures(shown / float(rate), state, generator, parity, precisions)
        (folder / "README.md").write_text(card(facts, settings, figures), encoding="utf-8")
    console.print(f"bundle: {named}")
    console.print(f"next: python run_live.py --model {named}")


def _in_fewer_bits(
    folder: Path, generator: Generator, facts: FilmFacts, starts: list[int], context: np.ndarray, console: Console
) -> list[str]:
    """Write the network in fewer bits, too, and keep what holds beside the plain one; says of each what it found."""
    plain = folder / "generator.onnx"
    int8, fp16 = (folder / f"generator.{precision}.onnx" for precision in ("int8", "fp16"))
    quantise(plain, int8, context)
    write_graph(fp16, halved(generator), facts, starts)
    found = []
    for path in (int8, fp16):
        likeness = compare(plain, path, context)
        if not likeness.true:
            path.unlink()
        found.append(f"{path.name}: {likeness} of the plain network's{'' if likeness.true else '; so it is left out'}")
        console.print(found[-1])
    return found


def _averaged_generator(state: dict[str, Any], settings: dict[str, Any], size: tuple[int, int]) -> Generator:
    try:
        shape = GeneratorConfig(
            context_frames=settings["context_frames"],
            channels=tuple(settings["channels"]),
            blocks=tuple(settings["blocks"]),
            scale=settings["scale"],
            enlarger_channels=settings["enlarger_channels"],
            guided=settings["guided"],
            camera=settings.get("camera", False),
        )
        generator = Generator(shape, _memory(state["ema"], size, shape) if shape.guided else None)
        generator.load_state_dict(state["ema"])
    except (KeyError, RuntimeError, TypeError) as error:
        raise RunError("checkpoint and run.json do not belong together; train this run anew") from error
    return generator.eval()


def _memory(weights: dict[str, torch.Tensor], size: tuple[int, int], shape: GeneratorConfig) -> FilmMemory:
    width, height = size
    known = {name.removeprefix("memory."): tensor for name, tensor in weights.items() if name.startswith("memory.")}
    return FilmMemory((height // shape.multiple, width // shape.multiple), **known)


# ----------------------------------------------------------------------------
# The graph.


def write_graph(path: Path, generator: Generator, facts: FilmFacts, seed_shot_starts: list[int]) -> None:
    """Export one step of the show as a self-contained ONNX file with complete metadata."""
    width, height = facts.size
    frames = generator.config.context_frames
    inputs = {
        "context": torch.zeros(1, 3 * frames, height, width, dtype=generator.enlarger.stem.weight.dtype),
        "noise": torch.zeros(1, 1, height, width),
        "temperature": torch.zeros(1),
    }
    if generator.config.camera:
        inputs["camera"] = torch.zeros(height, width, 3, dtype=torch.uint8)
        inputs["camera_mix"] = torch.zeros(1)
    save_graph(
        path,
        ShowStep(generator),
        inputs,
        ("frame", "next_context"),
        {
            "title": facts.title,
            "rights": facts.rights,
            "frame_rate": facts.frame_rate,
            "stride": str(facts.stride),
            "context_frames": str(frames),
            "camera_use": "guide" if generator.config.camera else "none",
            "seed_shot_starts": json.dumps(seed_shot_starts),
            "life_signs": json.dumps(facts.life_signs),
            # For the studio alone: how to read the film again as it was read for this training.
            "film_sha256": facts.source_hash,
            "fit": facts.fit,
            "end": str(facts.end),
        },
    )


# ----------------------------------------------------------------------------
# The proof.


def _figures(
    seconds: float, state: dict[str, Any], generator: Generator, parity: Parity, precisions: list[str]
) -> CardFigures:
    return CardFigures(
        parameters=parameter_count(generator),
        moments=0 if generator.memory is None else len(generator.memory.newest),
        steps=state["steps"],
        minutes=state["seconds"] / 60,
        seconds=seconds,
        parity=(
            f"{PARITY_STEPS} steps; from the same context at most {parity.worst_step} of 255 levels "
            f"({100 * parity.differing:.3f} % of pixels differ at all), "
            f"on its own output {parity.drift:.2f} levels apart at the end"
            + (f"; {parity.ties} steps left out, at which two moments were equally like" if parity.ties else "")
        ),
        precisions=precisions,
        report=state.get("report", []),
    )
