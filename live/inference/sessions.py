"""Open ONNX Runtime sessions on each provider, or say why that is impossible."""

import contextlib
import ctypes
import io
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import onnxruntime as ort

from live.bundle.bundle import Bundle, Precision
from live.console import first_line
from live.errors import UnusableError
from live.inference import plugins, tensorrt
from live.inference.model import Model
from live.inference.plugins import PLUGINS, PluginProvider
from live.inference.session_options import session_options

Provider = Literal["cpu", "cuda", "tensorrt", "coreml"] | PluginProvider
# Providers that show themselves in a process of their own before the show loads them, in this order.
TriedProvider = Literal["coreml"] | PluginProvider
TRIED: dict[TriedProvider, tuple[Precision, ...]] = {
    "coreml": ("fp16", "fp32"),
    **{provider: plugin.precisions for provider, plugin in PLUGINS.items()},
}
"""The precisions of each that may be the fastest."""
PROVIDER_NAMES: dict[Provider, str] = {
    "cpu": "CPU",
    "cuda": "CUDA",
    "tensorrt": "TensorRT",
    "coreml": "CoreML",
    **{provider: plugin.name for provider, plugin in PLUGINS.items()},
}

_CPU = ("CPUExecutionProvider", dict[str, str]())
_COREML = ("CoreMLExecutionProvider", {"ModelFormat": "MLProgram", "RequireStaticInputShapes": "1"})


class LibrariesError(UnusableError):
    """The libraries of a provider do not load, so nothing of it works here."""


@dataclass(frozen=True)
class Candidate:
    """One way to run the network."""

    provider: Provider
    precision: Precision
    captured: bool = False  # as a CUDA graph

    @property
    def label(self) -> str:
        """Provider and precision, in words."""
        precision = "" if self.precision == "fp32" else f" {self.precision}"
        return f"{PROVIDER_NAMES[self.provider]}{precision}{', graph' if self.captured else ''}"


PLAIN = Candidate("cpu", "fp32")


def missing_reason(provider: Provider) -> str:
    """Return why a provider cannot be used on this machine; empty if it may work."""
    if provider == "cuda":
        return _missing_cuda()
    if provider == "tensorrt":
        return tensorrt.missing()
    if provider == "coreml":
        return "" if _COREML[0] in ort.get_available_providers() else "only ONNX Runtime for macOS has it"
    return "" if provider == "cpu" else plugins.missing(provider)


def open_candidate(bundle: Bundle, candidate: Candidate) -> Model:
    """Open the bundle's network as the candidate says, and warm it up. Raises what `open_session` raises."""
    model = Model(
        open_session(bundle, candidate),
        bundle.graph,
        label=candidate.label,
        device="cuda" if candidate.provider in ("cuda", "tensorrt") else "cpu",
        captured=candidate.captured,
        copied=candidate.provider in TRIED,
    )
    model.warm_up()
    return model


def open_session(bundle: Bundle, candidate: Candidate) -> ort.InferenceSession:
    """Open the session that the candidate names.

    Raises:
        BundleError: The network is not as it should be.
        UnusableError: ONNX Runtime silently took another provider.
        Exception: Whatever else ONNX Runtime raises.
    """
    network = bundle.in_precision(candidate.precision).model_bytes
    if candidate.provider == "cpu":
        return _session(network, [_CPU])
    if candidate.provider == "coreml":
        return _session(network, [_COREML, _CPU])
    if candidate.provider in PLUGINS:
        return plugins.open_session(network, candidate.provider)
    cuda = ("CUDAExecutionProvider", _cuda_options(captured=candidate.captured))
    if candidate.provider == "cuda":
        return _session(network, [cuda, _CPU])
    return tensorrt.open_session(
        network,
        open_with=lambda options: _session(network, [("TensorrtExecutionProvider", options), cuda, _CPU]),
    )


def _cuda_options(*, captured: bool) -> dict[str, str]:
    return {
        # Tensor cores want channels last. The whole network is turned once, at its ends.
        "prefer_nhwc": "1",
        # The first step tries every algorithm for each convolution and keeps the fastest.
        "cudnn_conv_algo_search": "EXHAUSTIVE",
        "enable_cuda_graph": str(int(captured)),
    }


def _missing_cuda() -> str:
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        return "this ONNX Runtime is built without it"
    try:
        ctypes.CDLL("nvcuda.dll" if platform.system() == "Windows" else "libcuda.so.1")
    except OSError:
        return "this machine has no NVIDIA driver"
    return ""


def _session(network: bytes, providers: Sequence[tuple[str, dict[str, str]]]) -> ort.InferenceSession:
    """Open a session whose first provider is really the first of `providers`."""
    first = providers[0][0]
    complaint = "" if first in (_CPU[0], _COREML[0]) else _load_cuda()
    # ONNX Runtime also prints from C++ what it cannot load.
    ort.set_default_logger_severity(4)
    try:
        session = ort.InferenceSession(network, session_options(), providers=providers, enable_fallback=0)
    finally:
        ort.set_default_logger_severity(2)
    if first not in session.get_providers():
        raise LibrariesError(f"its libraries do not load ({first_line(complaint)})")
    return session


@cache
def _load_cuda() -> str:
    """Load the libraries of CUDA and cuDNN, once, and return what ONNX Runtime prints of those that do not load."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        ort.preload_dlls()
    return printed.getvalue()
