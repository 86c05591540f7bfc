"""Holds the playing model and replaces it: by a faster one, or by the CPU's when a device fails."""

import threading
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from live.bundle.graph_contract import GraphFacts
from live.bundle.seed_film import to_context
from live.console import first_line, warn
from live.frame import Pixels
from live.inference.model import Device, Model
from live.timings import Timings

# Steps until everything of a model has been used once.
SETTLED = 8


class BackgroundLoad:
    """Load of a model in a thread of its own. A failure there prints one line and ends the load.

    Args:
        load: Opens the model.
        name: Name of the model in messages.
    """

    def __init__(self, load: Callable[[], Model], *, name: str) -> None:
        self._load = load
        self._name = name
        self._loaded: Model | None = None
        self.failure = ""
        """Reason why the model could not be opened; empty if it was, or still may be."""
        # A daemon: a show that ends meanwhile does not wait for it.
        self._thread = threading.Thread(target=self._run, name=f"load {name}", daemon=True)
        self._started = False

    def start(self) -> None:
        """Begin to load. Only the first call has an effect."""
        if not self._started:
            self._started = True
            self._thread.start()

    def take(self) -> Model | None:
        """Return the model, once, as soon as it is ready; None before and afterwards, and if it could not be opened."""
        loaded = self._loaded
        if loaded is not None:
            self._loaded = None
        return loaded

    def wait(self) -> None:
        """Start, and return when the model is ready or cannot be opened."""
        self.start()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loaded = self._load()
        # A load may fail with anything; the show goes on with the present model.
        except Exception as error:
            self.failure = first_line(error)
            warn(f"{self._name} is not used: {self.failure}")


class ModelSlot:
    """Holder of the model that plays. It replaces the model between two steps, and the state goes over.

    One thread resets and steps; any thread may read the label.

    Args:
        model: Warm model that plays first.
        timings: Timings of the show; the section "session" is counted there.
        better: A load that ends with a better model. The slot starts it.
        fallback: Opens a model that does not need this one's device; None if there is no such model.
        passed_over: Better models that are not used, with the reasons.
    """

    def __init__(
        self,
        model: Model,
        timings: Timings,
        *,
        better: BackgroundLoad | None = None,
        fallback: Callable[[], Model] | None = None,
        passed_over: str = "",
    ) -> None:
        self._model = model
        self._timings = timings
        self._better = better
        self._fallback = fallback
        self.passed_over = passed_over
        """Better models that are not used, with the reasons; empty if there are none."""
        self._steps = 0
        self._shown: deque[Pixels] = deque(maxlen=model.graph.context_frames)

    @property
    def graph(self) -> GraphFacts:
        """The facts of the network. All models of a bundle share them."""
        return self._model.graph

    @property
    def label(self) -> str:
        """Provider and precision of the model that plays, in words."""
        return self._model.label

    @property
    def device(self) -> Device:
        """Device of the model that plays."""
        return self._model.device

    def __str__(self) -> str:
        return f"{self.label} ({self.passed_over})" if self.passed_over else self.label

    def reset(self, frames: Pixels) -> None:
        """Continue from `frames`, uint8 [K, H, W, 3] RGB, oldest first."""
        self._shown.extend(frames)
        self._model.begin(to_context(frames))

    def context(self) -> NDArray[np.float32]:
        """Return a copy of the state's frames: float32 [1, 3K, H, W], −1…1. They have to leave the device for this."""
        return self._model.context()

    def set_context(self, context: NDArray[np.float32]) -> None:
        """Replace the state's frames, float32 [1, 3K, H, W], −1…1, by others that continue what was shown."""
        self._model.set_context(context)

    def step(
        self,
        noise: NDArray[np.float32] | None,
        temperature: float,
        camera: Pixels | None = None,
        camera_mix: float = 0.0,
    ) -> Pixels:
        """Return the next frame, uint8 [H, W, 3] RGB; the arguments are those of `Model.step`.

        Raises whatever the model raises if there is no fallback.
        """
        self._take_better()
        try:
            frame = self._model.step(noise, temperature, camera, camera_mix, timings=self._timings)
        # A device may fail with anything.
        except Exception as error:
            if self._fallback is None:
                raise
            self._fall_back(self._fallback, error)
            frame = self._model.step(noise, temperature, camera, camera_mix, timings=self._timings)
        self._shown.append(frame)
        return frame

    def _take_better(self) -> None:
        """Continue with the better model as soon as it is ready, from the same state."""
        self._steps += 1
        if self._better is None:
            return
        # CUDA graphs are captured in the thread that steps, in its first steps: nothing else may use the device then.
        if self._steps == SETTLED:
            self._better.start()
        better = self._better.take()
        if better:
            if "context" in self.graph.inputs:
                better.take_over(self._model)
            self._model, self._better = better, None

    def _fall_back(self, fallback: Callable[[], Model], error: Exception) -> None:
        """Continue without the device that failed, from the pictures that were shown: the state may be lost with it."""
        warn(f"{self.label} failed ({first_line(error)}); the show goes on without it")
        self.passed_over = f"{self.label}: {first_line(error)}"
        self._model, self._better, self._fallback = fallback(), None, None
        if self._shown:
            self._model.begin(to_context(np.stack(self._shown)))
