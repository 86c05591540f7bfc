"""Sessions to measure: with the stage's own options, all buffers bound beforehand, and nothing else around them."""

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import ModelProto

from live.bundle.graph_contract import STATES
from live.inference.model import NUMPY_TYPES, Device, Model
from live.inference.model_slot import ModelSlot
from live.inference.session_options import session_options

CPU = ("CPUExecutionProvider",)
EVERY, FOLDING = ort.GraphOptimizationLevel.ORT_ENABLE_ALL, ort.GraphOptimizationLevel.ORT_ENABLE_BASIC

Arrays = dict[str, NDArray[Any]]


def open_session(network: bytes | ModelProto, options: ort.SessionOptions | None = None) -> ort.InferenceSession:
    """Open a session on the CPU with the stage's options, or with those given."""
    network = network if isinstance(network, bytes) else network.SerializeToString()
    return ort.InferenceSession(network, options or session_options(), providers=CPU, enable_fallback=0)


def any_inputs(session: ort.InferenceSession) -> Arrays:
    """Return inputs of the right shapes: numbers are standard normal within −1…1, bytes are uniform.

    A camera is not followed.
    """
    random = np.random.default_rng(0)

    def values(shape: list[int], kind: str) -> NDArray[Any]:
        if kind == "tensor(uint8)":
            return random.integers(0, 256, shape, np.uint8)
        return random.standard_normal(shape, np.float32).clip(-1, 1).astype(NUMPY_TYPES[kind])

    made = {put.name: values(put.shape, put.type) for put in session.get_inputs()}
    constants = {"temperature": 1.0, "camera_mix": 0.0}
    return made | {name: np.full(1, constants[name], np.float32) for name in made.keys() & constants.keys()}


def bound(session: ort.InferenceSession, device: Device = "cpu") -> Callable[[], None]:
    """Return a call that runs `session` once, with inputs and outputs bound beforehand.

    A state goes round as in a show. Everything lies on the `device` but the frame, which comes back.
    """
    values = {name: ort.OrtValue.ortvalue_from_numpy(array, device, 0) for name, array in any_inputs(session).items()}
    results = {
        put.name: ort.OrtValue.ortvalue_from_numpy(
            np.zeros(put.shape, NUMPY_TYPES[put.type]), "cpu" if put.name == "frame" else device, 0
        )
        for put in session.get_outputs()
    }
    bindings = [_binding(session, values, results)]
    states = [name for name in STATES if name in values]
    if states:
        back = values | {name: results[f"next_{name}"] for name in states}
        bindings.append(_binding(session, back, results | {f"next_{name}": values[name] for name in states}))
    turns = itertools.cycle(bindings)
    return lambda: session.run_with_iobinding(next(turns))


def _binding(
    session: ort.InferenceSession, values: dict[str, ort.OrtValue], results: dict[str, ort.OrtValue]
) -> ort.IOBinding:
    binding = session.io_binding()
    for name, value in values.items():
        binding.bind_ortvalue_input(name, value)
    for name, value in results.items():
        binding.bind_ortvalue_output(name, value)
    return binding


def stage_step(model: Model | ModelSlot) -> Callable[[], object]:
    """Return the stage's own step, with noise and a camera picture that are made once."""
    random = np.random.default_rng(0)
    graph = model.graph
    noise = random.standard_normal(graph.noise, np.float32)
    camera = random.integers(0, 256, (graph.height, graph.width, 3), np.uint8) if "camera" in graph.inputs else None
    return lambda: model.step(noise, 1.0, camera)


def through_numpy(session: ort.InferenceSession) -> Callable[[], None]:
    """Return the same step with arrays that come out and go in again, as everybody writes it first."""
    inputs = any_inputs(session)
    names = [put.name for put in session.get_outputs()]

    def step() -> None:
        results = dict(zip(names, session.run(names, inputs), strict=True))
        inputs.update({name: results[f"next_{name}"] for name in STATES if name in inputs})

    return step


def optimised(network: bytes | ModelProto, level: ort.GraphOptimizationLevel = FOLDING) -> ModelProto:
    """Return the graph as ONNX Runtime runs it: `FOLDING` computes constants, `EVERY` also changes the layout."""
    options = session_options()
    options.graph_optimization_level = level
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "optimised.onnx"
        options.optimized_model_filepath = str(path)
        open_session(network, options)
        return onnx.load(path)
