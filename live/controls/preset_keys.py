"""Store and recall presets while the show plays.

Parameters belong to the player's thread and files to the main thread. Storing therefore has two parts: the player
copies the values between two frames, and then the main thread writes them.
"""

import queue
from collections.abc import Callable, Mapping

from live.console import report, say
from live.controls.parameters import Parameters
from live.controls.presets import Preset, Presets
from live.errors import OutputError, PresetError


class PresetKeys:
    """Actions of the number keys. The main thread calls all methods.

    Args:
        presets: The files.
        parameters: The values.
        do: Runs a function in the player's thread, between two frames.
    """

    def __init__(self, presets: Presets, parameters: Parameters, do: Callable[[Callable[[], None]], None]) -> None:
        self._presets = presets
        self._parameters = parameters
        self._do = do
        self._file_tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._unfinished = 0

    def recall(self, number: int) -> None:
        """Glide to preset `number`."""
        self._recall(lambda: self._presets.recall(number))

    def recall_other(self) -> None:
        """Glide to the preset that was recalled before the present one."""
        self._recall(self._presets.recall_other)

    def store(self, number: int) -> None:
        """Store the present values as preset `number`."""
        values: dict[str, float] = {}
        # The player copies them after everything that was asked for before; it never writes a file itself.
        self._do(lambda: values.update(self._parameters.values()))
        self._after_player(lambda: self._write(number, values))

    def run_file_tasks(self) -> None:
        """Read and write the files for which the player is ready."""
        while not self._file_tasks.empty():
            self._file_tasks.get()()
            self._unfinished -= 1

    def _recall(self, read: Callable[[], Preset]) -> None:
        # A preset that is just being stored is recalled once it is written.
        if self._unfinished:
            self._after_player(lambda: self._recall_now(read))
        else:
            self._recall_now(read)

    def _recall_now(self, read: Callable[[], Preset]) -> None:
        try:
            preset = read()
        except PresetError as error:
            report(error)
        else:
            self._do(lambda: self._parameters.recall(preset.values, preset.glide))

    def _write(self, number: int, values: Mapping[str, float]) -> None:
        try:
            path = self._presets.store(number, values)
        except (OutputError, PresetError) as error:
            report(error)
        else:
            say(f"stored {path}")

    def _after_player(self, task: Callable[[], None]) -> None:
        """Have `task` run in the main thread once the player has done everything that it was asked before."""
        self._unfinished += 1
        self._do(lambda: self._file_tasks.put(task))
