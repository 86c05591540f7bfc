"""The contract between training and stage, as far as a graph can be checked before ONNX Runtime sees it.

`INPUTS` and `OUTPUTS` are the table of `docs/bundle.md`. A graph that breaks it is refused with one line.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import GraphProto, OperatorSetIdProto, TensorProto, ValueInfoProto

from live.console import first_line
from live.errors import BundleError

MOST_NODES = 20_000
LARGEST_TENSOR = 2**27
"""Elements of an input, an output or a result of a node. In floats they are 512 MiB."""
LARGEST_SHAPE = 64
"""Elements of a constant that may say the size of a result."""
LONGEST_METADATA = 2**20
"""Characters of each value."""
SIZE_INPUTS: Mapping[str, tuple[int, ...]] = {
    "ConstantOfShape": (0,),
    "Expand": (1,),
    "OneHot": (1,),
    "Pad": (1,),
    "Range": (0, 1, 2),
    "Resize": (2, 3),
    "Tile": (1,),
    "Upsample": (1,),
}
"""Inputs of each operator that make its result larger than its other inputs."""
FORMAT_VERSION = "1"
STANDARD_DOMAINS = ("", "ai.onnx")
METADATA_KEYS = (
    "format_version",
    "title",
    "rights",
    "frame_rate",
    "stride",
    "context_frames",
    "camera_use",
    "seed_shot_starts",
)

FLOAT, HALF, UINT8 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.UINT8
# Element types and shape of each: K is the number of context frames, H and W are the size of the picture, V is the
# length of what the network notes about its visits to the film's shots, P, r and c are the shape of what it notes about
# a camera's movement, and C, h and w are whatever the noise has.
Row = tuple[tuple[int, ...], tuple[int | str, ...]]
INPUTS: Mapping[str, Row] = {
    "context": ((FLOAT, HALF), (1, "3K", "H", "W")),
    "visits": ((FLOAT,), (1, "V")),
    "movement": ((FLOAT,), (1, "P", "r", "c")),
    "camera": ((UINT8,), ("H", "W", 3)),
    "camera_mix": ((FLOAT,), (1,)),
    "noise": ((FLOAT,), (1, "C", "h", "w")),
    "temperature": ((FLOAT,), (1,)),
}
OUTPUTS: Mapping[str, Row] = {
    "frame": ((UINT8,), ("H", "W", 3)),
    "next_context": ((FLOAT, HALF), (1, "3K", "H", "W")),
    "next_visits": ((FLOAT,), (1, "V")),
    "next_movement": ((FLOAT,), (1, "P", "r", "c")),
}
NOTES = ("visits", "movement")
"""States beside the pictures, which are zeros at the beginning of a continuation."""
STATES = ("context", *NOTES)
"""Inputs whose next value is the output `next_…`."""


@dataclass(frozen=True)
class GraphFacts:
    """Facts of a graph that the stage needs."""

    inputs: frozenset[str]
    height: int
    width: int
    context_frames: int
    """K; 0 for a model without memory."""
    metadata: dict[str, str]
    notes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Shape of each of `NOTES` that the model keeps, by name."""
    noise: tuple[int, ...] = (0,)
    """Shape of the noise, (1, C, h, w); (0,) for a model without it."""


def check_graph(model_bytes: bytes, name: str) -> GraphFacts:
    """Check that a serialised ONNX model keeps the contract, except for `check_results`.

    Args:
        model_bytes: The model.
        name: What messages call it.

    Raises:
        BundleError: The model is damaged or of another kind, has external data, custom operators, control flow or
            missing metadata, or its inputs and outputs break the table.
    """
    model = _parse(model_bytes, name)
    if not model.graph.node:
        raise BundleError(f"{name} holds no network (cut off, or something else renamed); export it again")
    _check_operators(model, name)
    metadata = _check_metadata(model, name)
    sizes = _check_values(model.graph, name)
    inputs = _check_names(model.graph, name)
    context_frames, rest = divmod(sizes.get("3K", 0), 3)
    if rest or metadata["context_frames"] != str(context_frames):
        raise BundleError(
            f"{name} has a context of {sizes.get('3K', 0)} channels, but its metadata says "
            f"{metadata['context_frames']} frames of 3; export it again"
        )
    noise = (1, sizes["C"], sizes["h"], sizes["w"]) if "noise" in inputs else (0,)
    shapes = {
        note: tuple(sizes[side] if isinstance(side, str) else side for side in INPUTS[note][1])
        for note in NOTES
        if note in inputs
    }
    return GraphFacts(inputs, sizes["H"], sizes["W"], context_frames, metadata, shapes, noise)


