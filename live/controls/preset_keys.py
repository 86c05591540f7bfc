"""Storing and recalling presets while the show plays.

Parameters belong to the player's thread and files to the main one, so a store is an errand: the player reads the
values between two frames, and then the main thread writes them.
"""

import queue
from collections.abc import Callable, Mapping

from live.console import report, say
from live.controls.parameters import Parameters
from live.controls.presets import Preset, Presets
from live.errors import OutputError, PresetError
from live.playback.player import Player


class PresetKeys:
    """What the number keys do. Everything is called in the main thread."""

    def __init__(self, presets: Presets, parameters: Parameters, player: Player) -> None:
        self._presets = presets
        self._parameters = parameters
        self._player = player
        self._errands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._on_the_way = 0

    def recall(self, number: int) -> None:
        """Glide to preset `number`."""
        self._recall(lambda: self._presets.recall(number))

    def recall_other(self) -> None:
        """Glide to the one before the present one."""
        self._recall(self._presets.recall_other)

    def store(self, number: int) -> None:
        """Keep the present values as preset `number`."""
        values: dict[str, float] = {}
        # They are read between two frames, after what was wished for before; the thread of the frames writes no file.
        self._player.do(lambda: values.update(self._parameters.values()))
        self._send(lambda: self._write(number, values))

    def run_errands(self) -> None:
        """Do what the player has come to since the last time."""
        while not self._errands.empty():
            self._errands.get()()
            self._on_the_way -= 1

    def _recall(self, read: Callable[[], Preset]) -> None:
        # A preset that is being stored is recalled when it is written.
        if self._on_the_way:
            self._send(lambda: self._recall_now(read))
        else:
            self._recall_now(read)

    def _recall_now(self, read: Callable[[], Preset]) -> None:
        try:
            preset = read()
        except PresetError as error:
            report(error)
        else:
            self._player.do(lambda: self._parameters.recall(preset.values, preset.glide))

    def _write(self, number: int, values: Mapping[str, float]) -> None:
        try:
            path = self._presets.store(number, values)
        except (OutputError, PresetError) as error:
            report(error)
        else:
            say(f"stored {path}")

    def _send(self, errand: Callable[[], None]) -> None:
        """Have `errand` done when the player has done all that it was wished to do before."""
        self._on_the_way += 1
        self._player.do(lambda: self._errands.put(errand))
