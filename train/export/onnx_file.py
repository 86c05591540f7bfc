"""From a torch module to the one self-contained ONNX file of a bundle."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

FORMAT_VERSION = "1"
OPSET = 17


def save_graph(
    path: Path, step: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], metadata: Mapping[str, str]
) -> None:
    """Export one step of the show.

    Args:
        path: file to write.
        step: takes the inputs in their order, and gives the outputs in theirs.
        inputs: any values, by name; their shapes and types are fixed.
        outputs: names.
        metadata: all that the contract asks for but the format's version.
    """
    with warnings.catch_warnings():
        # The TorchScript exporter writes opset 17 itself; the newer one writes 18 and converts down.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)
        torch.onnx.export(
            step.eval(),
            tuple(inputs.values()),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            do_constant_folding=False,  # a memory's keys are a hundredth of the size as bytes
            input_names=list(inputs),
            output_names=list(outputs),
        )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {"format_version": FORMAT_VERSION, **metadata})
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, str(path))
