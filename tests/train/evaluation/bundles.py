"""Changed copies of bundles."""

from pathlib import Path

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
