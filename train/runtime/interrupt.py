"""Interruption of long work between two steps, and a progress bar that can be interrupted."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class Interruption:
    """Request to end the work, from Ctrl-C, SIGTERM or another thread."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._at_once = False

    def __call__(self) -> bool:
        """Return whether there was a request."""
        return self._requested.is_set()

    def request(self) -> None:
        """Request the end from another thread, in the way that a signal takes."""
        _thread.interrupt_main(signal.SIGINT)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let the first request raise KeyboardInterrupt, in work of many seconds that leaves nothing half done.

        Raises:
            KeyboardInterrupt: the end was requested, now or before.
        """
        self._at_once = True
        try:
            if self():
                raise KeyboardInterrupt
            yield
        finally:
            self._at_once = False

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Note the request, as handler of a signal; raise KeyboardInterrupt if it is the second, or must be at once."""
        aborts = self._at_once or self()
        self._requested.set()
        if aborts:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Let Ctrl-C and SIGTERM end the work between two steps; a second one aborts at once.

    Yields:
        the request to end the work.
    """
    interruption = Interruption()
    before = {number: signal.signal(number, interruption.on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress_bar(label: str, console: Console, stop_requested: Callable[[], bool]) -> Iterator[Callable[[float], None]]:
    """Show a progress bar.

    Args:
        label: beside the bar.
        console: where it is drawn.
        stop_requested: of `interruptible`.

    Yields:
        a function that takes the share done, 0…1, and raises KeyboardInterrupt if the work should end.
    """
    columns = (TextColumn(label), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(label, total=1.0)

        def on_progress(share: float) -> None:
            if stop_requested():
                raise KeyboardInterrupt
            progress.update(task, completed=share)

        yield on_progress
