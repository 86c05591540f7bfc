"""The network on its provider: the only room that knows ONNX Runtime.

The state (`context`) stays on the provider's device: two buffers take turns as `context` and `next_context` (two I/O
bindings, A→B and B→A), so that a step copies in some noise and copies out one picture and nothing else. The same code
serves the CPU.
"""

import contextlib
import ctypes
import io
import os
import platform
from typing import Literal

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from live.bundle import Bundle
from live.contract import GraphFacts
from live.errors import BundleError, ProviderError
from live.frames import Pixels
from live.settings import ProviderChoice
from live.timings import Timings

# More threads than this gain nothing for a network of this size and keep the rest of the show from its cores.
MOST_THREADS = 8


class Model:
    """A network, ready to step. Open one with `open_model`."""

    def __init__(
        self,
        session: ort.InferenceSession,
        graph: GraphFacts,
        device: Literal["cpu", "cuda"],
        timings: Timings,
    ) -> None:
        self._session = session
        self._timings = timings
        self.graph = graph
        self.provider = device.upper()
        self.passed_over = ""
        """Which better provider is not used, and why; empty if there is none."""
        picture = (graph.height, graph.width, 3)
        plane = (1, 1, graph.height, graph.width)
        state = (1, 3 * graph.context_frames, graph.height, graph.width)

        def zeros(shape: tuple[int, ...], dtype: type, where: str = device) -> ort.OrtValue:
            value = ort.OrtValue.ortvalue_from_shape_and_type(shape, dtype, where, 0)
            value.update_inplace(np.zeros(shape, dtype))
            return value

        self._noise = zeros(plane, np.float32)
        self._temperature = zeros((1,), np.float32)
        has_memory = "context" in graph.inputs
        self._states = [zeros(state, np.float32) for _ in range(2 if has_memory else 0)]
        self._camera = zeros(picture, np.uint8)
        self._camera_mix = zeros((1,), np.float32)
        # Only the picture leaves the device.
        self._frame = zeros(picture, np.uint8, "cpu")
        inputs = {
            "noise": self._noise,
            "temperature": self._temperature,
            "camera": self._camera,
            "camera_mix": self._camera_mix,
        }
        self._bindings = []
        for turn in (0, 1):
            binding = session.io_binding()
            for name in graph.inputs.intersection(inputs):
                binding.bind_ortvalue_input(name, inputs[name])
            if has_memory:
                binding.bind_ortvalue_input("context", self._states[turn])
                binding.bind_ortvalue_output("next_context", self._states[1 - turn])
            binding.bind_ortvalue_output("frame", self._frame)
            self._bindings.append(binding)
        self._turn = 0

    def warm_up(self) -> None:
        """Step once through each binding, so that the first real step is as fast as any. Leaves a state of zeros."""
        for binding in self._bindings:
            self._session.run_with_iobinding(binding)
        for state in self._states:
            state.update_inplace(np.zeros(state.shape(), np.float32))

    def reset(self, context: NDArray[np.float32]) -> None:
        """Set the state of a model with memory: float32 [1, 3K, H, W], oldest frame first, −1…1."""
        self._turn = 0
        self._states[0].update_inplace(np.ascontiguousarray(context, np.float32))

    def state(self) -> NDArray[np.float32]:
        """The state as `reset` takes it: float32 [1, 3K, H, W], a copy. The only time when it leaves the device."""
        return self._states[self._turn].numpy().copy()

    def step(
        self,
        noise: NDArray[np.float32] | None,
        temperature: float,
        camera: Pixels | None = None,
        camera_mix: float = 0.0,
    ) -> Pixels:
        """Advance the state by one frame and return that frame, uint8 [H, W, 3] RGB, which is the caller's to keep.

        `noise` is standard normal, float32 [1, 1, H, W]; None if the model takes none. `temperature` is 0…2. `camera`
        is uint8 [H, W, 3] RGB; None leaves what the last one was. `camera_mix` is 0…1.
        """
        if noise is not None:
            self._noise.update_inplace(noise)
        self._temperature.update_inplace(np.array([temperature], np.float32))
        if camera is not None:
            self._camera.update_inplace(camera)
        self._camera_mix.update_inplace(np.array([camera_mix], np.float32))
        with self._timings.section("session"):
            self._session.run_with_iobinding(self._bindings[self._turn])
        self._turn = 1 - self._turn
        # A copy: the buffer is written again in the next step.
        return self._frame.numpy().copy()


