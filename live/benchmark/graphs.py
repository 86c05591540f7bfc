"""Graphs to compare with, built without torch: the U-Net of pix2pix, and convolutions of a CPU's favourite shapes."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper, shape_inference

UNET_MULTIPLE = 256
"""The U-Net halves its picture eight times: sides must be multiples of this many pixels."""
UNET_CHANNELS = (64, 128, 256, 512, 512, 512, 512, 512)

# Channels and side of a picture: they stay in the second cache and fill the blocks of the layout.
PEAK_SHAPES = ((64, 64), (128, 32), (128, 64), (256, 32))
PEAK_LAYERS = 8

MULTIPLYING = ("Conv", "ConvTranspose", "MatMul", "Gemm")


class _Graph:
    """Chain of layers with random weights: deterministic, and small enough that nothing overflows."""

    def __init__(self, size: tuple[int, int], channels: int) -> None:
        self._random = np.random.default_rng(0)
        self._input = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, channels, *size])
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []

    def layer(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        output = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, [*inputs], [output], **attributes))
        return output

    def convolution(self, kind: str, x: str, shape: tuple[int, int], outputs: int, **attributes: Any) -> str:
        """Add a "Conv" or "ConvTranspose" with bias; `shape` holds the first two sizes of its weights."""
        side = 4 if "strides" in attributes else 3
        deviation = (2 / (shape[1] * side * side)) ** 0.5
        weights = {
            "weights": self._random.standard_normal((*shape, side, side), np.float32) * np.float32(deviation),
            "bias": np.zeros(outputs, np.float32),
        }
        names = [f"{each}_{len(self._nodes)}" for each in weights]
        self._weights += [numpy_helper.from_array(w, n) for w, n in zip(weights.values(), names, strict=True)]
        return self.layer(kind, [x, *names], kernel_shape=[side, side], pads=[1, 1, 1, 1], **attributes)

    def model(self, output: str, channels: int, size: tuple[int, int]) -> ModelProto:
        """Return the whole graph. Its output is `frame`, float32 [1, channels, height, width]."""
        nodes = [*self._nodes, helper.make_node("Identity", [output], ["frame"])]
        frame = helper.make_tensor_value_info("frame", TensorProto.FLOAT, [1, channels, *size])
        graph = helper.make_graph(nodes, "measure", [self._input], [frame], self._weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def unet256(height: int, width: int) -> ModelProto:
    """Return pix2pix's generator (Isola et al. 2017, appendix 6.1.1).

    It maps `picture` to `frame`, float32 [1, 3, height, width]. Its batch norms are folded into the convolutions, as an
    export for use would do. Both sides are multiples of `UNET_MULTIPLE`.
    """
    graph = _Graph((height, width), 3)
    x, skips, channels = "picture", [], 3
    for depth, wider in enumerate(UNET_CHANNELS):
        if depth:
            x = graph.layer("LeakyRelu", [x], alpha=0.2)
        x = graph.convolution("Conv", x, (wider, channels), wider, strides=[2, 2])
        skips.append(x)
        channels = wider
    for depth in reversed(range(len(UNET_CHANNELS))):
        narrower = UNET_CHANNELS[depth - 1] if depth else 3
        x = graph.layer("Relu", [x])
        x = graph.convolution("ConvTranspose", x, (channels, narrower), narrower, strides=[2, 2])
        if depth:
            x = graph.layer("Concat", [skips[depth - 1], x], axis=1)
            channels = 2 * narrower
    return graph.model(graph.layer("Tanh", [x]), 3, (height, width))


def peak_convolutions(channels: int, side: int) -> ModelProto:
    """Return `PEAK_LAYERS` dense 3×3 convolutions with ReLU in a chain: float32 [1, channels, side, side]."""
    graph = _Graph((side, side), channels)
    x = "picture"
    for _ in range(PEAK_LAYERS):
        x = graph.layer("Relu", [graph.convolution("Conv", x, (channels, channels), channels)])
    return graph.model(x, channels, (side, side))


def multiply_accumulates(model: ModelProto) -> int:
    """Return the MACs of one run: those of all convolutions and matrix products, counted from their shapes.

    `model` holds nothing that a session would compute beforehand (see `sessions.optimised`).
    """
    graph = shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {
        value.name: [each.dim_value for each in value.type.tensor_type.shape.dim]
        for value in [*graph.value_info, *graph.input, *graph.output]
    } | {each.name: list(each.dims) for each in graph.initializer}
    return sum(_node_macs(node, shapes) for node in graph.node if node.op_type in MULTIPLYING)


def _node_macs(node: onnx.NodeProto, shapes: dict[str, list[int]]) -> int:
    inputs, weights, outputs = (shapes[name] for name in (*node.input[:2], node.output[0]))
    if node.op_type == "Conv":
        return math.prod(outputs) * math.prod(weights[1:])
    if node.op_type == "ConvTranspose":
        return math.prod(inputs) * math.prod(weights[1:])
    return math.prod(outputs) * inputs[-1]
