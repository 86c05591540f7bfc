"""Store and recall presets while the show plays.

Parameters belong to the player's thread and files to the file worker. The main thread hands on between the two:
storing copies the values between two frames and then writes them; recalling reads them and then sets them.
"""

import queue
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from live.console import answer, report, say
from live.controls.parameters import Parameters
from live.controls.presets import Preset, Presets
from live.controls.table import CHOICES
from live.errors import OutputError, PresetError
from live.modulation.binding import Bindings
from live.process.file_worker import QUEUED_TASKS, FileWorker

T = TypeVar("T")


class ModelControls(Protocol):
    """Models of a show, as presets move them. Only the player's thread calls it."""

    @property
    def model_number(self) -> int | None:
        """Number of the model that leads; None in a show of one model."""
        ...

    def choose_model(self, number: int, seconds: float | None = None) -> None:
        """Dissolve to a model in so many seconds; None: as long as the parameter says."""
        ...

    def crossfade_models(self, before: int, chosen: int, share: float) -> None:
        """Show the model `chosen` by `share`, 0…1, over the model `before`."""
        ...


class PresetKeys:
    """Actions of the number keys. The main thread calls all methods.

    The actions are done one after the other, in the order in which they were asked for.

    Args:
        presets: The files.
        parameters: The values.
        do: Runs a function in the player's thread, between two frames.
        files: Runs what reads or writes a file. Its results are handed on by its `run_finished`.
        models: Models of the show.
    """

    def __init__(
        self,
        presets: Presets,
        parameters: Parameters,
        do: Callable[[Callable[[], None]], None],
        files: FileWorker,
        models: ModelControls,
    ) -> None:
        self._presets = presets
        self._parameters = parameters
        self._do = do
        self._files = files
        self._models = models
        # Number and content of the preset that was recalled last, and the content of the one before.
        self._present: tuple[int | None, Preset] | None = None
        self._other: Preset | None = None
        self.position = 1.0
        """Place of the fader between the last two presets, 0…1: a preset that is recalled moves it to 1."""
        self._busy = False
        self._waiting: deque[Callable[[], None]] = deque()
        self._copied: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def recall(self, number: int) -> None:
        """Glide to preset `number`. Parameters that are set before it is read keep their new values."""
        self._recall(f"preset {number}", lambda: self._presets.recall(number))

    def recall_other(self) -> None:
        """Glide to the preset that was recalled before the present one."""
        self._recall("the other preset", self._presets.recall_other)

    def crossfade(self, share: float) -> None:
        """Set the parameters between those of the last two presets: 0 the one before, 1 the one recalled last.

        Parameters that only one of the two has keep their value. Choices change in the middle. Models that both have
        are dissolved.
        """
        self._do(partial(self._crossfade, share))

    def _crossfade(self, share: float) -> None:
        if self._other is None or self._present is None:
            answer("recall two presets first; the fader moves between them")
            return
        one, other = self._other, self._present[1]
        before, after, mixed = one.values, other.values, {}
        for name in before.keys() & after.keys():
            between = before[name] + (after[name] - before[name]) * share
            mixed[name] = (before if share < 0.5 else after)[name] if name in CHOICES else between
        self._parameters.crossfade(mixed, one.modulation, other.modulation, share)
        if one.model and other.model:
            self._models.crossfade_models(one.model, other.model, share)
        self.position = share
        answer(f"crossfade {share:.2g}")

    def store(self, number: int) -> None:
        """Store the present values as preset `number`."""
        name = f"storing preset {number}"
        self._begin(name, lambda: self._copy(name, number))

    def run_file_tasks(self) -> None:
        """Write the presets that the player has copied."""
        while not self._copied.empty():
            self._copied.get()()

    def finish(self, seconds: float) -> None:
        """Store what was asked for, for so many seconds at most. The player has stopped."""
        end = time.monotonic() + seconds
        # Nothing changes the values any more.
        self._do = lambda task: task()
        while self._busy and time.monotonic() < end:
            # A player that ended before it copied the values never will.
            if self._copied.empty() and self._files.settled:
                return
            self.run_file_tasks()
            self._files.wait(end - time.monotonic())
            self._files.run_finished()

    def _recall(self, name: str, read: Callable[[], Preset]) -> None:
        changes: list[int] = []
        self._do(lambda: changes.append(self._parameters.changes))
        self._begin(name, lambda: self._submit(name, partial(_read, read), partial(self._apply, name, changes)))

    def _apply(self, name: str, changes: list[int], preset: Preset | None) -> None:
        if preset:
            self._do(partial(self._recall_values, name, self._presets.recalled[0], preset, changes))
        self._end()

    def _recall_values(self, name: str, number: int | None, preset: Preset, changes: list[int]) -> None:
        """Recall values in the player, which has taken the count by now unless it ended before."""
        if changes:
            if self._present and self._present[0] != number:
                self._other = self._present[1]
            self._present = (number, preset)
            self.position = 1.0
            self._parameters.recall(preset.values, preset.glide, modulation=preset.modulation, since=changes[0])
            answer(name)
            # Also the model that leads is chosen: a fader may show less than all of it.
            if preset.model and (preset.model, self._models.model_number) != (1, None):
                self._models.choose_model(preset.model, preset.glide or None)

    def _copy(self, name: str, number: int) -> None:
        def copy() -> None:
            parameters, model = self._parameters, self._models.model_number
            write = partial(_write, self._presets, number, parameters.values(), parameters.bindings, model)
            self._copied.put(lambda: self._submit(name, write, lambda _: self._end()))

        # The player copies them after everything that was asked for before.
        self._do(copy)

    def _submit(self, name: str, task: Callable[[], T], done: Callable[[T], None]) -> None:
        if not self._files.submit(name, task, done):
            self._end()

    def _begin(self, name: str, action: Callable[[], None]) -> None:
        """Do an action now, or after those that were asked for before."""
        if len(self._waiting) >= QUEUED_TASKS:
            self._files.leave_out(name)
        elif self._busy:
            self._waiting.append(action)
        else:
            self._busy = True
            action()

    def _end(self) -> None:
        """Do the next action, if there is one."""
        self._busy = bool(self._waiting)
        if self._waiting:
            self._waiting.popleft()()


def _read(read: Callable[[], Preset]) -> Preset | None:
    """Read a preset; report what a user can fix, and return None then."""
    try:
        return read()
    except PresetError as error:
        report(error)
        return None


def _write(presets: Presets, number: int, values: dict[str, float], modulation: Bindings, model: int | None) -> None:
    """Write a preset, and say so or report why not."""
    try:
        path = presets.store(number, values, modulation, model)
    except (OutputError, PresetError) as error:
        report(error)
    else:
        say(f"stored {path}")
