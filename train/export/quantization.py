"""The same network in fewer bits: 8-bit integers for CPUs, half floats for GPUs.

The stage uses such a file where it is faster than the fp32 network. In a continuation rounding errors add up, so each
is compared with the fp32 network over many steps and not over one.
"""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from live.images.frame_figures import motion, sharpness
from train.evaluation.bundle_runner import Graph
from train.export.integer_layout import double_by_copies, widen
from train.export.onnx_file import write_graph
from train.models.generator import Generator
from train.models.show_step import FilmGenerator, draw_noise
from train.runtime.run_folder import FilmFacts

SEED = 0  # of the noise
MIXES = (0.25, 0.5, 0.75, 1.0)  # of a camera, where one can play
BLOCK_SUM, DOUBLING = re.compile(r"\.\d+/Add$"), re.compile(r"/(enlarger|paint)/Resize(_\d+)?$")  # as the next
ENDS = ("/stem/", "/paint/head/", "/smooth/", "/motion/")  # names of layers in `train.models.generator`
# Ranges, as multiples of the fp32 network's figures: the bars of `train.metrics.scoring`.
SUFFICIENT_SHARPNESS, SUFFICIENT_MOTION = (0.8, 1.25), (0.5, 2.0)

Step = tuple[dict[str, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Likeness:
    """Medians of a rollout in fewer bits over those of the fp32 network; 1 is the same."""

    sharpness: float
    motion: float

    @property
    def sufficient(self) -> bool:
        """True if the network can replace the fp32 network."""
        return all(
            low <= value <= high
            for value, (low, high) in ((self.sharpness, SUFFICIENT_SHARPNESS), (self.motion, SUFFICIENT_MOTION))
        )

    def __str__(self) -> str:
        return f"sharpness is {self.sharpness:.2f} and motion {self.motion:.2f}"


def write_precisions(
    folder: Path,
    generator: FilmGenerator,
    facts: FilmFacts,
    shot_starts: list[int],
    context: np.ndarray,
    *,
    calibration_steps: int,
    comparison_steps: int,
) -> list[str]:
    """Write the int8 and fp16 networks, and delete those whose rollouts differ too much from the fp32 network's.

    Args:
        folder: of the bundle, with the fp32 network.
        generator: the network.
        facts: of its film.
        shot_starts: frames of the film's tail with which a shot begins.
        context: float32 [1, 3K, H, W], −1…1; the start of all rollouts.
        calibration_steps: length of the rollout that gives the ranges of the int8 network's activations.
        comparison_steps: length of the rollouts that are compared.

    Returns:
        A line for each, with the comparison.
    """
    fp32 = folder / "generator.onnx"
    int8, fp16 = (folder / f"generator.{precision}.onnx" for precision in ("int8", "fp16"))
    quantise(fp32, int8, context, calibration_steps)
    write_graph(fp16, halved(generator), facts, shot_starts)
    lines = []
    for path in (int8, fp16):
        likeness = compare(fp32, path, context, comparison_steps)
        if not likeness.sufficient:
            path.unlink()
        lines.append(
            f"{path.name}: over {comparison_steps} steps, {likeness} times that of the fp32 network"
            f"{'' if likeness.sufficient else '; left out'}"
        )
    return lines


def halved(generator: FilmGenerator) -> FilmGenerator:
    """Return a copy whose networks are half floats.

    The memory stays as it is, since it tells frames apart by small differences.
    """
    half = copy.deepcopy(generator)
    for network in (half.recurrence, half.enlarger) if isinstance(half, Generator) else (half,):
        network.half()
    return half


def quantise(fp32: Path, out: Path, context: np.ndarray, steps: int) -> None:
    """Write a graph with its convolutions in 8-bit integers.

    They are static, with QDQ nodes and weights by channel (Jacob et al. 2018): the form that ONNX Runtime turns into
    VNNI arithmetic. The ranges of activations are those of a rollout.

    Args:
        fp32: the graph.
        out: file to write.
        context: float32 [1, 3K, H, W], −1…1; the rollout's start.
        steps: length of the rollout.
    """
    with _quiet(), TemporaryDirectory() as folder:
        # As a file: the quantiser would save a model of its own under a name that it makes of the network address.
        widened = Path(folder) / "widened.onnx"
        onnx.save_model(widen(onnx.load(str(fp32)), _is_end), str(widened))
        quantize_static(
            widened,
            out,
            _Calibration(play(Graph(fp32), context, steps)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # With a rectifier, a layer's range is half as wide, and it needs no conversion to floats and back.
            op_types_to_quantize=["Conv", "Relu", "Add", "Resize"],
            nodes_to_exclude=[node.name for node in onnx.load(str(fp32)).graph.node if _stays_float(node)],
        )
    model = double_by_copies(onnx.load(str(out)))
    # Restore the metadata, to which the quantiser adds notes of its own.
    onnx.helper.set_model_props(model, Graph(fp32).metadata)
    onnx.save_model(model, str(out))


def compare(fp32: Path, other: Path, context: np.ndarray, steps: int) -> Likeness:
    """Roll out two graphs from the same context, float32 [1, 3K, H, W] −1…1, and compare them."""
    expected, found = (_medians(play(Graph(path), context, steps)) for path in (fp32, other))
    return Likeness(*(value / max(plain, 1e-9) for plain, value in zip(expected, found, strict=True)))


def play(graph: Graph, context: np.ndarray, steps: int) -> Iterator[Step]:
    """Yield the inputs and the frame, uint8 RGB [H, W, 3], of each step of a rollout at temperature 1.

    The rollout is always the same. In its second half, a generator that a camera can play is played by a mirror image
    of itself, at every mix.
    """
    height, width = context.shape[2:]
    without_camera = steps // 2 if graph.takes_camera else steps
    camera, state = np.zeros((height, width, 3), np.uint8), graph.begin(context)
    for step, noise in enumerate(islice(draw_noise(graph.noise_shape, SEED), steps)):
        mix = 0.0 if step < without_camera else MIXES[step % len(MIXES)]
        inputs = graph.inputs(state, noise, np.ones(1, np.float32), camera, mix)
        frame, state = graph.run(inputs)
        yield inputs, frame
        camera = np.ascontiguousarray(frame[:, ::-1])


def _medians(steps: Iterator[Step]) -> tuple[float, float]:
    """Return the medians of sharpness and motion."""
    frames = [frame for _, frame in steps]
    return (
        float(np.median([sharpness(frame) for frame in frames])),
        float(np.median([motion(frame, before) for before, frame in pairwise(frames)])),
    )


def _is_end(node: onnx.NodeProto) -> bool:
    """Return True if a picture enters or leaves the network there, or that of the camera is compared.

    These layers take little time and would cause a quarter of the rounding error. The enlarger's head is none of them:
    it is what takes longest in floats, and only draws what comes on top of a smooth picture.
    """
    return node.op_type == "Conv" and any(end in node.name for end in ENDS)


def _stays_float(node: onnx.NodeProto) -> bool:
    """Return True for a node that gets no integers.

    Of all sums, those of residual blocks get them; of all resizing, that between the layers of a network.
    """
    inside = {"Add": BLOCK_SUM, "Resize": DOUBLING}.get(node.op_type)
    return _is_end(node) or (inside is not None and not inside.search(node.name))


class _Calibration(CalibrationDataReader):  # type: ignore[misc]  # ONNX Runtime has no types
    """Inputs of a rollout, for the quantiser."""

    def __init__(self, steps: Iterator[Step]) -> None:
        self._steps = steps

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Return the next step's inputs by name; None after the last."""
        return next((inputs for inputs, _ in self._steps), None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the advice to optimise the graph first, which would inflate its memory of the film."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)
