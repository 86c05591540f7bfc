"""The network as browsers compute it: what follows from constants and shapes alone is computed beforehand.

WebGPU knows neither DOUBLE nor arithmetic of INT64. Both are left over from sizes that never change.
"""

import math

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from live.errors import BundleError

MOST_ELEMENTS = 2**14
"""Most elements of a computed constant. The keys of the film's memory stay bytes, which are a hundred times smaller."""
QUANTIZATION = frozenset({"DequantizeLinear", "QuantizeLinear"})
Constant = NDArray[np.generic]


def folded(model_bytes: bytes, name: str) -> bytes:
    """Return the same network with everything computed that does not depend on its inputs.

    Args:
        model_bytes: The network.
        name: What messages call it.

    Raises:
        BundleError: A result in DOUBLE is left.
    """
    model = onnx.load_model_from_string(model_bytes)
    while _fold_once(model):
        pass
    left = sorted({node.op_type for node in model.graph.node if _makes_double(node)})
    if left:
        raise BundleError(f"{name} computes in DOUBLE ({', '.join(left)}), which browsers cannot; export it again")
    onnx.checker.check_model(model, full_check=True)
    serialized: bytes = model.SerializeToString()
    return serialized


def _fold_once(model: onnx.ModelProto) -> bool:
    """Compute what follows from constants and from shapes that can be inferred now; return whether anything did."""
    graph = model.graph
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    known: dict[str, Constant] = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in graph.initializer
        if math.prod(tensor.dims) <= MOST_ELEMENTS
    }
    shapes = _shapes(model)
    kept: list[NodeProto] = []
    before = set(known)
    for node in graph.node:
        values = _computed(node, known, shapes, opsets)
        if values is None:
            kept.append(node)
        else:
            known.update(zip(node.output, values, strict=True))
    changed = len(kept) < len(graph.node)
    del graph.node[:]
    graph.node.extend(kept)
    used = {name for node in kept for name in node.input} | {info.name for info in graph.output}
    left = [tensor for tensor in graph.initializer if tensor.name in used]
    left += [numpy_helper.from_array(np.asarray(value), name) for name, value in known.items() if name in used - before]
    del graph.initializer[:]
    graph.initializer.extend(left)
    del graph.value_info[:]
    return changed


def _computed(
    node: NodeProto, known: dict[str, Constant], shapes: dict[str, list[int]], opsets: dict[str, int]
) -> list[Constant] | None:
    """Return the results of a node that does not depend on the network's inputs; None for any other node."""
    if node.op_type == "Shape" and not node.attribute and node.input[0] in shapes:
        return [np.array(shapes[node.input[0]], np.int64)]
    # A weight in integers stays beside the node that says what they mean: the two belong to one integer kernel.
    if node.op_type in QUANTIZATION or any(name and name not in known for name in node.input):
        return None
    inputs = [name for name in node.input if name]
    graph = helper.make_graph(
        [node],
        "constant",
        [
            helper.make_tensor_value_info(name, _type_of(known[name]), known[name].shape)
            for name in dict.fromkeys(inputs)
        ],
        [helper.make_empty_tensor_value_info(name) for name in node.output],
    )
    opset_imports = [helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    evaluator = ReferenceEvaluator(helper.make_model(graph, opset_imports=opset_imports))
    results = [np.asarray(value) for value in evaluator.run(None, {name: known[name] for name in inputs})]
    return results if sum(result.size for result in results) <= MOST_ELEMENTS else None


def _type_of(value: Constant) -> int:
    return helper.np_dtype_to_tensor_dtype(value.dtype)


def _shapes(model: onnx.ModelProto) -> dict[str, list[int]]:
    """Return the shapes that follow from those of the inputs, by name of the result."""
    graph = model.graph
    large = [tensor for tensor in graph.initializer if math.prod(tensor.dims) > MOST_ELEMENTS]
    small = [tensor for tensor in graph.initializer if math.prod(tensor.dims) <= MOST_ELEMENTS]
    weights = [helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims) for tensor in large]
    light = helper.make_graph(graph.node, "shapes", [*graph.input, *weights], graph.output, small)
    inferred = onnx.shape_inference.infer_shapes(
        helper.make_model(light, opset_imports=model.opset_import, ir_version=model.ir_version), data_prop=True
    ).graph
    found: dict[str, list[int]] = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    for info in (*inferred.value_info, *inferred.input, *inferred.output):
        tensor = info.type.tensor_type
        sides = [dim.dim_value if dim.HasField("dim_value") else -1 for dim in tensor.shape.dim]
        if tensor.HasField("shape") and min(sides, default=0) >= 0:
            found[info.name] = sides
    return found


def _makes_double(node: NodeProto) -> bool:
    cast = node.op_type == "Cast" and node.attribute[0].i == TensorProto.DOUBLE
    constant = node.op_type == "Constant" and node.attribute[0].t.data_type == TensorProto.DOUBLE
    return cast or constant
