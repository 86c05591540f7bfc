"""Anything that generates has two verbs: `reset()` and `step()`."""

import numpy as np

from live.feedback import Feedback
from live.frames import Pixels
from live.model import Model
from live.timings import Timings


class Generator:
    """Continues a film: the network, its noise, its temperature and its feedback. The same seed gives the same frames.

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

    def reset(self, frames: Pixels) -> None:
        """Continue from `frames`, uint8 [K, height, width, 3] RGB, oldest first. The noise runs on."""
        # The one piece of arithmetic outside the graph: bytes of film become the state that the graph hands on.
        planes = frames.transpose(0, 3, 1, 2).reshape(1, -1, *frames.shape[1:3])
        self._model.reset(planes.astype(np.float32) / 127.5 - 1)

    def step(self) -> Pixels:
        """The next frame, uint8 [height, width, 3] RGB."""
        with self._timings.section("step"):
            if self.feedback.changes():
                self._model.reset(self.feedback.apply(self._model.state()))
            noise = None
            if "noise" in self._model.graph.inputs:
                shape = (1, 1, self._model.graph.height, self._model.graph.width)
                noise = self._random.standard_normal(shape, np.float32)
            return self._model.step(noise, self.temperature)
