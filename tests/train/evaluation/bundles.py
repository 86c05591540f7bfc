"""Changed copies of bundles."""

from pathlib import Path

import numpy as np
import onnx


def without(bundle: Path, folder: Path, *keys: str) -> Path:
    """Copy a bundle without some of its metadata."""
    folder.mkdir(parents=True)
    model = onnx.load(str(bundle / "generator.onnx"))
    kept = {entry.key: entry.value for entry in model.metadata_props if entry.key not in keys}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, kept)
    onnx.save_model(model, str(folder / "generator.onnx"))
    return folder


def without_inputs(bundle: Path, folder: Path, *names: str) -> Path:
    """Copy a bundle's network to a folder without these inputs, which become zeros, and without their next values."""
    model = onnx.load(str(bundle / "generator.onnx"))
    given = {value.name: value for value in model.graph.input}
    for name in names:
        value = given[name].type.tensor_type
        shape = [dim.dim_value for dim in value.shape.dim]
        zeros = np.zeros(shape, onnx.helper.tensor_dtype_to_np_dtype(value.elem_type))
        model.graph.initializer.append(onnx.numpy_helper.from_array(zeros, name))
        model.graph.input.remove(given[name])
        for following in [output for output in model.graph.output if output.name == f"next_{name}"]:
            model.graph.output.remove(following)
    folder.mkdir()
    onnx.save_model(model, str(folder / "generator.onnx"))
    return folder
