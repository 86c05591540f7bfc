"""A real window on SDL's dummy display, whose keys a script presses."""

import datetime
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Protocol, TypeAlias, TypedDict

from live.display.options import WindowOptions
from live.display.panels.help_panel import Sections
from live.display.panels.panel import Rows
from live.display.window import StageWindow
from live.frame import Pixels
from tests.live.waiting import SECONDS


class Fade(TypedDict):
    """Cross-fade of one drawn picture."""

    under: Pixels | None
    share: float


class ScriptedWindow(StageWindow):
    """A real window that takes its keys from a script, and Q after its end. It keeps what it shows."""

    script: ClassVar["Script"]

    def __init__(self, title: str, size: tuple[int, int], options: WindowOptions) -> None:
        super().__init__(title, size, options)
        self.shown: list[Pixels] = []
        """Pictures that differ from the one before."""
        self.hud: dict[str, str] = {}
        self.help: Sections = ()
        self.notices: tuple[str, ...] = ()
        self.holds: str | None = None
        """Key that is held down."""
        self.presented = 0
        self.fades: list[Fade] = []
        """Cross-fade of each presented picture."""
        self._keys = type(self).script(self)

    def poll(self) -> list[str]:
        super().poll()
        return next(self._keys, ["q"])

    @property
    def held_key(self) -> str | None:
        return self.holds

    def present(
        self,
        pixels: Pixels,
        hud: Rows = (),
        help: Sections = (),
        notices: Sequence[str] = (),
        *,
        under: Pixels | None = None,
        share: float = 1.0,
    ) -> None:
        super().present(pixels, hud, help, notices, under=under, share=share)
        self.notices = tuple(notices)
        self.presented += 1
        self.fades.append({"under": under, "share": share})
        self.hud, self.help = dict(hud), help
        if not self.shown or pixels is not self.shown[-1]:
            self.shown.append(pixels)

    def until(
        self, condition: Callable[[], object], seconds: float = SECONDS, keys: Sequence[str] = ()
    ) -> Iterator[list[str]]:
        """Press these keys again and again, or none, until the condition holds."""
        end = time.perf_counter() + seconds
        while not condition():
            assert time.perf_counter() < end, "the condition never held"
            yield list(keys)

    def for_frames(self, count: int) -> Iterator[list[str]]:
        """Press nothing until so many more frames are shown."""
        goal = len(self.shown) + count
        yield from self.until(lambda: len(self.shown) >= goal)

    def for_seconds(self, seconds: float) -> Iterator[list[str]]:
        """Press nothing for so many seconds."""
        end = time.perf_counter() + seconds
        yield from self.until(lambda: time.perf_counter() >= end)


Script: TypeAlias = Callable[[ScriptedWindow], Iterator[list[str]]]
"""Yields the keys to press at each poll of the window."""


class Perform(Protocol):
    """Type of the fixture `perform`: runs a show with a script and returns its exit code and its window."""

    def __call__(
        self, script: Script, *arguments: str, model: Path = ..., local_time: Callable[[], datetime.datetime] = ...
    ) -> tuple[int, ScriptedWindow]: ...


def wait_for_the_end(window: ScriptedWindow) -> Iterator[list[str]]:
    """Press nothing. This is a `Script`."""
    yield from window.for_seconds(60)
