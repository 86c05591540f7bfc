"""ONNX export: a step of the show, with the metadata of its bundle, as a self-contained file."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from train.models.show_step import FilmGenerator, show_step
from train.runtime.run_folder import FilmFacts

FORMAT_VERSION = "1"
OPSET = 17


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
        **step.begin(torch.zeros(1, 3 * step.context_frames, height, width, dtype=dtype)),
        "noise": torch.zeros(step.noise_shape(height, width)),
        "temperature": torch.zeros(1),
        "camera": torch.zeros(height, width, 3, dtype=torch.uint8),
        "camera_mix": torch.zeros(1),
    }
    save_graph(
        path,
        step,
        {name: inputs[name] for name in step.input_names},
        step.output_names,
        {
            "title": facts.title,
            "rights": facts.rights,
            "frame_rate": facts.frame_rate,
            "stride": str(facts.stride),
            "context_frames": str(step.context_frames),
            "camera_use": "movement" if "camera" in step.input_names else "none",
            "seed_shot_starts": json.dumps(shot_starts),
            "life_signs": json.dumps(facts.life_signs),
            # Only for `evaluate`: how to read the film in the same way as for the training.
            "film_sha256": facts.source_hash,
            "fit": facts.fit,
            "end": str(facts.end),
        },
    )


def save_graph(
    path: Path, step: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], metadata: Mapping[str, str]
) -> None:
    """Export one step of the show.

    Args:
        path: file to write.
        step: takes the inputs and returns the outputs, in their order.
        inputs: values by name; the graph takes their shapes and types.
        outputs: names.
        metadata: of the bundle contract, without the format's version.
    """
    with warnings.catch_warnings():
        # The TorchScript exporter writes opset 17 directly; the newer one writes 18 and converts down.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)
        # Shapes are fixed, so PyTorch's own checks of them may become constants.
        warnings.filterwarnings("ignore", "Converting a tensor to a Python")
        torch.onnx.export(
            step.eval(),
            tuple(inputs.values()),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            do_constant_folding=False,  # it would replace the memory's bytes by keys a hundred times their size
            input_names=list(inputs),
            output_names=list(outputs),
        )
    model = onnx.load(str(path))
    with torch.no_grad():
        results = step(*inputs.values())
    # Where a picture is padded, the exporter does not know the shapes of what comes out.
    for value, result in zip(model.graph.output, (results,) if isinstance(results, Tensor) else results, strict=True):
        dims = value.type.tensor_type.shape.dim
        del dims[:]
        for size in result.shape:
            dims.add().dim_value = size
    onnx.helper.set_model_props(model, {"format_version": FORMAT_VERSION, **metadata})
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, str(path))
