"""The network in its session: one step of the show, whose state never leaves the provider's device.

The state (`context`) lies in two buffers that take turns as `context` and `next_context` (two I/O bindings, A→B and
B→A), so that a step copies in some noise and copies out one picture and nothing else. The same code serves the CPU.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from live.bundle.graph_contract import GraphFacts
from live.frame import Pixels
from live.inference.model_slot import BackgroundLoad
from live.timings import Timings

# The first run of a binding sets up its memory, and a later one may be captured as a CUDA graph.
WARM_UP_RUNS = 3
TYPES: dict[str, type] = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}


class Model:
    """A network, ready to step once it is warmed up. `live.inference.selection` opens them."""

    def __init__(
        self,
        session: ort.InferenceSession,
        graph: GraphFacts,
        timings: Timings,
        *,
        label: str,
        device: Literal["cpu", "cuda"] = "cpu",
        captured: bool = False,
    ) -> None:
        """`label` is what it is called; `captured`: the session makes a CUDA graph of each binding."""
        self._session = session
        self.timings = timings
        self.graph = graph
        self.label = label
        """Provider and precision, in words."""
        self.device = device
        self.passed_over = ""
        """Which better ones are not used, and why; empty if there are none."""
        self.successor: BackgroundLoad[Model] | None = None
        """A better one that is still being made ready, if there is one."""
        self.fallback: Callable[[], Model] | None = None
        """Opens another that does not need this one's device, if it has one."""
        types = {put.name: TYPES[put.type] for put in session.get_inputs()}
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
        self._state_type: type = types.get("context", np.float32)
        self._states = [zeros(state, self._state_type) for _ in range(2 if has_memory else 0)]
        self._camera = zeros(picture, np.uint8)
        self._camera_mix = zeros((1,), np.float32)
        # Only the picture leaves the device; what a CUDA graph writes to must lie there, and is fetched after it.
        self._frame = zeros(picture, np.uint8, device if captured else "cpu")
        inputs = {
            "noise": self._noise,
            "temperature": self._temperature,
            "camera": self._camera,
            "camera_mix": self._camera_mix,
        }
        self._runs: list[Callable[[], Any]] = []
        for turn in (0, 1):
            binding = session.io_binding()
            for name in graph.inputs.intersection(inputs):
                binding.bind_ortvalue_input(name, inputs[name])
            if has_memory:
                binding.bind_ortvalue_input("context", self._states[turn])
                binding.bind_ortvalue_output("next_context", self._states[1 - turn])
            binding.bind_ortvalue_output("frame", self._frame)
            self._runs.append(self._run_of(binding, f"{turn + 1}" if captured else None))
        self._turn = 0

    def __str__(self) -> str:
        """What runs it, and why nothing better does."""
        return f"{self.label} ({self.passed_over})" if self.passed_over else self.label

    def _run_of(self, binding: ort.IOBinding, captured_as: str | None) -> Callable[[], None]:
        options = ort.RunOptions()
        if captured_as:
            options.add_run_config_entry("gpu_graph_id", captured_as)
        return lambda: self._session.run_with_iobinding(binding, options)

    def warm_up(self) -> None:
        """Run each binding, so that the first real step is as fast as any. Leaves nothing behind.

        What is captured is captured here, on a state that nobody needs: to capture is to run.
        """
        for run in self._runs:
            for _ in range(WARM_UP_RUNS):
                run()
        self.clear()

    def clear(self) -> None:
        """Forget everything: a state of zeros, a camera that has seen black."""
        self._turn = 0
        for state in self._states:
            state.update_inplace(np.zeros(state.shape(), self._state_type))
        self._camera.update_inplace(np.zeros(self._camera.shape(), np.uint8))

    def reset(self, context: NDArray[np.float32]) -> None:
        """Set the state of a model with memory: float32 [1, 3K, H, W], oldest frame first, −1…1."""
        self._turn = 0
        self._states[0].update_inplace(np.ascontiguousarray(context, self._state_type))

    def state(self) -> NDArray[np.float32]:
        """The state as `reset` takes it: float32 [1, 3K, H, W], a copy. The only time when it leaves the device."""
        return self._states[self._turn].numpy().astype(np.float32)

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
        with self.timings.section("session"):
            self._runs[self._turn]()
        self._turn = 1 - self._turn
        # A copy: the buffer is written again in the next step.
        return self._frame.numpy().copy()