def open_model(bundle: Bundle, provider: ProviderChoice, timings: Timings) -> Model:
    """Open the bundle's network on the wanted provider and warm it up. "auto" takes CUDA where it really works.

    Raises `ProviderError` if CUDA was asked for and does not work, `BundleError` if ONNX Runtime refuses the network.
    """
    passed_over = ""
    if provider != "cpu":
        try:
            return _open_cuda(bundle, timings)
        except _UnusableError as error:
            passed_over = f"CUDA: {error}"
    if provider == "cuda":
        raise ProviderError(
            f'{passed_over}; pip install -e ".[gpu]" brings CUDA and cuDNN, --provider cpu does without'
        )
    try:
        session = ort.InferenceSession(
            bundle.model_bytes, session_options(), providers=["CPUExecutionProvider"], enable_fallback=0
        )
        model = Model(session, bundle.graph, "cpu", timings)
        model.warm_up()
    # ONNX Runtime's exceptions have no common parent of their own.
    except Exception as error:
        raise BundleError(f"ONNX Runtime cannot run the network of {bundle.name} ({_first_line(error)})") from error
    model.passed_over = passed_over
    return model


def session_options() -> ort.SessionOptions:
    """How every session of the stage runs. `python -m live.benchmark options` measures what each is worth."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = min(usable_cores(), MOST_THREADS)
    # The network is one chain of layers: nothing in it could run beside something else.
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.inter_op_num_threads = 1
    # Workers that spin between two layers spare a wake-up each; spinning on between two frames, as is the default,
    # would take the cores from window and encoder. Of 0, 50, 200 and 1000 µs, 50 gave the shortest steps on two cores
    # that had other work besides.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "50")
    # A feedback loop that fades to black ends in denormal numbers, which are up to a hundred times slower.
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    # Errors come as exceptions; what ONNX Runtime prints beside them would only tear the show's own lines.
    options.log_severity_level = 4
    return options


def usable_cores() -> int:
    """Cores that this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _UnusableError(Exception):
    """A provider does not work here; the message is the reason."""


def _open_cuda(bundle: Bundle, timings: Timings) -> Model:
    """A model on the first NVIDIA GPU that has proved itself by a step. Raises `_UnusableError` with the reason."""
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        raise _UnusableError("this ONNX Runtime is built without it")
    try:
        ctypes.CDLL("nvcuda.dll" if platform.system() == "Windows" else "libcuda.so.1")
    except OSError as error:
        raise _UnusableError("this machine has no NVIDIA driver") from error
    # ONNX Runtime prints what it cannot load, from Python and from C++: keep the first as a reason, silence the second.
    printed = io.StringIO()
    ort.set_default_logger_severity(4)
    try:
        with contextlib.redirect_stdout(printed):
            ort.preload_dlls()
        session = ort.InferenceSession(
            bundle.model_bytes,
            session_options(),
            providers=["CUDAExecutionProvider", "CPUExecutionProvider"],
            enable_fallback=0,
        )
        if "CUDAExecutionProvider" not in session.get_providers():
            raise _UnusableError(f"its libraries do not load ({_first_line(printed.getvalue())})")
        model = Model(session, bundle.graph, "cuda", timings)
        model.warm_up()
    except _UnusableError:
        raise
    # As in open_model; whatever the reason is, the CPU can still play.
    except Exception as error:
        raise _UnusableError(_first_line(error)) from error
    finally:
        ort.set_default_logger_severity(2)
    return model


def _first_line(reason: object) -> str:
    lines = str(reason).strip().splitlines()
    return lines[0] if lines else "no reason given"
