"""Networks as pages store them: what a browser unpacks is the network again."""

import gzip

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from live.web.packing import COARSENESS, Table, packed, with_byte_weights

ROWS, COLUMNS = 200, 96
NAMES = ("memory.luma", "memory.reduced")


def pictures() -> NDArray[np.uint8]:
    """Return successive pictures [ROWS, COLUMNS] that change a little, up to black and white."""
    changes = np.random.default_rng(0).integers(-9, 10, (ROWS, COLUMNS))
    levels: NDArray[np.uint8] = np.clip(128 + changes.cumsum(0) * 2, 0, 255).astype(np.uint8)
    return levels


def with_memory() -> bytes:
    """Return a network that shows a picture of each of two tables."""
    nodes = [helper.make_node("Gather", [name, "place"], [f"{name}/out"]) for name in NAMES]
    outputs = [helper.make_tensor_value_info(f"{name}/out", TensorProto.UINT8, (1, COLUMNS)) for name in NAMES]
    place = helper.make_tensor_value_info("place", TensorProto.INT64, (1,))
    tables = [numpy_helper.from_array(pictures(), name) for name in NAMES]
    graph = helper.make_graph(nodes, "memory", [place], outputs, tables)
    data: bytes = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()
    return data


def unpacked(data: bytes, tables: list[Table]) -> dict[str, NDArray[np.uint8]]:
    """Do what `worker.js` does, and return the network's tables."""
    plain = np.frombuffer(gzip.decompress(data), np.uint8).copy()
    for table in tables:
        part = plain[table.at : table.at + table.rows * table.columns]
        part[:] = part.reshape(table.columns, table.rows).cumsum(1, dtype=np.uint8).T.ravel()
    model = onnx.load_model_from_string(plain.tobytes())
    return {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}


def test_the_memory_is_restored_to_the_bit() -> None:
    data, tables = packed(with_memory(), coarse=False)
    found = unpacked(data, tables)
    assert len(tables) == 2
    for name in NAMES:
        np.testing.assert_array_equal(found[name], pictures())
    assert len(data) < 0.8 * len(gzip.compress(with_memory(), 9))


def test_a_coarse_memory_is_off_by_half_a_step_and_what_finds_states_is_not() -> None:
    data, tables = packed(with_memory(), coarse=True)
    found = unpacked(data, tables)
    off = np.abs(found["memory.luma"].astype(int) - pictures())
    assert 0 < off.max() <= COARSENESS // 2
    np.testing.assert_array_equal(found["memory.reduced"], pictures())


def test_weights_in_bytes_give_nearly_the_same() -> None:
    random = np.random.default_rng(0)
    weights = (
        random.standard_normal((64, 64, 3, 3)).astype(np.float32)
        * np.geomspace(0.001, 1, 64, dtype=np.float32)[:, None, None, None]
    )
    shape = (1, 64, 8, 8)
    put, out = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "y"))
    node = helper.make_node("Conv", ["x", "weights"], ["y"], pads=[1, 1, 1, 1])
    graph = helper.make_graph([node], "conv", [put], [out], [numpy_helper.from_array(weights, "weights")])
    plain = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    small = with_byte_weights(plain)
    assert len(small) < 0.3 * len(plain)
    x = random.standard_normal(shape).astype(np.float32)
    results = [
        ort.InferenceSession(each, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0] for each in (plain, small)
    ]
    for channel in range(64):
        error = np.abs(results[1][0, channel] - results[0][0, channel]).max()
        assert error == pytest.approx(0, abs=0.05 * float(results[0][0, channel].std()))
