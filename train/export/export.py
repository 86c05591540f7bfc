"""`export`: from the run folder of a film to the bundle that the stage plays, checked against the checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from train.console import command_names
from train.errors import ExportError, RunError
from train.evaluation.bundle_runner import Graph
from train.evaluation.rollout import rollout_sheet, sheet_steps
from train.export.checksums import write_checksums
from train.export.model_card import CONTACT_SHEET, SHEET_PICTURE_WIDTH, FilmCardFigures, film_card
from train.export.onnx_file import write_graph
from train.export.parity import Parity, check_parity
from train.export.quantization import write_precisions
from train.export.weights import check_shape, with_weights
from train.images.contact_sheet import reduced, write_picture
from train.images.video import write_film_tail
from train.models.dramaturgy import Dramaturgy
from train.models.film_memory import FilmMemory
from train.models.generator import Generator, GeneratorConfig, parameter_count
from train.models.show_step import FilmGenerator, first_context, show_step
from train.models.unet import UNet256, UNetConfig
from train.runtime.checkpoint import load_checkpoint
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
    sound = run.load_sound()
    state = load_checkpoint(run.best if run.best.is_file() else run.checkpoint)
    generator = _averaged_generator(state, settings, facts.size)
    context_frames = show_step(generator).context_frames
    context = first_context(tail, context_frames)
    rate = Fraction(facts.frame_rate)
    steps = max(2, int(lengths.card_seconds * rate))

    with written_whole(out, "bundle") as folder:
        graph = folder / "generator.onnx"
        write_graph(graph, generator, facts, shot_starts)
        metadata = {"title": facts.title, "copyright": facts.rights}
        write_film_tail(folder / "seed.mkv", tail, rate, context_frames, metadata, sound)
        parity = _checked_parity(Graph(graph), generator, context, lengths.parity, console)
        precisions = write_precisions(
            folder,
            generator,
            facts,
            shot_starts,
            context.numpy(),
            calibration_steps=lengths.calibration,
            comparison_steps=lengths.comparison,
        )
        for line in precisions:
            console.print(line)
        frames = _sheet_frames(graph, context.numpy(), steps)
        write_picture(folder / CONTACT_SHEET, rollout_sheet(frames, steps, float(rate)))
        figures = _card_figures(settings, steps / float(rate), state, generator, parity, precisions)
        (folder / "README.md").write_text(film_card(facts, settings, figures), encoding="utf-8")
        write_checksums(folder)
    console.print(f"bundle: {named}")
    console.print(f"next: {command_names()[1]} --model {named}")


# ----------------------------------------------------------------------------
# The checkpoint.


def _averaged_generator(state: dict[str, Any], settings: dict[str, Any], size: tuple[int, int]) -> FilmGenerator:
    try:
        check_shape(settings["generator"])
        config, weights = _generator_config(settings), state["ema"]
        generator: FilmGenerator = (
            with_weights(UNet256, weights)
            if isinstance(config, UNetConfig)
            else with_weights(lambda: _film_generator(config, size, weights), weights)
        )
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise RunError("checkpoint and run.json do not belong together; train again in another --out") from error
    return generator.eval()


def _generator_config(settings: dict[str, Any]) -> GeneratorConfig | UNetConfig:
    fields = settings["generator"]
    return UNetConfig(**fields) if "network" in fields else GeneratorConfig(**fields)


def _film_generator(config: GeneratorConfig, size: tuple[int, int], weights: dict[str, torch.Tensor]) -> Generator:
    def part(name: str) -> dict[str, torch.Tensor]:
        return {key.removeprefix(name): tensor for key, tensor in weights.items() if key.startswith(name)}

    width, height = config.padded(size)
    memory = FilmMemory((height // config.multiple, width // config.multiple), **part("memory."))
    return Generator(config, memory, Dramaturgy(**part("dramaturgy.")))


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


def _sheet_frames(graph: Path, context: np.ndarray, steps: int) -> dict[int, np.ndarray]:
    shown = set(sheet_steps(steps))
    rollout = Graph(graph).roll_out(context, steps, temperature=1.0, seed=0)
    return {step: reduced(frame, SHEET_PICTURE_WIDTH) for step, frame in enumerate(rollout) if step in shown}


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
