"""Watches a show while it runs: notes in the log what changes, and hands its state on to the status file and health."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from math import inf
from typing import Any

from live.console import LOGGER, OnceEach, note
from live.monitoring.options import MonitoringOptions
from live.monitoring.status import StatusFile
from live.stats import OVERDUE_FRAMES, ShowFacts, ShowStats, memory_mib
from live.waiting import BackgroundSearch

# A change that lasts less long may be missed.
WATCHING_SECONDS = 0.25
STATUS_SECONDS = 2.0
CLOSING_SECONDS = 2.0
# A show without a frame for longer is not healthy, unless its frames are rarer.
FRESH_SECONDS = 5.0
SAID_FAILURES = 8


@dataclass
class Readings:
    """Functions that return the state of a part in words, for any thread: empty while all is well or nothing runs."""

    camera: Callable[[], str] = lambda: ""
    """The live source and what it does."""
    camera_trouble: Callable[[], str] = lambda: ""
    """Reason for the source's silence."""
    frame_rate: Callable[[], float] = lambda: inf
    """Frames a second that are due at the present speed; infinite before the show plays."""
    waiting: list[Callable[[], str]] = field(default_factory=list)
    """Functions that return why something is waited for. A show adds them while it is being prepared."""
    sinks: dict[str, Callable[[], str]] = field(default_factory=dict)
    """Functions that return the state of each output, by its name. A show adds them while it is being prepared."""


class LastTrouble(logging.Handler):
    """Keeps the last thing that went wrong, of all that is said."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.newest: dict[str, str] | None = None
        """Time and text; None if nothing went wrong yet."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.newest = {"time": _time(record.created), "text": record.getMessage()}


class Monitor:
    """Reads the state of a show again and again, in a thread of its own that waits for nothing.

    Args:
        facts: Facts of the show.
        stats: Measurements of the show.
        readings: States of its parts.
        trouble: The last thing that went wrong.
        status: File for the state; None if there is none.
    """

    def __init__(
        self, facts: ShowFacts, stats: ShowStats, readings: Readings, trouble: LastTrouble, status: StatusFile | None
    ) -> None:
        self._facts = facts
        self._stats = stats
        self._readings = readings
        self._trouble = trouble
        self._status = status
        self._status_at = 0.0
        self._seen: dict[str, str] = {}
        self._failures = OnceEach(SAID_FAILURES)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
        self._thread.start()

    def state(self, *, running: bool = True) -> dict[str, Any]:
        """Return the state of the show as JSON values."""
        stats = self._stats
        stats.update()
        since = stats.seconds_since_frame()
        fresh = running and since is not None and since <= fresh_seconds(self._readings.frame_rate())
        return {
            "time": _time(time.time()),
            "running": running,
            "healthy": fresh,
            "closed": running and stats.closed,
            "waiting": [missing for read in list(self._readings.waiting) if (missing := read())] if running else [],
            "title": self._facts.title,
            "model": self._facts.model,
            "restarts": self._facts.restarts,
            "frames_presented": stats.frames,
            "seconds_since_frame": None if since is None else round(since, 2),
            "fps": round(stats.newest_fps(), 2) if fresh and not stats.closed else 0.0,
            "provider": stats.provider,
            "collapses": stats.collapses,
            "late_frames": stats.late_frames,
            "camera": self._readings.camera() or None,
            "sinks": {name: read() or None for name, read in list(self._readings.sinks.items())},
            "memory_mib": memory_mib(),
            "last_trouble": self._trouble.newest,
        }

    def close(self) -> None:
        """End, with a last state."""
        self._closing.set()
        self._thread.join(CLOSING_SECONDS)
        if self._status:
            self._status.put(self.state(running=False))

    def _run(self) -> None:
        while not self._closing.wait(WATCHING_SECONDS):
            try:
                self._look()
            # A part that is being opened or closed may have no reading. The next look finds one.
            except Exception as error:
                self._failures.warn(
                    repr(error), f"the state of the show cannot be read ({type(error).__name__}: {error})"
                )

    def _look(self) -> None:
        self._note_changes()
        if self._status and time.monotonic() >= self._status_at:
            self._status_at = time.monotonic() + STATUS_SECONDS
            self._status.put(self.state())

    def _note_changes(self) -> None:
        """Note in the log what else only the head-up display shows."""
        self._stats.update()
        self._note("camera", self._readings.camera_trouble(), trouble=True, well="delivers again")
        self._note("provider", self._stats.provider)
        self._note("collapses", str(self._stats.collapses or ""))
        for name, read in list(self._readings.sinks.items()):
            self._note(name, read())
        dropping = self._stats.dropped_from_recording > 0
        self._note("recording drops frames", "since now" if dropping else "", trouble=True)

    def _note(self, what: str, now: str, *, trouble: bool = False, well: str = "") -> None:
        before = self._seen.get(what, "")
        if now == before:
            return
        self._seen[what] = now
        if now:
            note(f"{what}: {now}", trouble=trouble)
        elif well:
            note(f"{what}: {well}")


@contextlib.contextmanager
def watched(
    options: MonitoringOptions, facts: ShowFacts, stats: ShowStats, readings: Readings, *, wait: bool = False
) -> Iterator[None]:
    """Watch the show inside the block, if the options ask for it: --log, --status or --health.

    Args:
        options: What the user asked for.
        facts: Facts of the show.
        stats: Measurements of the show.
        readings: States of its parts. They may be filled in while the show is being prepared.
        wait: True if an address of the health that is not available is waited for.

    Raises:
        OutputError: The address of the health is not available, and is not waited for.
    """
    with ExitStack() as stack:
        if options.health_address:
            # Its modules take time to load.
            from live.monitoring.health import HealthServer

            open_health = partial(
                HealthServer,
                *options.health_address,
                stats.seconds_since_frame,
                fresh_seconds=lambda: fresh_seconds(readings.frame_rate()),
            )
            if wait:
                found = stack.enter_context(ExitStack())

                def take(server: HealthServer) -> None:
                    found.callback(server.close)

                search = BackgroundSearch("health", open_health, take)
                readings.waiting.append(lambda: search.missing)
                stack.callback(search.close)
            else:
                stack.enter_context(closing(open_health()))
        if options.log or options.status:
            trouble = LastTrouble()
            LOGGER.addHandler(trouble)
            stack.callback(LOGGER.removeHandler, trouble)
            status = StatusFile(options.status) if options.status else None
            if status:
                stack.callback(status.close)
            stack.callback(Monitor(facts, stats, readings, trouble, status).close)
        yield


def fresh_seconds(frame_rate: float) -> float:
    """Return the longest time without a frame in which a show of so many frames a second counts as healthy."""
    return max(FRESH_SECONDS, OVERDUE_FRAMES / frame_rate)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")