def _parse(model_bytes: bytes, name: str) -> onnx.ModelProto:
    try:
        return onnx.load_model_from_string(model_bytes)
    except DecodeError as error:
        raise BundleError(
            f"{name} is not a readable ONNX model (damaged, cut off, or something else renamed); export it again"
        ) from error


def _check_operators(model: onnx.ModelProto, name: str) -> None:
    graph = model.graph
    if len(graph.node) > MOST_NODES:
        raise BundleError(f"{name} has {len(graph.node)} nodes, more than {MOST_NODES}; export it again")
    domains = {node.domain for node in graph.node} | {opset.domain for opset in model.opset_import}
    domains |= {function.domain for function in model.functions}
    custom = sorted(domains.difference(STANDARD_DOMAINS))
    if custom:
        raise BundleError(f"{name} needs custom operators ({', '.join(custom)}); export with standard ones only")
    # How long a loop takes cannot be said before it runs.
    inner = {node.op_type for node in graph.node for each in node.attribute if each.HasField("g") or each.graphs}
    if inner or model.functions:
        kinds = ", ".join(sorted(inner)) or "functions"
        raise BundleError(f"{name} has control flow ({kinds}); export it as one plain graph")
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in _tensors(graph)):
        raise BundleError(f"{name} keeps weights in other files; export it as one self-contained file")


def check_results(model_bytes: bytes, name: str) -> None:
    """Check that the sizes of all results follow from those of the inputs, and are not too large.

    A model may be made so that this itself takes all time or memory: call it where both are limited.

    Args:
        model_bytes: A model that `check_graph` takes.
        name: What messages call it.

    Raises:
        BundleError: The size of a result is decided while the model runs, or it is too large.
        MemoryError: There is too little memory.
    """
    model = _parse(model_bytes, name)
    graph = model.graph
    by_values = {info.name for info in graph.input}
    for node in graph.node:
        places = SIZE_INPUTS.get(node.op_type, ())
        if any(node.input[place] in by_values for place in places if place < len(node.input)):
            raise BundleError(f"{name} decides the size of {node.output[0]} while it runs; export it again")
        if node.op_type not in ("Shape", "Size") and not by_values.isdisjoint(node.input):
            by_values.update(node.output)
    try:
        inferred = onnx.shape_inference.infer_shapes(_without_weights(graph, model.opset_import), data_prop=True).graph
    except MemoryError:
        raise
    except Exception as error:  # of no common parent; ONNX Runtime would refuse the model, too
        raise BundleError(f"{name} has shapes that do not fit ({first_line(error)}); export it again") from error
    for info in inferred.value_info:
        shape = [dim.dim_value for dim in info.type.tensor_type.shape.dim if dim.HasField("dim_value")]
        if math.prod(shape) > LARGEST_TENSOR:
            raise BundleError(
                f"{name} computes {info.name}, of shape {_listed([*shape])}, which is too large; export it again"
            )


def _without_weights(graph: GraphProto, opsets: Sequence[OperatorSetIdProto]) -> onnx.ModelProto:
    """Return a model of the same shapes, which is quickly copied: its large constants have become inputs."""
    large = [each for each in graph.initializer if math.prod(each.dims) > LARGEST_SHAPE]
    weights = [onnx.helper.make_tensor_value_info(each.name, each.data_type, each.dims) for each in large]
    small = [each for each in graph.initializer if math.prod(each.dims) <= LARGEST_SHAPE]
    inputs = [*(info for info in graph.input), *weights]
    light = onnx.helper.make_graph(graph.node, "shapes", inputs, graph.output, small)
    return onnx.helper.make_model(light, opset_imports=opsets)


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors


