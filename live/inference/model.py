"""The network in its session: one step of the show, whose state never leaves the provider's device.

The state (`context`, and the notes that a network has) lies in two sets of buffers that take turns as input and
as output (two I/O bindings, A→B and B→A). A step therefore copies in some noise, copies out one picture, and copies
nothing else. The same code serves the CPU.
"""

from contextlib import nullcontext
from typing import Any, Literal

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from live.bundle.graph_contract import STATES, GraphFacts
from live.frame import Pixels
from live.timings import Timings

Device = Literal["cpu", "cuda"]

# The first run of a binding sets up its memory. On a GPU, a later one may be captured as a CUDA graph.
WARM_UP_RUNS: dict[Device, int] = {"cpu": 1, "cuda": 3}
NUMPY_TYPES: dict[str, type] = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}


class Model:
    """Network in a session, with all buffers allocated and bound. It is ready for the show after `warm_up`.

    Args:
        session: An open session of the network.
        graph: Facts of the same network.
        label: Provider and precision, in words.
        device: Device on which the buffers lie.
        captured: True if the session makes a CUDA graph of each binding.
        copied: True if the session copies the buffers to a device of its own when they are bound, and not in a run.
    """

    def __init__(
        self,
        session: ort.InferenceSession,
        graph: GraphFacts,
        *,
        label: str,
        device: Device = "cpu",
        captured: bool = False,
        copied: bool = False,
    ) -> None:
        self._session = session
        self._copied = copied
        self.graph = graph
        """Facts of the network."""
        self.label = label
        """Provider and precision, in words."""
        self.device = device
        """Device on which the state lies."""
        picture = (graph.height, graph.width, 3)
        state = (1, 3 * graph.context_frames, graph.height, graph.width)
        types = {put.name: NUMPY_TYPES[put.type] for put in session.get_inputs()}
        self._types = types
        state_shapes = {"context": state, **graph.notes}
        self._states = [
            {name: _zeros(state_shapes[name], types[name], device) for name in STATES if name in graph.inputs}
            for _ in (0, 1)
        ]
        shapes = {
            "noise": graph.noise,
            "temperature": (1,),
            "camera": picture,
            "camera_mix": (1,),
        }
        self._inputs = {
            name: _zeros(shape, types[name], device) for name, shape in shapes.items() if name in graph.inputs
        }
        # Only the picture leaves the device. A CUDA graph writes to its own device, so there it is fetched afterwards.
        self._frame = _zeros(picture, np.uint8, device if captured else "cpu")
        self._bindings = [self._bind(turn) for turn in (0, 1)]
        self._run_options = [_run_options(f"{turn + 1}" if captured else None) for turn in (0, 1)]
        self._turn = 0

    def _bind(self, turn: int) -> ort.IOBinding:
        binding = self._session.io_binding()
        for name, value in self._inputs.items():
            binding.bind_ortvalue_input(name, value)
        for name in self._states[turn]:
            binding.bind_ortvalue_input(name, self._states[turn][name])
            binding.bind_ortvalue_output(f"next_{name}", self._states[1 - turn][name])
        binding.bind_ortvalue_output("frame", self._frame)
        return binding

    def _run(self, turn: int) -> None:
        if self._copied:
            self._bindings[turn] = self._bind(turn)
        self._session.run_with_iobinding(self._bindings[turn], self._run_options[turn])

    def warm_up(self) -> None:
        """Run each binding, so that the first real step is as fast as any. Nothing is left behind.

        CUDA graphs are captured here, on a state that nobody needs: to capture is to run.
        """
        for turn in (0, 1):
            for _ in range(WARM_UP_RUNS[self.device]):
                self._run(turn)
        self.clear()

    def clear(self) -> None:
        """Forget everything: set the state to zeros and the last camera picture to black."""
        self._turn = 0
        for states in self._states:
            for state in states.values():
                _clear(state)
        if "camera" in self._inputs:
            _clear(self._inputs["camera"])

    def begin(self, context: NDArray[np.float32]) -> None:
        """Begin a continuation of these frames: float32 [1, 3K, H, W], oldest first, −1…1."""
        for note in self.graph.notes:
            _clear(self._states[self._turn][note])
        self.set_context(context)

    def set_context(self, context: NDArray[np.float32]) -> None:
        """Replace the frames of the state: float32 [1, 3K, H, W], oldest first, −1…1."""
        self._states[self._turn]["context"].update_inplace(np.ascontiguousarray(context, self._types["context"]))

    def context(self) -> NDArray[np.float32]:
        """Return a copy of the frames of the state: float32 [1, 3K, H, W].

        They leave the device at no other time.
        """
        context: NDArray[np.float32] = self._states[self._turn]["context"].numpy().astype(np.float32)
        return context

    def take_over(self, other: "Model") -> None:
        """Continue from the state of another model of the same bundle."""
        for name, state in self._states[self._turn].items():
            value = other._states[other._turn][name].numpy()
            state.update_inplace(np.ascontiguousarray(value, self._types[name]))

    def step(
        self,
        noise: NDArray[np.float32] | None,
        temperature: float,
        camera: Pixels | None = None,
        camera_mix: float = 0.0,
        *,
        timings: Timings | None = None,
    ) -> Pixels:
        """Advance the state by one frame and return that frame, uint8 [H, W, 3] RGB. The caller may keep it.

        An argument for which the network has no input is ignored.

        Args:
            noise: Standard normal, float32 of the graph's shape of noise; None leaves the last one.
            temperature: 0…2.
            camera: uint8 [H, W, 3] RGB; None leaves the last one.
            camera_mix: 0…1.
            timings: Its section "session" counts the run of the network alone; None counts nothing.
        """
        self._feed("noise", noise)
        self._feed("temperature", np.array([temperature], np.float32))
        self._feed("camera", camera)
        self._feed("camera_mix", np.array([camera_mix], np.float32))
        with timings.section("session") if timings else nullcontext():
            self._run(self._turn)
        self._turn = 1 - self._turn
        # A copy: the buffer is written again in the next step.
        frame: Pixels = self._frame.numpy().copy()
        return frame

    def _feed(self, name: str, value: NDArray[Any] | None) -> None:
        if value is not None and name in self._inputs:
            self._inputs[name].update_inplace(value)


def _zeros(shape: tuple[int, ...], dtype: type, device: Device) -> ort.OrtValue:
    value = ort.OrtValue.ortvalue_from_shape_and_type(shape, dtype, device, 0)
    value.update_inplace(np.zeros(shape, dtype))
    return value


def _clear(value: ort.OrtValue) -> None:
    value.update_inplace(np.zeros(value.shape(), NUMPY_TYPES[value.data_type()]))


def _run_options(captured_as: str | None) -> ort.RunOptions:
    options = ort.RunOptions()
    if captured_as:
        options.add_run_config_entry("gpu_graph_id", captured_as)
    return options
