"""`export`: from a run folder to the bundle that the stage plays, checked against the checkpoint."""

from __future__ import annotations

import json
import shutil
import warnings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from rich.console import Console

from train.card import CardFigures, card
from train.checkpoint import load_checkpoint
from train.errors import ExportError, OutputError, RunError
from train.networks import Generator, GeneratorConfig, parameter_count
from train.pictures import write_picture
from train.rollout import rollout_sheet, vitality
from train.run import FilmFacts, Run
from train.step import ShowStep, first_context
from train.video import LOSSLESS, write_video

FORMAT_VERSION = "1"
OPSET = 17
BUNDLE_FILES = {"generator.onnx", "generator.fp16.onnx", "seed.mkv", "README.md", "contact-sheet.png"}
PARITY_STEPS = 250
CARD_SECONDS = 90.0
PARITY_SEED = 0


@dataclass(frozen=True)
class Parity:
    """How far the exported graph is from the checkpoint, in levels of 0…255, same noise, temperature 1."""

    worst_step: int  # largest difference of a pixel when both start every step from the same context
    differing: float  # share of pixels that differ at all then
    drift: float  # mean absolute difference after all steps, each on its own output


def export(run_folder: Path, out: Path, console: Console, *, overwrite: bool) -> None:
    """Write the bundle of a run to the folder `out`.

    Raises:
        RunError: the run folder is not whole.
        OutputError: `out` is taken or cannot be written.
        ExportError: the graph does not do what the checkpoint does.
    """
    named, out = out, out.resolve()
    if out.exists():
        _check_replaceable(out, overwrite)
    run = Run(run_folder)
    facts, settings = run.load_facts()
    seed, starts = run.load_seed()
    state = load_checkpoint(run.checkpoint)
    generator = _averaged_generator(state, settings)
    context = first_context(seed, generator.config.context_frames)

    partial, replaced = out.with_name(out.name + ".partial"), out.with_name(out.name + ".replaced")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        graph = partial / "generator.onnx"
        write_graph(graph, generator, facts, starts)
        rate = Fraction(facts.frame_rate)
        metadata = {"title": facts.title, "copyright": facts.rights}
        write_video(partial / "seed.mkv", seed, rate, LOSSLESS, metadata)

        session = _session(graph)
        shown = max(2, int(CARD_SECONDS * rate))
        parity, frames = _roll_both(generator, session, context, max(PARITY_STEPS, shown))
        frames = frames[:shown]
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
        write_picture(partial / "contact-sheet.png", rollout_sheet(frames, float(rate)))
        figures = _figures(frames, seed, starts, rate, state, generator, parity)
        (partial / "README.md").write_text(card(facts, settings, figures), encoding="utf-8")
        shutil.rmtree(replaced, ignore_errors=True)
        if out.exists():
            out.rename(replaced)
        partial.rename(out)
    except OSError as error:
        raise OutputError(f"the bundle cannot be written to {out}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)
    console.print(f"bundle: {named}")
    console.print(f"next: python run_live.py --model {named}")


def _check_replaceable(out: Path, overwrite: bool) -> None:
    """Raise OutputError unless `out` is a bundle, and nothing else, that may be replaced."""
    if not out.is_dir() or {path.name for path in out.iterdir()} - BUNDLE_FILES:
        raise OutputError(f"{out} is no bundle and will not be replaced; give another --out")
    if not overwrite:
        raise OutputError(f"{out} exists already; give another --out, or --overwrite to replace it")


def _averaged_generator(state: dict[str, Any], settings: dict[str, Any]) -> Generator:
    try:
        shape = GeneratorConfig(
            context_frames=settings["context_frames"],
            channels=tuple(settings["channels"]),
            blocks=tuple(settings["blocks"]),
        )
        generator = Generator(shape)
        generator.load_state_dict(state["ema"])
    except (KeyError, RuntimeError, TypeError) as error:
        raise RunError("checkpoint and run.json do not belong together; train this run anew") from error
    return generator.eval()


# ----------------------------------------------------------------------------
# The graph.


def write_graph(path: Path, generator: Generator, facts: FilmFacts, seed_shot_starts: list[int]) -> None:
    """Export one step of the show as a self-contained ONNX file with complete metadata."""
    width, height = facts.size
    frames = generator.config.context_frames
    inputs = (torch.zeros(1, 3 * frames, height, width), torch.zeros(1, 1, height, width), torch.zeros(1))
    with warnings.catch_warnings():
        # The TorchScript exporter writes opset 17 itself; the newer one writes 18 and converts down.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)
        torch.onnx.export(
            ShowStep(generator).eval(),
            inputs,
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["context", "noise", "temperature"],
            output_names=["frame", "next_context"],
        )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(
        model,
        {
            "format_version": FORMAT_VERSION,
            "title": facts.title,
            "rights": facts.rights,
            "frame_rate": facts.frame_rate,
            "stride": str(facts.stride),
            "context_frames": str(frames),
            "camera_use": "none",
            "seed_shot_starts": json.dumps(seed_shot_starts),
        },
    )
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, str(path))


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


# ----------------------------------------------------------------------------
# The proof.


@torch.no_grad()
def _roll_both(
    generator: Generator, session: ort.InferenceSession, context: torch.Tensor, steps: int
) -> tuple[Parity, np.ndarray]:
    """Roll the graph out for `steps`, beside the checkpoint for the first of them.

    Returns:
        the parity, and the graph's own rollout, uint8 RGB [steps, H, W, 3].
    """
    show = ShowStep(generator).eval()
    rng = np.random.default_rng(PARITY_SEED)
    temperature = np.ones(1, np.float32)
    ours, theirs = context, context.numpy()
    worst, differing, drift, frames = 0, 0.0, 0.0, []
    for step in range(steps):
        noise = rng.standard_normal((1, 1, *context.shape[2:]), dtype=np.float32)
        frame, theirs = _run(session, theirs, noise, temperature)
        frames.append(frame)
        if step < PARITY_STEPS:
            same_start, _ = _run(session, ours.numpy(), noise, temperature)
            expected, ours = show(ours, torch.from_numpy(noise), torch.from_numpy(temperature))
            difference = np.abs(same_start.astype(np.int16) - expected.numpy())
            worst = max(worst, int(difference.max()))
            differing += float((difference > 0).mean()) / PARITY_STEPS
            drift = float(np.abs(frame.astype(np.int16) - expected.numpy()).mean())
    return Parity(worst, differing, drift), np.stack(frames)


def _run(
    session: ort.InferenceSession, context: np.ndarray, noise: np.ndarray, temperature: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    frame, following = session.run(
        ["frame", "next_context"], {"context": context, "noise": noise, "temperature": temperature}
    )
    return frame, following


def _figures(
    frames: np.ndarray,
    seed: np.ndarray,
    starts: list[int],
    rate: Fraction,
    state: dict[str, Any],
    generator: Generator,
    parity: Parity,
) -> CardFigures:
    return CardFigures(
        parameters=parameter_count(generator),
        steps=state["steps"],
        minutes=state["seconds"] / 60,
        seconds=len(frames) / float(rate),
        whole=vitality(frames, seed, starts),
        end=vitality(frames[-max(2, int(10 * rate)) :], seed, starts),
        parity=(
            f"{PARITY_STEPS} steps; from the same context at most {parity.worst_step} of 255 levels "
            f"({100 * parity.differing:.3f} % of pixels differ at all), "
            f"on its own output {parity.drift:.2f} levels apart at the end"
        ),
    )
