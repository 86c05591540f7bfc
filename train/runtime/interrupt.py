"""Interruption of long work between two steps, and a progress bar that can be interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C and SIGTERM end the work between two steps; a second one aborts at once.

    Yields:
        a function that returns whether the work should end.
    """
    requested = threading.Event()

    def request(number: int, frame: FrameType | None) -> None:
        if requested.is_set():
            raise KeyboardInterrupt
        requested.set()

    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield requested.is_set
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
