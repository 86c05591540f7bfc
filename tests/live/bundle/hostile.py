"""Bundles that are refused: a copy to spoil, and the line that refuses it."""

import shutil
from pathlib import Path

import onnx
import pytest

from live.bundle.bundle import read_bundle
from live.errors import BundleError


@pytest.fixture
def folder(bundle_folder: Path, tmp_path: Path) -> Path:
    """A bundle that a test may spoil."""
    return shutil.copytree(bundle_folder, tmp_path / "b")


def refused(folder: Path) -> str:
    """Return the line with which a bundle is refused."""
    with pytest.raises(BundleError) as caught:
        read_bundle(folder, tail_seconds=3)
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) <= 1000
    return line


def with_model(folder: Path, model: onnx.ModelProto) -> Path:
    """Replace a bundle's network, and return the bundle."""
    onnx.save(model, folder / "generator.onnx")
    return folder
