"""Render a show without a window: the same frames as in a window, as fast as they can be made."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from live.errors import RecordingError
from live.frame import Frame
from live.playback.playback import Playback
from live.stats import ShowStats
from live.tempo.beat import INITIAL_BPM


class Sink(Protocol):
    """Takes the frames of a rendered show."""

    @property
    def failure(self) -> RecordingError | None:
        """Reason why it takes no more; None if it does."""

    def offer(self, frame: Frame) -> None:
        """Take a frame, and wait until there is room for it."""


def render(playback: Playback, sink: Sink | None, stats: ShowStats, stopping: threading.Event) -> None:
    """Make every frame and hand it on, until the show is over or `stopping` is set.

    Args:
        playback: Makes the frames.
        sink: Takes them; None if they are only measured.
        stats: Measurements of the show.
        stopping: Ends the show between two frames.

    Raises:
        RecordingError: The recording failed. The show ends with it.
    """

    timeline = playback.timeline

    def count() -> None:
        stats.collapses = timeline.collapses

    stats.counters.append(count)
    with _progress(timeline.length) as advance:
        while not stopping.is_set():
            seconds = stats.frames / playback.clock.rate
            playback.modulate(seconds, seconds * INITIAL_BPM / 60)
            if not timeline.in_tail:
                stats.mark_first_step()
            frame = playback.step()
            if frame is None:
                break
            stats.mark_first_picture()
            if sink:
                with stats.timings.section("sinks"):
                    sink.offer(frame)
                if sink.failure:
                    raise sink.failure
            stats.count_frame(frame)
            advance()
    stats.mark_end()


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[], None]]:
    """Show a progress bar if stderr is a terminal; yield a function to call after each frame."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("rendering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)
