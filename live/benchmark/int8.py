"""What 8-bit integers would bring: the network's convolutions quantised, beside itself."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from live.benchmark.interleave import Times, interleaved
from live.benchmark.report import Figure, Part
from live.benchmark.sessions import Arrays, any_inputs, bound, open_session, optimised
from live.bundle import Bundle

CALIBRATION_STEPS = 32


def beside_int8(bundle: Bundle, seconds: float) -> Part:
    """The bare session in fp32 and with quantised convolutions, the same options."""
    cases = {
        "fp32": bound(open_session(bundle.model_bytes)),
        "int8 convolutions": bound(open_session(_quantised(bundle))),
    }
    times = {name: Times.of(each, float(bundle.frame_rate)) for name, each in interleaved(cases, seconds).items()}
    ratio = times["fp32"].p50_ms / times["int8 convolutions"].p50_ms
    return Part("8-bit integers", times, [Figure("times faster than fp32", ratio, bar=1.3)])


def _quantised(bundle: Bundle) -> bytes:
    """Static quantisation with QDQ nodes, weights by channel, calibrated on a rollout from the film's end."""
    with tempfile.TemporaryDirectory() as folder:
        plain, quantised = Path(folder) / "plain.onnx", Path(folder) / "int8.onnx"
        prepared = optimised(bundle.model_bytes)
        # That constants are folded is what `quantize_static` asks for, and looks up here.
        onnx.helper.set_model_props(prepared, {"onnx.quant.pre_process": "onnxruntime.quant"})
        onnx.save(prepared, plain)
        quantize_static(
            plain,
            quantised,
            _Rollout(bundle),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv"],
        )
        return quantised.read_bytes()


class _Rollout(CalibrationDataReader):
    """The inputs of the first steps of a show."""

    def __init__(self, bundle: Bundle) -> None:
        self._steps = self._roll(bundle)

    def get_next(self) -> Arrays | None:
        """The next step's inputs by name; None after the last."""
        return next(self._steps, None)

    @staticmethod
    def _roll(bundle: Bundle) -> Iterator[Arrays]:
        session = open_session(bundle.model_bytes)
        inputs = any_inputs(session)
        random = np.random.default_rng(0)
        frames = bundle.graph.context_frames
        if frames:
            planes = bundle.film.frames[-frames:].transpose(0, 3, 1, 2).reshape(inputs["context"].shape)
            inputs["context"] = planes.astype(np.float32) / np.float32(127.5) - 1
        for _ in range(CALIBRATION_STEPS):
            if "noise" in inputs:
                inputs["noise"] = random.standard_normal(inputs["noise"].shape, np.float32)
            yield dict(inputs)
            if frames:
                (inputs["context"],) = session.run(["next_context"], inputs)