def _check_metadata(model: onnx.ModelProto, name: str) -> dict[str, str]:
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    long = [key for key, value in metadata.items() if len(value) > LONGEST_METADATA]
    if long:
        raise BundleError(f"{name} has metadata that is too long ({', '.join(long)}); export it again")
    version = metadata.get("format_version", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise BundleError(
            f"{name} has format version {version}, this stage plays version {FORMAT_VERSION}; "
            "export it again, or use the stage that belongs to it"
        )
    missing = [key for key in METADATA_KEYS if key not in metadata]
    if missing:
        raise BundleError(f"{name} lacks the metadata {', '.join(missing)}; export it again")
    return metadata


def _check_names(graph: GraphProto, name: str) -> frozenset[str]:
    """Check which inputs and outputs there are, and return the names of the inputs."""
    inputs = frozenset(info.name for info in graph.input)
    outputs = {info.name for info in graph.output}
    if "frame" not in outputs:
        raise BundleError(f"{name} has no output `frame`; export it again")
    if not inputs & {"context", "camera"}:
        raise BundleError(f"{name} has neither an input `context` nor `camera`: nothing to continue; export it again")
    if ("context" in inputs and "camera" in inputs and "camera_mix" not in inputs) or (
        "camera_mix" in inputs and "camera" not in inputs
    ):
        raise BundleError(f"{name} has only one of `camera` and `camera_mix`; export it again")
    for state in STATES:
        if (state in inputs) != (f"next_{state}" in outputs):
            raise BundleError(f"{name} has only one of `{state}` and `next_{state}`; export it again")
    for note in NOTES:
        if note in inputs and "context" not in inputs:
            raise BundleError(f"{name} has `{note}` without `context`; export it again")
    states = [info for info in (*graph.input, *graph.output) if info.name in ("context", "next_context")]
    if len({info.type.tensor_type.elem_type for info in states}) > 1:
        raise BundleError(f"{name} has a `context` of another type than its `next_context`; export it again")
    return inputs


def _check_values(graph: GraphProto, name: str) -> dict[str, int]:
    """Check each input and output against the table, and return the dimensions that the table names."""
    sizes: dict[str, int] = {}
    # The frame first: every model has one, so it says what H and W are.
    for info in sorted(graph.output, key=lambda info: info.name != "frame"):
        _check_value(info, "output", OUTPUTS, sizes, name)
    for info in graph.input:
        _check_value(info, "input", INPUTS, sizes, name)
    return sizes


def _check_value(
    info: ValueInfoProto,
    kind: str,
    table: Mapping[str, Row],
    sizes: dict[str, int],
    name: str,
) -> None:
    """Check one input or output against its row of the table, and add the dimensions that the row names to `sizes`."""
    if info.name not in table:
        raise BundleError(f"{name} has an {kind} `{info.name}` that this stage does not know; export it again")
    wanted_types, wanted_shape = table[info.name]
    tensor = info.type.tensor_type
    shape = [dim.dim_value if dim.HasField("dim_value") else 0 for dim in tensor.shape.dim]
    fits = tensor.elem_type in wanted_types and len(shape) == len(wanted_shape) and min(shape, default=0) > 0
    if fits:
        for size, wanted in zip(shape, wanted_shape, strict=True):
            fits &= size == (sizes.setdefault(wanted, size) if isinstance(wanted, str) else wanted)
    if not fits:
        type_name = " or ".join(map(_type_name, wanted_types))
        expected = [sizes.get(wanted, wanted) if isinstance(wanted, str) else wanted for wanted in wanted_shape]
        given_name = _type_name(tensor.elem_type)
        given = [size or "?" for size in shape]
        raise BundleError(
            f"{name}: {kind} `{info.name}` must be {type_name} {_listed(expected)}, "
            f"but is {given_name} {_listed(given)}; export it again"
        )
    if math.prod(shape) > LARGEST_TENSOR:
        raise BundleError(f"{name}: {kind} `{info.name}` is {_listed([*shape])}, which is too large; export it again")


def _type_name(element_type: int) -> str:
    known = element_type in TensorProto.DataType.values()
    return TensorProto.DataType.Name(element_type).lower() if known else f"type {element_type}"


def _listed(shape: list[int | str]) -> str:
    return f"[{', '.join(map(str, shape))}]"
