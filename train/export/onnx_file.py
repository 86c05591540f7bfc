"""Conversion of a torch module to a self-contained ONNX file."""

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
    onnx.helper.set_model_props(model, {"format_version": FORMAT_VERSION, **metadata})
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, str(path))
