"""The generator of the show. It has two verbs: `reset()` and `step()`."""

import numpy as np

from live.camera.camera_input import NO_CAMERA, CameraInput
from live.controls.table import DEFAULTS
from live.frame import Pixels
from live.inference.memory_feedback import MemoryFeedback
from live.inference.model_slot import ModelSlot
from live.inference.noise import Noise
from live.timings import Timings


class Generator:
    """Continuation of a film: the network, its noise, temperature and feedback. The same seed gives the same frames.

    It must be `reset` before its first step, unless its model has no memory.

    Args:
        model: The network.
        seed: Random seed of the noise.
        timings: Timings of the show; the section "step" is counted there.
        frame_rate: Steps for one second of the show.
    """

    def __init__(self, model: ModelSlot, seed: np.random.SeedSequence, timings: Timings, frame_rate: float) -> None:
        self._model = model
        self._inputs = model.graph.inputs
        self.has_memory = "context" in self._inputs
        """True if the network continues what it made before."""
        self._noise = Noise(model.graph.noise, seed, ahead=model.device == "cuda")
        self._timings = timings
        self.temperature = DEFAULTS["temperature"]
        """Factor of the noise in the next step, 0…2."""
        self.feedback = MemoryFeedback(frame_rate)
        """Changes to the state before the next step."""

    def renew(self, seed: np.random.SeedSequence) -> None:
        """Begin a new stream of noise."""
        self._noise.renew(seed)

    def reset(self, frames: Pixels) -> None:
        """Continue from `frames`, uint8 [K, height, width, 3] RGB, oldest first. The noise runs on."""
        self._model.reset(frames)

    def step(self, camera_input: CameraInput = NO_CAMERA) -> Pixels:
        """Return the next frame, uint8 [height, width, 3] RGB.

        The step follows `camera_input`. Without a camera, or with a mix of 0, it continues the film alone.
        """
        with self._timings.section("step"):
            camera, mix = camera_input.pixels, camera_input.mix
            if self.has_memory and self.feedback.changes(camera):
                self._model.set_context(self.feedback.apply(self._model.context(), camera))
            noise = self._noise.draw() if "noise" in self._inputs else None
            followed = mix > 0 or not self.has_memory
            return self._model.step(noise, self.temperature, camera if followed else None, mix)
