"""Anything that generates has two verbs: `reset()` and `step()`."""

import numpy as np

from live.feedback import Feedback
from live.frames import Pixels
from live.live_input import FILM_ALONE, Look
from live.model import Model
from live.noise import Noise
from live.seed_film import to_context
from live.timings import Timings


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
        self.temperature = 1.0
        """How much noise enters the next step, 0…2."""
        self.feedback = Feedback(frame_rate)
        """What is done to the state before the next step."""

    def renew(self, seed: np.random.SeedSequence) -> None:
        """Let the noise begin anew."""
        self._noise.renew(seed)

    def reset(self, frames: Pixels) -> None:
        """Continue from `frames`, uint8 [K, height, width, 3] RGB, oldest first. The noise runs on."""
        self.model.reset(to_context(frames))

    def step(self, look: Look = FILM_ALONE) -> Pixels:
        """The next frame, uint8 [height, width, 3] RGB."""
        self._take_better()
        with self._timings.section("step"):
            graph = self.model.graph
            if "context" in graph.inputs and self.feedback.changes(look.pixels):
                self.model.reset(self.feedback.apply(self.model.state(), look.pixels))
            noise = self._noise.draw() if "noise" in graph.inputs else None
            followed = look.mix > 0 or "context" not in graph.inputs
            return self.model.step(noise, self.temperature, look.pixels if followed else None, look.mix)

    def _take_better(self) -> None:
        """Go on with the model's successor as soon as there is one: the state goes over, and nobody sees it."""
        better = self.model.successor.take() if self.model.successor else None
        if better:
            if "context" in self.model.graph.inputs:
                better.reset(self.model.state())
            self.model = better
