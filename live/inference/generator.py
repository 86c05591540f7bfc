"""Anything that generates has two verbs: `reset()` and `step()`."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from live.bundle.seed_film import to_context
from live.camera.camera_input import NO_CAMERA, CameraInput
from live.console import first_line, say
from live.frame import Pixels
from live.inference.feedback import Feedback
from live.inference.model import Model
from live.inference.noise import Noise
from live.timings import Timings

# Steps until everything of a model has been used once.
SETTLED = 8


class Generator:
    """Continues a film: the network, its noise, its temperature and its feedback. The same seed gives the same frames.

    A look at a camera makes the step follow it; without one, or with a mix of 0, it is the film's continuation alone.
    `frame_rate` is how many steps make a second of the show.
    """

    def __init__(self, model: Model, seed: np.random.SeedSequence, timings: Timings, frame_rate: float) -> None:
        self.model = model
        graph = model.graph
        self._noise = Noise(graph.height, graph.width, seed, ahead=model.device == "cuda")
        self._timings = timings
        self._steps = 0
        self._shown: deque[Pixels] = deque(maxlen=graph.context_frames)
        self.temperature = 1.0
        """How much noise enters the next step, 0…2."""
        self.feedback = Feedback(frame_rate)
        """What is done to the state before the next step."""

    def renew(self, seed: np.random.SeedSequence) -> None:
        """Let the noise begin anew."""
        self._noise.renew(seed)

    def reset(self, frames: Pixels) -> None:
        """Continue from `frames`, uint8 [K, height, width, 3] RGB, oldest first. The noise runs on."""
        self._shown.extend(frames)
        self.model.reset(to_context(frames))

    def step(self, look: CameraInput = NO_CAMERA) -> Pixels:
        """The next frame, uint8 [height, width, 3] RGB."""
        self._take_better()
        with self._timings.section("step"):
            graph = self.model.graph
            if "context" in graph.inputs and self.feedback.changes(look.pixels):
                self.model.reset(self.feedback.apply(self.model.state(), look.pixels))
            noise = self._noise.draw() if "noise" in graph.inputs else None
            followed = look.mix > 0 or "context" not in graph.inputs
            frame = self._step(noise, look.pixels if followed else None, look.mix)
            self._shown.append(frame)
            return frame

    def _step(self, noise: NDArray[np.float32] | None, camera: Pixels | None, mix: float) -> Pixels:
        try:
            return self.model.step(noise, self.temperature, camera, mix)
        # Whatever a device fails with, the show goes on without it, from the pictures that were shown: the state may
        # be lost with it.
        except Exception as error:
            if self.model.fallback is None:
                raise
            say(f"{self.model.label} failed ({first_line(error)}); the show goes on without it")
            self.model = self.model.fallback()
            if "context" in self.model.graph.inputs:
                self.model.reset(to_context(np.stack(self._shown)))
            return self.model.step(noise, self.temperature, camera, mix)

    def _take_better(self) -> None:
        """Go on with the model's successor as soon as there is one: the state goes over, and nobody sees it."""
        self._steps += 1
        if self.model.successor is None:
            return
        # CUDA graphs are captured in the thread that steps, in its first steps: nothing else may use the device then.
        if self._steps == SETTLED:
            self.model.successor.start()
        better = self.model.successor.take()
        if better:
            if "context" in self.model.graph.inputs:
                better.reset(self.model.state())
            self.model = better
