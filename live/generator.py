"""Anything that generates has two verbs: `reset()` and `step()`."""

import numpy as np

from live.feedback import Feedback
from live.frames import Pixels
from live.live_input import FILM_ALONE, Look
from live.model import Model
from live.timings import Timings


class Generator:
    """Continues a film: the network, its noise, its temperature and its feedback. The same seed gives the same frames.

    A look at a camera makes the step follow it; without one, or with a mix of 0, it is the film's continuation alone.
    `frame_rate` is how many steps make a second of the show.
    """

    def __init__(self, model: Model, seed: np.random.SeedSequence, timings: Timings, frame_rate: float) -> None:
        self._model = model
        self._random = np.random.default_rng(seed)
        self._timings = timings
        self.temperature = 1.0
        """How much noise enters the next step, 0…2."""
        self.feedback = Feedback(frame_rate)
        """What is done to the state before the next step."""

    def renew(self, seed: np.random.SeedSequence) -> None:
        """Let the noise begin anew."""
        self._random = np.random.default_rng(seed)

    def reset(self, frames: Pixels) -> None:
        """Continue from `frames`, uint8 [K, height, width, 3] RGB, oldest first. The noise runs on."""
        # The one piece of arithmetic outside the graph: bytes of film become the state that the graph hands on.
        planes = frames.transpose(0, 3, 1, 2).reshape(1, -1, *frames.shape[1:3])
        self._model.reset(planes.astype(np.float32) / 127.5 - 1)

    def step(self, look: Look = FILM_ALONE) -> Pixels:
        """The next frame, uint8 [height, width, 3] RGB."""
        with self._timings.section("step"):
            graph = self._model.graph
            if "context" in graph.inputs and self.feedback.changes(look.pixels):
                self._model.reset(self.feedback.apply(self._model.state(), look.pixels))
            noise = None
            if "noise" in graph.inputs:
                noise = self._random.standard_normal((1, 1, graph.height, graph.width), np.float32)
            followed = look.mix > 0 or "context" not in graph.inputs
            return self._model.step(noise, self.temperature, look.pixels if followed else None, look.mix)
