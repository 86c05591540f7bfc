"""Measurements of a show: counted while it runs, written as JSON at its end."""

import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from live.errors import OutputError
from live.frame import Frame
from live.timings import Timings

# An answer within this time seems immediate.
LATE_SECONDS = 0.1
# Shown frames of which the newest frame rate is.
FPS_FRAMES = 24
# Frame times after which the next frame is overdue, and the show counts as silent.
OVERDUE_FRAMES = 5


@dataclass(frozen=True)
class ShowFacts:
    """Facts that stay the same throughout a show."""

    title: str
    model: str
    """Name of the bundle's folder. It begins the names of the show's files."""
    size: tuple[int, int]
    """(height, width) of a frame."""
    frame_rate: float
    """Frames per second at speed 1."""
    seed: int
    """Random seed."""
    restarts: int = 0
    """Times that a supervisor has started the show again."""


@dataclass
class ShowStats:
    """Counts and times of one show."""

    command_began: float
    """Time of the command, in seconds of `now`."""
    now: Callable[[], float] = time.perf_counter
    """Clock in seconds; the same as that of the frames."""
    timings: Timings = field(default_factory=Timings)
    tail_frames: int = 0
    frames_after_end: int = 0
    late_frames: int = 0
    """Frames that were finished only after the next one was due."""
    dropped_frames: int = 0
    """Frames that were made but never shown, because a newer one was there already."""
    dropped_from_recording: int = 0
    dropped_from_virtual_camera: int = 0
    late_live_frames: int = 0
    """Frames that were shown more than `LATE_SECONDS` after the camera picture that they follow was captured."""
    collapses: int = 0
    """Continuations that collapsed and were returned to the film."""
    closed: bool = False
    """True outside of the opening hours."""
    smooth: bool = False
    """True if frames were cross-faded. Then latencies count until a frame is shown completely."""
    osc: dict[str, int] | None = None
    """Messages, refused ones, requests that newer ones replaced, datagrams of others; None if OSC was off."""
    first_picture: float | None = None
    first_step: float | None = None
    ended: float | None = None
    presented_at: float | None = None
    """Time at which a frame was shown, or the window of a paused or closed show was."""
    provider: str = ""
    """Provider and precision that ran the network last; empty if it was not opened yet."""
    passed_over: str = ""
    """Better ones that were not used, and why; empty if there were none."""
    counters: list[Callable[[], None]] = field(default_factory=list)
    """Functions that bring the counts of the show's parts up to date here. Any thread may call them."""

    def update(self) -> None:
        """Bring the counts of the show's parts up to date."""
        for count in self.counters:
            count()

    def mark_first_picture(self) -> None:
        """Keep the time if this is the first picture shown."""
        self.first_picture = self.first_picture or self.now()

    def mark_first_step(self) -> None:
        """Keep the time if this is just before the first step of the network."""
        self.first_step = self.first_step or self.now()

    def mark_end(self) -> None:
        """Keep the time of the end."""
        self.ended = self.now()

    def count_frame(self, frame: Frame) -> None:
        """Count a frame that was shown or rendered."""
        self.presented_at = self.now()
        self.tail_frames += frame.seconds_after_end <= 0
        self.frames_after_end += frame.seconds_after_end > 0

    def mark_paused(self) -> None:
        """Keep the time at which a paused or closed show was seen to be alive."""
        self.presented_at = self.now()

    @property
    def frames(self) -> int:
        """Number of frames that were shown or rendered."""
        return self.tail_frames + self.frames_after_end

    def newest_fps(self) -> float:
        """Return the frames a second of the newest shown frames; 0.0 before the second one."""
        intervals = self.timings["interval"].newest(FPS_FRAMES)
        return len(intervals) / float(intervals.sum()) if len(intervals) else 0.0

    def seconds_since_frame(self) -> float | None:
        """Return the seconds since a frame was shown, a pause not counted; None if there was none yet."""
        return None if self.presented_at is None else max(0.0, self.now() - self.presented_at)

    def add_latency(self, captured_at: float, fade: float = 0.0) -> None:
        """Count a frame that follows a camera picture and is shown completely now.

        Args:
            captured_at: Time at which the picture was captured, on the clock `now`.
            fade: Seconds that the frame took to fade in. They do not make it late.
        """
        latency = self.now() - captured_at
        self.timings["latency"].add(latency)
        self.late_live_frames += latency - fade > LATE_SECONDS

    def summary(self) -> dict[str, Any]:
        """Return everything as JSON values, up to date; None for what was not measured."""
        self.update()
        ended = self.ended or self.now()
        session, step = self.timings["session"], self.timings["step"]
        interval = self.timings["interval"]
        return {
            "frames": {"tail": self.tail_frames, "after_end": self.frames_after_end},
            "fps": _ratio(self.frames, ended - self.first_picture if self.first_picture else 0),
            "shown_fps": _ratio(interval.count, interval.total),
            "generator_fps": _ratio(step.count, step.total),
            "session_fps": _ratio(session.count, session.total),
            "loop_over_session": _ratio(session.total, ended - self.first_step if self.first_step else 0),
            "late_frames": self.late_frames,
            "dropped_frames": self.dropped_frames,
            "dropped_from_recording": self.dropped_from_recording,
            "dropped_from_virtual_camera": self.dropped_from_virtual_camera,
            "late_live_frames": self.late_live_frames,
            "deaths": self.collapses,
            "smooth": self.smooth,
            "osc": self.osc,
            "first_picture_seconds": self.first_picture and round(self.first_picture - self.command_began, 3),
            "sections_ms": self.timings.summary(),
            "peak_memory_mib": _peak_memory_mib(),
        }


def write_stats(path: Path, facts: ShowFacts, stats: ShowStats) -> None:
    """Write facts and measurements of a show to the JSON file `path`.

    Args:
        path: File to write.
        facts: Facts of the show.
        stats: Measurements of the show.

    Raises:
        OutputError: The file cannot be written.
    """
    height, width = facts.size
    measured = stats.summary()
    report = {
        "title": facts.title,
        "model": facts.model,
        "size": {"width": width, "height": height},
        "frame_rate_wanted": facts.frame_rate,
        "provider": stats.provider,
        "passed_over": stats.passed_over,
        "seed": facts.seed,
        **measured,
    }
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_text(
            json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", errors="replace"
        )
        # Whoever is killed in the midst of it leaves what was there before.
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write the statistics {path} ({error.strerror}); choose another folder") from error


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def memory_mib() -> float | None:
    """Return the memory that the process holds now; None where the system does not say it in a file."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    return round(int(status.partition("VmRSS:")[2].split()[0]) / 1024, 1)


def _peak_memory_mib() -> float | None:
    """Return the most memory that the process ever held; None on Windows, where Python does not say."""
    if platform.system() == "Windows":
        return None
    if sys.platform == "linux":
        # `getrusage` would include the process that started this one.
        status = Path("/proc/self/status").read_text()
        return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)
