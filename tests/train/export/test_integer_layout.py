"""The forms for integer kernels compute the same, and are found where they should be."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from torch import Tensor, nn

from train.export.integer_layout import LANES, double_by_copies, widen
from train.export.onnx_file import save_graph


class Network(nn.Module):
    """Two layers around a doubling, of which the last has a few channels."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(3, LANES, 3, padding=1)
        self.last = nn.Conv2d(LANES, 5, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.last(nn.functional.interpolate(self.first(x), scale_factor=2.0, mode="nearest"))
        return y


class Pictures(CalibrationDataReader):  # type: ignore[misc]  # ONNX Runtime has no types
    """One picture."""

    def __init__(self, picture: np.ndarray) -> None:
        self._left = [picture]

    def get_next(self) -> dict[str, np.ndarray] | None:
        return {"x": self._left.pop()} if self._left else None


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((1, 3, 6, 10), np.float32)


@pytest.fixture(scope="module")
def fp32(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network") / "fp32.onnx"
    save_graph(path, Network(), {"x": torch.zeros(1, 3, 6, 10)}, ["y"], {})
    return path


def run(model: onnx.ModelProto, picture: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    result: np.ndarray = session.run(["y"], {"x": picture})[0]
    return result


def test_a_layer_gets_whole_lanes_and_keeps_its_result(fp32: Path, picture: np.ndarray) -> None:
    wide = widen(onnx.load(str(fp32)), lambda node: False)
    onnx.checker.check_model(wide, full_check=True)
    widths = {tensor.name: tensor.dims[0] for tensor in wide.graph.initializer if tensor.name.endswith(".weight")}
    assert widths == {"first.weight": LANES, "last.weight": LANES}
    expected = run(onnx.load(str(fp32)), picture)
    assert expected.shape == (1, 5, 12, 20)
    np.testing.assert_allclose(run(wide, picture), expected, atol=1e-6)


def test_a_layer_that_stays_float_is_left_alone(fp32: Path) -> None:
    assert widen(onnx.load(str(fp32)), lambda node: True) == onnx.load(str(fp32))


def test_integers_are_doubled_by_copies_to_the_bit(fp32: Path, picture: np.ndarray, tmp_path: Path) -> None:
    quantize_static(
        fp32,
        tmp_path / "int8.onnx",
        Pictures(picture),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Conv", "Resize"],
    )
    resized = onnx.load(str(tmp_path / "int8.onnx"))
    copied = double_by_copies(onnx.load(str(tmp_path / "int8.onnx")))
    onnx.checker.check_model(copied, full_check=True)
    assert [node.op_type for node in resized.graph.node].count("Resize") == 1
    assert "Resize" not in [node.op_type for node in copied.graph.node]
    read = {name for node in copied.graph.node for name in node.input} | {"y"}
    assert all(node.output[0] in read for node in copied.graph.node if node.op_type == "DequantizeLinear")
    np.testing.assert_array_equal(run(copied, picture), run(resized, picture))


def test_floats_are_still_resized(fp32: Path) -> None:
    assert double_by_copies(onnx.load(str(fp32))) == onnx.load(str(fp32))
