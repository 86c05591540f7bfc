"""Holds the playing model and replaces it: by a faster one, or by one that is opened anew when it fails."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from live.bundle.graph_contract import GraphFacts
from live.bundle.seed_film import to_context
from live.console import first_line, note, warn
from live.errors import NetworkFailedError
from live.frame import Pixels
from live.inference.model import Device, Model
from live.timings import Timings

T = TypeVar("T")

# Steps until everything of a model has been used once.
SETTLED = 8
# A choice made in a noisy moment is made again when the machine is calm, and then now and again.
FIRST_RETRY_SECONDS, RETRY_SECONDS = 60.0, 3600.0
# A show in the film's tail, or a paused one, makes no steps: then nothing is in the way.
LONGEST_GAP_SECONDS = 1.0
# Pauses in seconds before each attempt to open a failed network anew. After as many failures the show ends, unless so
# many steps succeeded since the last one. The wall keeps its last picture meanwhile.
REOPENING_PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0)
RECOVERED_STEPS = 250
# A picture without numbers is of one colour, which these pixels tell: every so many rows and columns.
LOOKED_AT = 8


class BackgroundLoad(Generic[T]):
    """Load of a model in a thread of its own. A failure there is one line and ends the load.

    Args:
        load: Opens the model.
        name: Name of the model in messages.
        quiet: True if a failure is no news: then its line goes into the log alone.
        passed_over: Reasons against other models once this one plays; None if they stay as they are.
    """

    def __init__(
        self,
        load: Callable[[], T],
        *,
        name: str,
        quiet: bool = False,
        passed_over: Callable[[], str] | None = None,
    ) -> None:
        self._load = load
        self._name = name
        self._tell = note if quiet else warn
        self.passed_over = passed_over
        self._loaded: T | None = None
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

    def take(self) -> T | None:
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
            self.failure = _reason(error)
            self._tell(f"{self._name} is not used: {self.failure}")


class StepGaps:
    """Lets a background load compute between two steps of the show instead of beside one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def step_ended(self) -> None:
        """Announce that a step of the show has ended."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait(self, seconds: float = LONGEST_GAP_SECONDS) -> None:
        """Wait until a step of the show ends, or none has ended for so many seconds."""
        with self._changed:
            before = self._count
            self._changed.wait_for(lambda: self._count != before, seconds)


@dataclass(frozen=True)
class Retry:
    """New proof of models that were too slow when the show began."""

    load: Callable[[StepGaps], BackgroundLoad[Model]]
    """Returns a load that proves them again."""
    first_seconds: float = FIRST_RETRY_SECONDS
    """Time from the first step to the first proof."""
    seconds: float = RETRY_SECONDS
    """Time from one proof to the next."""


class ModelSlot:
    """Holder of the model that plays. It replaces the model between two steps, and the state goes over.

    One thread resets and steps; any thread may read the label.

    Args:
        model: Warm model that plays first.
        timings: Timings of the show; the section "session" is counted there.
        better: A load that ends with a better model. The slot starts it.
        reopen: Opens a model in place of one that failed; None if a failure ends the show.
        retry: New proof of models that were too slow; None if there are none.
        passed_over: Better models that are not used, with the reasons.
        pauses: Seconds to wait before each attempt to open a model in place of one that failed.
        recovered_steps: Number of steps without a failure after which earlier ones no longer count.
    """

    def __init__(
        self,
        model: Model,
        timings: Timings,
        *,
        better: BackgroundLoad[Model] | None = None,
        reopen: Callable[[Model], Model] | None = None,
        retry: Retry | None = None,
        passed_over: str = "",
        pauses: Sequence[float] = REOPENING_PAUSES,
        recovered_steps: int = RECOVERED_STEPS,
    ) -> None:
        self._model = model
        self._timings = timings
        self._better = better
        self._reopen = reopen
        self._retry = retry
        self._retry_at: float | None = None
        self._gaps = StepGaps()
        self._pauses = pauses
        self._recovered_steps = recovered_steps
        self._failures = 0
        self._steps_since_failure = 0
        self.passed_over = passed_over
        """Better models that are not used, with the reasons; empty if there are none."""
        self._steps = 0
        self._mended_at: int | None = None
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
        self._attempt(lambda model: model.begin(to_context(frames)))

    def context(self) -> NDArray[np.float32]:
        """Return a copy of the state's frames: float32 [1, 3K, H, W], −1…1. They have to leave the device for this."""
        return self._attempt(lambda model: model.context())

    def set_context(self, context: NDArray[np.float32]) -> None:
        """Replace the state's frames, float32 [1, 3K, H, W], −1…1, by others that continue what was shown."""
        self._attempt(lambda model: model.set_context(context))

    def step(
        self,
        noise: NDArray[np.float32] | None,
        temperature: float,
        camera: Pixels | None = None,
        camera_mix: float = 0.0,
    ) -> Pixels:
        """Return the next frame, uint8 [H, W, 3] RGB; the arguments are those of `Model.step`.

        A model that fails is replaced, and the step is made anew.

        Raises:
            NetworkFailedError: It failed again and again.
        """
        self._take_better()

        def make() -> Pixels:
            return self._attempt(
                lambda model: model.step(noise, temperature, camera, camera_mix, timings=self._timings)
            )

        frame = make()
        if self._is_lost(frame):
            self._mended_at = self._steps
            warn(f"{self.label} lost its numbers (NaN); it continues from the pictures before")
            self._attempt(lambda model: model.begin(to_context(np.stack(self._shown))))
            frame = make()
        self._gaps.step_ended()
        self._shown.append(frame)
        self._steps_since_failure += 1
        if self._steps_since_failure == self._recovered_steps:
            self._failures = 0
        return frame

    def _is_lost(self, frame: Pixels) -> bool:
        """Return whether the state that made a frame holds something else than numbers, as a driver may leave it.

        It does not count a second time soon: a network that overflows by itself is left to the collapse guard.
        """
        again = self._mended_at is not None and self._steps - self._mended_at < self._recovered_steps
        pixels = frame[::LOOKED_AT, ::LOOKED_AT]
        if again or not self._shown or "context" not in self.graph.inputs or (pixels != pixels[0, 0]).any():
            return False
        return not np.isfinite(self.context()).all()

    def _attempt(self, action: Callable[[Model], T]) -> T:
        """Return what `action` does with the model; if it fails, with one that is opened in its place."""
        while True:
            try:
                return action(self._model)
            # A device or a machine short of memory may fail with anything.
            except Exception as error:
                if self._reopen is None:
                    raise
                self._replace(self._reopen, error)

    def _take_better(self) -> None:
        """Continue with the better model as soon as it is ready, from the same state."""
        self._steps += 1
        if self._better is None:
            self._begin_retry()
            return
        # CUDA graphs are captured in the thread that steps, in its first steps: nothing else may use the device then.
        if self._steps == SETTLED:
            self._better.start()
        better = self._better.take()
        if better:
            if "context" in self.graph.inputs:
                better.take_over(self._model)
            passed_over = self._better.passed_over
            if passed_over:
                self.passed_over = passed_over()
            self._model, self._better, self._retry = better, None, None
        elif self._better.failure:
            self._better = None

    def _begin_retry(self) -> None:
        """Begin a new proof when its time has come."""
        if self._retry is None:
            return
        now = time.monotonic()
        if self._retry_at is None:
            self._retry_at = now + self._retry.first_seconds
        if now >= self._retry_at:
            self._retry_at = now + self._retry.seconds
            self._better = self._retry.load(self._gaps)
            self._better.start()

    def _replace(self, reopen: Callable[[Model], Model], error: Exception) -> None:
        """Continue with a model that is opened anew, from the pictures that were shown: the state may be lost."""
        failed, reason = self._model, _reason(error)
        self._steps_since_failure = 0
        # A model that is being loaded may need what failed.
        self._better = None
        while True:
            if self._failures >= len(self._pauses):
                raise NetworkFailedError(
                    f"the network failed {self._failures + 1} times ({failed.label}: {reason}); start the show again"
                ) from error
            time.sleep(self._pauses[self._failures])
            self._failures += 1
            try:
                model = reopen(failed)
                if self._shown:
                    model.begin(to_context(np.stack(self._shown)))
            except Exception as again:
                error, reason = again, _reason(again)
                continue
            break
        if model.label == failed.label:
            warn(f"{failed.label} failed ({reason}); it was opened anew, and the show goes on")
        else:
            warn(f"{failed.label} failed ({reason}); the show goes on without it")
            self.passed_over = f"{failed.label}: {reason}"
        self._model = model


def _reason(error: Exception) -> str:
    """Return the first line of an error, or its type if it says nothing."""
    return first_line(error) if str(error) else type(error).__name__
