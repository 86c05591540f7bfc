"""Providers that are plug-ins of ONNX Runtime: libraries from wheels of their own, which it loads when it is told to.

A plug-in may be written for other drivers than those of this machine. So it is loaded and proven in a process of its
own first: there it may crash or hang.
"""

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import onnxruntime as ort

from live.bundle.bundle import Precision
from live.errors import UnusableError
from live.inference.session_options import session_options

PluginProvider = Literal["tensorrt-rtx", "webgpu", "openvino"]
# A GPU of the machine comes before its other devices.
DEVICE_KINDS = ("GPU", "NPU", "CPU")


@dataclass(frozen=True)
class Plugin:
    """A plug-in."""

    name: str
    module: str
    """Module of its wheel. It knows where the library is, and what ONNX Runtime calls the provider."""
    precisions: tuple[Precision, ...]
    """Precisions that may be the fastest, best first."""

    @property
    def package(self) -> str:
        """Name of its wheel."""
        return self.module.replace("_", "-")


PLUGINS: dict[PluginProvider, Plugin] = {
    "tensorrt-rtx": Plugin("TensorRT-RTX", "onnxruntime_ep_nv_tensorrt_rtx", ("fp16", "fp32")),
    "webgpu": Plugin("WebGPU", "onnxruntime_ep_webgpu", ("fp16", "fp32")),
    "openvino": Plugin("OpenVINO", "onnxruntime_ep_openvino", ("int8", "fp32")),
}


def missing(provider: PluginProvider) -> str:
    """Return why a plug-in cannot be used; empty if it may work."""
    plugin = PLUGINS[provider]
    return "" if importlib.util.find_spec(plugin.module) else f"{plugin.package} is not installed"


def device_names(provider: PluginProvider) -> list[str]:
    """Return the kinds of devices that a plug-in finds, best first, such as "GPU". Raises what `devices` raises."""
    return [_kind(device) for device in devices(provider)]


@cache
def devices(provider: PluginProvider) -> Sequence[ort.OrtEpDevice]:
    """Load a plug-in into this process and return its devices, best first.

    Raises:
        Exception: Its library does not load, or not with this ONNX Runtime.
    """
    module = importlib.import_module(PLUGINS[provider].module)
    # Drivers that are looked for and not found are no news.
    ort.set_default_logger_severity(4)
    try:
        ort.register_execution_provider_library(provider, module.get_library_path())
        found = [device for device in ort.get_ep_devices() if device.ep_name == module.get_ep_name()]
    finally:
        ort.set_default_logger_severity(2)
    return sorted(found, key=lambda device: DEVICE_KINDS.index(_kind(device)))


def open_session(network: bytes, provider: PluginProvider) -> ort.InferenceSession:
    """Open a session on the best device of a plug-in. What it cannot compute, the CPU does.

    Raises:
        UnusableError: The plug-in finds no device, or does not take the network.
        Exception: Whatever else ONNX Runtime or the plug-in raise.
    """
    found = devices(provider)
    if not found:
        raise UnusableError("it finds no device here")
    options = session_options()
    # One device: WebGPU takes no more.
    options.add_provider_for_devices([found[0]], {})
    session = ort.InferenceSession(network, options, enable_fallback=0)
    if found[0].ep_name not in session.get_providers():
        raise UnusableError("it does not take this network")
    return session


def _kind(device: ort.OrtEpDevice) -> str:
    name: str = device.device.type.name
    return name
