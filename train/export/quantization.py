"""The same network in fewer bits: in 8-bit integers for CPUs, in half floats for GPUs.

The stage takes such a file where it is faster than the plain one. What goes on its own output adds up what rounding
does wrong, so each is held against the plain one over many steps, and not over one.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from train.evaluation.bundle_runner import Graph
from train.images.frame_figures import motion, sharpness
from train.models.generator import Generator

CALIBRATION_STEPS = 64
COMPARED_STEPS = 250
MIXES = (0.25, 0.5, 0.75, 1.0)  # at which a camera plays, where one can
ENDS = ("/stem/", "/head/")  # as `train.models.generator` calls them
TRUE_SHARPNESS, TRUE_MOTION = (0.8, 1.25), (0.5, 2.0)  # of the plain network's, as the bars of `train.metrics.scoring`


@dataclass(frozen=True)
class Likeness:
    """How a rollout in fewer bits compares with the plain one: medians over medians, 1 is the same."""

    sharpness: float
    motion: float

    @property
    def true(self) -> bool:
        """Whether it can stand in for the plain one."""
        return all(
            low <= value <= high
            for value, (low, high) in ((self.sharpness, TRUE_SHARPNESS), (self.motion, TRUE_MOTION))
        )

    def __str__(self) -> str:
        return f"over {COMPARED_STEPS} steps of its own sharpness {self.sharpness:.2f}, motion {self.motion:.2f}"


def halved(generator: Generator) -> Generator:
    """A copy whose networks are half floats; the memory, which tells moments by small differences, stays as it is."""
    half = copy.deepcopy(generator)
    half.recurrence.half()
    half.enlarger.half()
    return half


def quantise(plain: Path, out: Path, context: np.ndarray) -> None:
    """Write the graph `plain` with its convolutions in 8-bit integers to `out`.

    Static, with QDQ nodes, weights by channel (Jacob et al. 2018): the form that ONNX Runtime makes VNNI arithmetic of.
    The ranges of activations are those of a rollout from `context`, float32 [1, 3K, H, W] −1…1.
    """
    with _quiet():
        quantize_static(
            plain,
            out,
            _Calibration(played(Graph(plain), context, CALIBRATION_STEPS)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=[node.name for node in onnx.load(str(plain)).graph.node if _is_end(node)],
        )
    model = onnx.load(str(out))
    # Without what the quantiser noted for itself.
    onnx.helper.set_model_props(model, Graph(plain).metadata)
    onnx.save_model(model, str(out))


def compare(plain: Path, other: Path, context: np.ndarray) -> Likeness:
    """Roll both out from `context`, float32 [1, 3K, H, W] −1…1."""
    ours, theirs = (_medians(played(Graph(path), context, COMPARED_STEPS)) for path in (plain, other))
    return Likeness(*(other / max(plain, 1e-9) for plain, other in zip(ours, theirs, strict=True)))


Step = tuple[dict[str, np.ndarray], np.ndarray]


def played(graph: Graph, context: np.ndarray, steps: int) -> Iterator[Step]:
    """The inputs and the frame, uint8 RGB [H, W, 3], of each step of a rollout at temperature 1, always the same.

    A generator that a camera can play is played in the second half of it, at every mix, by a mirror image of itself.
    """
    rng = np.random.default_rng(0)
    alone = steps // 2 if graph.takes_camera else steps
    mirrored = np.zeros((*context.shape[2:], 3), np.uint8)
    for step in range(steps):
        noise = rng.standard_normal((1, 1, *context.shape[2:]), dtype=np.float32)
        mix = 0.0 if step < alone else MIXES[step % len(MIXES)]
        inputs = graph.inputs(context, noise, np.ones(1, np.float32), mirrored, mix)
        frame, context = graph.run(inputs)
        yield inputs, frame
        mirrored = np.ascontiguousarray(frame[:, ::-1])


def _medians(steps: Iterator[Step]) -> tuple[float, float]:
    """Sharpness and motion."""
    frames = [frame for _, frame in steps]
    return (
        float(np.median([sharpness(frame) for frame in frames])),
        float(np.median([motion(frame, before) for before, frame in pairwise(frames)])),
    )


def _is_end(node: onnx.NodeProto) -> bool:
    """Whether a picture goes in or comes out there: a tenth of the time, and a quarter of what rounding does wrong."""
    return node.op_type == "Conv" and any(end in node.name for end in ENDS)


class _Calibration(CalibrationDataReader):
    def __init__(self, steps: Iterator[Step]) -> None:
        self._steps = steps

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next step's inputs by name; None after the last."""
        return next((inputs for inputs, _ in self._steps), None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the advice to optimise the graph first, which would blow up its memory of the film."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)
