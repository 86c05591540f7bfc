"""Renders an episode as fast as its frames come: the same steps as in a window, on a clock that never waits."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from live.outputs.recorder import Recorder
from live.playback.timeline import Timeline
from live.stats import ShowStats


def render(episode: Timeline, recorder: Recorder | None, tally: ShowStats, stopping: threading.Event) -> None:
    """Make every frame of `episode` (or until `stopping` is set) and record it, if there is a recorder.

    Raises `RecordingError` as soon as the recording fails.
    """
    with _progress(episode.length) as advance:
        while not stopping.is_set():
            if tally.first_step is None and not episode.in_tail:
                tally.first_step = time.perf_counter()
            frame = episode.step()
            if frame is None:
                break
            tally.picture()
            if recorder:
                with tally.timings.section("sinks"):
                    recorder.offer(frame)
                if recorder.failure:
                    raise recorder.failure
            tally.count(frame)
            advance()
    tally.deaths = episode.deaths
    tally.ended = time.perf_counter()


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr where somebody sees it; yields what is to be called after each frame."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("rendering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)
