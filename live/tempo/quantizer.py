"""Waiting for the next beat or bar."""

import math
from collections.abc import Callable
from typing import Literal

from live.console import answer
from live.tempo.beat import BEATS_PER_BAR, Beat

Quantize = Literal["none", "beat", "bar"]
BEATS: dict[Quantize, int] = {"beat": 1, "bar": BEATS_PER_BAR}


class Quantizer:
    """Runs tasks on the beat. It belongs to the main thread.

    Args:
        beat: The beat of the show.
        quantize: The tasks wait for the next beat or bar, or for nothing.
    """

    def __init__(self, beat: Beat, quantize: Quantize = "none") -> None:
        self._beat = beat
        self.quantize: Quantize = quantize
        # Tasks by name, and the beat or bar in which they were asked for.
        self._waiting: dict[str, tuple[Callable[[], None], int]] = {}

    def run(self, name: str, text: str, task: Callable[[], None]) -> None:
        """Run a task at the next beat or bar; at once if nothing is to wait, or the beat stands.

        Args:
            name: A newer task replaces a waiting one of the same name.
            text: The task as the notice names it.
            task: The task.
        """
        if self.quantize == "none" or not self._beat.runs:
            task()
            return
        self._waiting.pop(name, None)
        self._waiting[name] = (task, self._count())
        answer(f"{text} at the next {self.quantize}")

    def run_due(self) -> None:
        """Run the tasks whose beat or bar has come, in the order in which they were asked for."""
        if not self._waiting:
            return
        count = self._count()
        # A clock that starts anew or stops is no reason to wait longer.
        due = [name for name, (_, asked) in self._waiting.items() if asked != count or not self._beat.runs]
        for name in due:
            task, _ = self._waiting.pop(name)
            task()

    def _count(self) -> int:
        return math.floor(self._beat.position / BEATS[self.quantize])
