"""The network's file as a page stores it: film memory as changes, large weights in bytes, all of it gzipped.

Browsers unpack it with what they have (`DecompressionStream`), so no host has to know how to send it.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LEAST_ELEMENTS = 2**14
"""Smaller tensors stay as they are."""
COARSENESS = 3
"""Changes of the memory are multiples of so many levels where 8 bits are enough."""


@dataclass(frozen=True)
class Table:
    """A table of bytes within a file, stored as the changes from each row to the next, modulo 256.

    Columns follow one another: the changes of one place of a picture over time are more alike than those of its places.
    """

    at: int
    """Its first byte."""
    rows: int
    columns: int


def packed(model_bytes: bytes, *, coarse: bool) -> tuple[bytes, list[Table]]:
    """Return a network's file as a page stores it.

    Rows of the film's memory are successive pictures of it, so their changes are small.

    Args:
        model_bytes: The network.
        coarse: True to let the pictures of the memory be off by up to half of `COARSENESS`, which halves them.

    Returns:
        The file in gzip's format, and its tables, from which `worker.js` sums up the memory.
    """
    model = onnx.load_model_from_string(model_bytes)
    changes: list[NDArray[np.uint8]] = []
    for tensor, values in _tables(model):
        # States are looked up by `reduced`: what it finds must not differ.
        exact = not coarse or "reduced" in tensor.name
        changes.append(_changes(values, 1 if exact else COARSENESS).T)
        tensor.raw_data = changes[-1].tobytes()
    data: bytes = model.SerializeToString()
    tables, after = list[Table](), 0
    for each in changes:
        at = data.index(each.tobytes(), after)
        tables.append(Table(at, *each.T.shape))
        after = at + each.size
    return gzip.compress(data, 9, mtime=0), tables


def with_byte_weights(model_bytes: bytes) -> bytes:
    """Return the same network with its large convolutions' weights in 8 bits, by channel. It computes in floats."""
    model = onnx.load_model_from_string(model_bytes)
    graph = model.graph
    kept, nodes = [], []
    for tensor in graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.dtype != np.float32 or weights.ndim != 4 or weights.size < LEAST_ELEMENTS:
            kept.append(tensor)
            continue
        scales = np.maximum(np.abs(weights).max((1, 2, 3)), np.finfo(np.float32).tiny) / np.float32(127)
        rounded = np.rint(weights / scales[:, None, None, None]).astype(np.int8)
        names = [f"{tensor.name}/{part}" for part in ("bytes", "scales")]
        kept += [numpy_helper.from_array(value, name) for value, name in zip((rounded, scales), names, strict=True)]
        nodes.append(helper.make_node("DequantizeLinear", names, [tensor.name], axis=0))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    others = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *others])
    onnx.checker.check_model(model, full_check=True)
    serialized: bytes = model.SerializeToString()
    return serialized


def _tables(model: onnx.ModelProto) -> Iterator[tuple[TensorProto, NDArray[np.uint8]]]:
    """Yield the large tables of bytes: the pictures of the film's memory."""
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.UINT8 and len(tensor.dims) == 2:
            values = numpy_helper.to_array(tensor)
            if values.size >= LEAST_ELEMENTS:
                yield tensor, values


def _changes(values: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """Return the first row and the changes from row to row, modulo 256, rounded to multiples of `step` in between.

    A row is compared with the one that will be summed up, so that errors do not add up: each is at most half a step.
    """
    changes = values.copy()
    restored = values[0].astype(np.int16)
    for row in range(1, len(values)):
        before = restored
        wanted = before + step * np.rint((values[row] - before) / step)
        restored = np.clip(wanted, 0, 255).astype(np.int16)
        changes[row] = (restored - before).astype(np.uint8)
    return changes
