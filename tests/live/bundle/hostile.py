"""Bundles that are refused: a copy to spoil, and the line that refuses it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import onnx
import pytest
from onnx import NodeProto, TensorProto, helper

from live.bundle.bundle import read_bundle
from live.errors import BundleError
from tests.live.bundles import make_model


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


def with_bomb(nodes: Sequence[NodeProto], constants: Sequence[TensorProto]) -> onnx.ModelProto:
    """Return the test network, to which the mean of the result "big" of these nodes is added."""
    model = make_model()
    model.graph.initializer.extend(constants)
    clip = next(place for place, each in enumerate(model.graph.node) if each.op_type == "Clip")
    model.graph.node[clip].input[0] = "bombed"
    mean = helper.make_node("ReduceMean", ["big"], ["mean"], keepdims=0)
    for each in (helper.make_node("Add", ["open", "mean"], ["bombed"]), mean, *reversed(nodes)):
        model.graph.node.insert(clip, each)
    return model
