"""Networks that somebody made to take all time or memory: refused in one line, before they are opened."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from live.bundle.graph_contract import MOST_NODES, check_graph, check_results
from live.errors import BundleError
from tests.hostile import at_once_and_in_little_memory
from tests.live.bundle.hostile import folder, refused, with_bomb, with_model
from tests.live.bundles import make_model, make_visits_model

__all__ = ["at_once_and_in_little_memory", "folder"]  # fixtures


@pytest.mark.parametrize("kind", [99, -1, 0])
@pytest.mark.parametrize("side", ["input", "output"])
def test_element_types_that_do_not_exist(folder: Path, kind: int, side: str) -> None:
    model = make_model()
    getattr(model.graph, side)[0].type.tensor_type.elem_type = kind
    assert "must be" in refused(with_model(folder, model))


@pytest.mark.parametrize("side", [20_000, 2**31, 2**62])
def test_pictures_without_bounds(folder: Path, side: int) -> None:
    assert "too large" in refused(with_model(folder, make_model_of_size(side)))


def make_model_of_size(side: int) -> onnx.ModelProto:
    model = make_model()
    for value in (*model.graph.input, *model.graph.output):
        dims = value.type.tensor_type.shape.dim
        if value.name == "frame":
            dims[0].dim_value = dims[1].dim_value = side
        elif value.name != "temperature":
            dims[2].dim_value = dims[3].dim_value = side
    return model


def test_notes_without_bounds(folder: Path) -> None:
    model = make_visits_model()
    for value in (*model.graph.input, *model.graph.output):
        if value.name in ("visits", "next_visits"):
            value.type.tensor_type.shape.dim[1].dim_value = 10**10
    assert "too large" in refused(with_model(folder, model))


def constant(name: str, value: object, kind: type = np.int64) -> TensorProto:
    return numpy_helper.from_array(np.array(value, kind), name)


def node(kind: str, *inputs: str, output: str = "big", **attributes: Any) -> NodeProto:
    return helper.make_node(kind, inputs, [output], **attributes)


def loop() -> NodeProto:
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [node("Identity", "going", output="goes"), node("Identity", "x", output="y")],
        "body",
        [value("turn", TensorProto.INT64, []), value("going", TensorProto.BOOL, []), value("x", TensorProto.FLOAT, [])],
        [value("goes", TensorProto.BOOL, []), value("y", TensorProto.FLOAT, [])],
    )
    return node("Loop", "turns", "yes", "one", body=body)


BOMBS: dict[str, tuple[list[NodeProto], list[TensorProto], str]] = {
    "loop": ([loop()], [constant("turns", 2**62), constant("yes", True, np.bool_)], "has control flow (Loop)"),
    "constant": ([node("ConstantOfShape", "size")], [constant("size", [10**9])], "too large"),
    "computed": (
        [node("Mul", "side", "side", output="size"), node("ConstantOfShape", "size")],
        [constant("side", [40_000])],
        "too large",
    ),
    "expand": ([node("Expand", "temperature", "size")], [constant("size", [10**9])], "too large"),
    "tile": ([node("Tile", "temperature", "size")], [constant("size", [10**9])], "too large"),
    "range": (
        [node("Range", "from", "to", "by")],
        [constant("from", 0), constant("to", 10**9), constant("by", 1)],
        "too large",
    ),
    "at run time": (
        [
            node("Mul", "temperature", "factor", output="many"),
            node("Cast", "many", output="size", to=TensorProto.INT64),
            node("Expand", "one", "size"),
        ],
        [constant("factor", 1e9, np.float32)],
        "decides the size of big while it runs",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_graphs_that_take_for_ever_or_all_memory(name: str) -> None:
    nodes, constants, said = BOMBS[name]
    model = with_bomb(nodes, constants).SerializeToString()

    def check() -> None:
        check_graph(model, "a.onnx")
        check_results(model, "a.onnx")

    with pytest.raises(BundleError, match=re.escape(said)):
        check()


def test_more_nodes_than_any_network_has(folder: Path) -> None:
    model = make_model()
    model.graph.node.extend(node("Abs", "open", output=f"x{number}") for number in range(MOST_NODES))
    assert "nodes, more than" in refused(with_model(folder, model))
