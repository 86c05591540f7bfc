"""A real window on SDL's dummy display, with hands that follow a script."""

import time
from collections.abc import Callable, Iterator

import numpy as np

import live.camera.devices
import live.camera.webcam
import live.display.window

Script = Callable[["ScriptedWindow"], Iterator[list[str]]]


class ScriptedWindow(live.display.window.StageWindow):
    """A real window whose keys a script presses; it keeps what it is shown."""

    script: Script

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.shown: list[np.ndarray] = []
        self.hud: dict[str, str] = {}
        self.help: tuple = ()
        self.presented = 0
        self.fades: list[dict] = []
        self._hands = type(self).script(self)

    def poll(self) -> list[str]:
        super().poll()
        return next(self._hands, ["q"])

    def present(self, pixels, hud=(), help=(), **fade) -> None:
        super().present(pixels, hud, help, **fade)
        self.presented += 1
        self.fades.append(fade)
        self.hud, self.help = dict(hud), help
        if not self.shown or pixels is not self.shown[-1]:
            self.shown.append(pixels)

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> Iterator[list[str]]:
        """Press nothing until it is so."""
        end = time.perf_counter() + seconds
        while not condition():
            assert time.perf_counter() < end, "it never happened"
            yield []

    def for_frames(self, count: int) -> Iterator[list[str]]:
        goal = len(self.shown) + count
        yield from self.until(lambda: len(self.shown) >= goal)

    def for_seconds(self, seconds: float) -> Iterator[list[str]]:
        end = time.perf_counter() + seconds
        yield from self.until(lambda: time.perf_counter() >= end)


def wait_for_the_end(window: ScriptedWindow) -> Iterator[list[str]]:
    yield from window.for_seconds(60)
