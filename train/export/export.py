"""`export`: from the run folder of a film to the bundle that the stage plays, checked against the checkpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from train.errors import ExportError, RunError
from train.evaluation.bundle_runner import Graph
from train.evaluation.rollout import rollout_sheet, sheet_steps
from train.export.model_card import FilmCardFigures, film_card
from train.export.onnx_file import save_graph
from train.export.parity import Parity, check_parity
from train.export.quantization import compare, halved, quantise
from train.images.contact_sheet import write_picture
from train.images.video import LOSSLESS, write_video
from train.models.film_memory import FilmMemory
from train.models.generator import Generator, GeneratorConfig, parameter_count
from train.models.show_step import FilmGenerator, first_context, show_step
from train.models.unet import UNet256, UNetConfig
from train.runtime.checkpoint import load_checkpoint
from train.runtime.old_runs import rename_weights
from train.runtime.output_folder import BUNDLE_FILES, check_replaceable, written_whole
from train.runtime.run_folder import FilmFacts, Run


@dataclass(frozen=True)
class RolloutLengths:
    """Lengths of the rollouts that an export makes."""

    parity: int = 250  # steps in which the graph is compared with the checkpoint
    calibration: int = 64  # steps that give the ranges of the int8 network's activations
    comparison: int = 250  # steps in which the int8 and fp16 networks are compared with the fp32 network
    card_seconds: float = 90.0  # of the contact sheet


def export_film(
    run: Run,
    facts: FilmFacts,
    settings: dict[str, Any],
    out: Path,
    console: Console,
    *,
    overwrite: bool,
    lengths: RolloutLengths = RolloutLengths(),
) -> None:
    """Write the bundle of a run to the folder `out`.

    Args:
        run: the run folder.
        facts: of the run.
        settings: of the run.
        out: bundle folder.
        console: for the results of the checks.
        overwrite: replace a bundle that exists.
        lengths: of the rollouts.

    Raises:
        RunError: the run folder is incomplete or damaged.
        OutputError: `out` exists already or cannot be written.
        ExportError: the graph does not compute what the checkpoint computes.
    """
    named, out = out, out.resolve()
    check_replaceable(out, "bundle", BUNDLE_FILES, overwrite=overwrite)
    tail, shot_starts = run.load_tail()
    state = load_checkpoint(run.best if run.best.is_file() else run.checkpoint)
    generator = _averaged_generator(state, settings, facts.size)
    context = first_context(tail, show_step(generator).context_frames)
    rate = Fraction(facts.frame_rate)
    steps = max(2, int(lengths.card_seconds * rate))

    with written_whole(out, "bundle") as folder:
        graph = folder / "generator.onnx"
        write_graph(graph, generator, facts, shot_starts)
        metadata = {"title": facts.title, "copyright": facts.rights}
        write_video(folder / "seed.mkv", tail, rate, LOSSLESS, metadata)
        parity = _checked_parity(Graph(graph), generator, context, lengths.parity, console)
        precisions = _write_other_precisions(folder, generator, facts, shot_starts, context.numpy(), lengths, console)
        frames = _sheet_frames(graph, context.numpy(), steps)
        write_picture(folder / "contact-sheet.png", rollout_sheet(frames, steps, float(rate)))
        figures = _card_figures(settings, steps / float(rate), state, generator, parity, precisions)
        (folder / "README.md").write_text(film_card(facts, settings, figures), encoding="utf-8")
    console.print(f"bundle: {named}")
    console.print(f"next: python run_live.py --model {named}")


def write_graph(path: Path, generator: FilmGenerator, facts: FilmFacts, shot_starts: list[int]) -> None:
    """Export one step of the show as a self-contained ONNX file with complete metadata.

    Args:
        path: file to write.
        generator: in evaluation mode, on the CPU.
        facts: of its film.
        shot_starts: frames of the film's tail with which a shot begins.
    """
    width, height = facts.size
    step = show_step(generator)
    dtype = next(generator.parameters()).dtype
    inputs = {
        "context": torch.zeros(1, 3 * step.context_frames, height, width, dtype=dtype),
        "noise": torch.zeros(1, 1, height, width),
        "temperature": torch.zeros(1),
        "camera": torch.zeros(height, width, 3, dtype=torch.uint8),
        "camera_mix": torch.zeros(1),
    }
    save_graph(
        path,
        step,
        {name: inputs[name] for name in step.input_names},
        ("frame", "next_context"),
        {
            "title": facts.title,
            "rights": facts.rights,
            "frame_rate": facts.frame_rate,
            "stride": str(facts.stride),
            "context_frames": str(step.context_frames),
            "camera_use": "guide" if "camera" in step.input_names else "none",
            "seed_shot_starts": json.dumps(shot_starts),
            "life_signs": json.dumps(facts.life_signs),
            # Only for `evaluate`: how to read the film in the same way as for the training.
            "film_sha256": facts.source_hash,
            "fit": facts.fit,
            "end": str(facts.end),
        },
    )


# ----------------------------------------------------------------------------
# The checkpoint.


def _averaged_generator(state: dict[str, Any], settings: dict[str, Any], size: tuple[int, int]) -> FilmGenerator:
    try:
        config, weights = _generator_config(settings), rename_weights(state["ema"])
        generator: FilmGenerator = (
            UNet256() if isinstance(config, UNetConfig) else Generator(config, _memory(weights, size, config))
        )
        generator.load_state_dict(weights)
    except (AttributeError, KeyError, RuntimeError, TypeError) as error:
        raise RunError("checkpoint and run.json do not belong together; train again in another --out") from error
    return generator.eval()


def _generator_config(settings: dict[str, Any]) -> GeneratorConfig | UNetConfig:
    fields = settings["generator"]
    return UNetConfig(**fields) if "network" in fields else GeneratorConfig(**fields)


def _memory(weights: dict[str, torch.Tensor], size: tuple[int, int], config: GeneratorConfig) -> FilmMemory:
    width, height = size
    buffers = {name.removeprefix("memory."): tensor for name, tensor in weights.items() if name.startswith("memory.")}
    return FilmMemory((height // config.multiple, width // config.multiple), **buffers)


# ----------------------------------------------------------------------------
# The checks.


def _checked_parity(
    graph: Graph, generator: FilmGenerator, context: torch.Tensor, steps: int, console: Console
) -> Parity:
    parity = check_parity(generator, graph, context, steps)
    console.print(f"parity over {parity.text}")
    if parity.worst_step > 1:
        raise ExportError(
            f"the exported graph differs from the checkpoint by {parity.worst_step} levels in one step; "
            "this is a bug of this program or of its libraries, please report it"
        )
    return parity


def _write_other_precisions(
    folder: Path,
    generator: FilmGenerator,
    facts: FilmFacts,
    shot_starts: list[int],
    context: np.ndarray,
    lengths: RolloutLengths,
    console: Console,
) -> list[str]:
    """Write the int8 and fp16 networks, and delete those whose rollouts differ too much from the fp32 network's.

    Returns:
        a line for each, with the comparison.
    """
    fp32 = folder / "generator.onnx"
    int8, fp16 = (folder / f"generator.{precision}.onnx" for precision in ("int8", "fp16"))
    quantise(fp32, int8, context, lengths.calibration)
    write_graph(fp16, halved(generator), facts, shot_starts)
    lines = []
    for path in (int8, fp16):
        likeness = compare(fp32, path, context, lengths.comparison)
        if not likeness.sufficient:
            path.unlink()
        lines.append(
            f"{path.name}: over {lengths.comparison} steps, {likeness} times that of the fp32 network"
            f"{'' if likeness.sufficient else '; left out'}"
        )
        console.print(lines[-1])
    return lines


def _sheet_frames(graph: Path, context: np.ndarray, steps: int) -> dict[int, np.ndarray]:
    shown = set(sheet_steps(steps))
    rollout = Graph(graph).roll_out(context, steps, temperature=1.0, seed=0)
    return {step: frame for step, frame in enumerate(rollout) if step in shown}


def _card_figures(
    settings: dict[str, Any],
    seconds: float,
    state: dict[str, Any],
    generator: FilmGenerator,
    parity: Parity,
    precisions: list[str],
) -> FilmCardFigures:
    return FilmCardFigures(
        config=_generator_config(settings),
        parameters=parameter_count(generator),
        memory_frames=len(generator.memory.newest) if isinstance(generator, Generator) else 0,
        steps=state["steps"],
        minutes=state["seconds"] / 60,
        seconds=seconds,
        parity=parity.text,
        precisions=precisions,
        report=state.get("report", []),
    )
