"""What was measured: counted while the show runs, written as JSON at its end."""

import json
import platform
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from live.bundle.bundle import Bundle
from live.errors import OutputError
from live.frame import Frame
from live.inference.model_slot import ModelSlot
from live.timings import Timings

# Up to here an answer seems to come at once.
LATE_SECONDS = 0.1


@dataclass
class ShowStats:
    """Counts and times of one show."""

    command_began: float
    """When the command was given, in seconds of `time.perf_counter`."""
    timings: Timings = field(default_factory=Timings)
    tail_frames: int = 0
    frames_after_end: int = 0
    late_frames: int = 0
    """Frames that were finished only when the next one was due."""
    dropped_frames: int = 0
    """Frames that were made but never shown, because a newer one was there already."""
    dropped_from_recording: int = 0
    dropped_from_virtual_camera: int = 0
    late_live_frames: int = 0
    """Frames that were shown more than `LATE_SECONDS` after the camera picture that they follow was captured."""
    deaths: int = 0
    """Continuations that died and were brought back to the film."""
    smooth: bool = False
    """Whether frames were cross-faded: they count as shown, in latencies, when they are shown whole."""
    osc: dict[str, int] | None = None
    """Messages, those of them that were refused, and wishes that newer ones replaced; None if OSC was off."""
    first_picture: float | None = None
    first_step: float | None = None
    ended: float | None = None

    def picture(self) -> None:
        """A picture has been shown: the first one's time is kept."""
        self.first_picture = self.first_picture or time.perf_counter()

    def count(self, frame: Frame) -> None:
        """Count a frame that was shown or rendered."""
        self.tail_frames += frame.seconds_after_end <= 0
        self.frames_after_end += frame.seconds_after_end > 0

    def show_live(self, captured_at: float, fade: float = 0.0) -> None:
        """A frame is shown now that follows a camera picture captured at `captured_at`, of `time.perf_counter`.

        It took `fade` seconds to be shown whole: nobody would call it late for these.
        """
        latency = time.perf_counter() - captured_at
        self.timings["latency"].add(latency)
        self.late_live_frames += latency - fade > LATE_SECONDS

    def summary(self) -> dict[str, Any]:
        """Everything, as JSON has it; what was not measured is None."""
        ended = self.ended or time.perf_counter()
        session, step = self.timings["session"], self.timings["step"]
        interval = self.timings["interval"]
        frames = self.tail_frames + self.frames_after_end
        return {
            "frames": {"tail": self.tail_frames, "after_end": self.frames_after_end},
            "fps": _ratio(frames, ended - self.first_picture if self.first_picture else 0),
            "shown_fps": _ratio(interval.count, interval.total),
            "generator_fps": _ratio(step.count, step.total),
            "session_fps": _ratio(session.count, session.total),
            "loop_over_session": _ratio(session.total, ended - self.first_step if self.first_step else 0),
            "late_frames": self.late_frames,
            "dropped_frames": self.dropped_frames,
            "dropped_from_recording": self.dropped_from_recording,
            "dropped_from_virtual_camera": self.dropped_from_virtual_camera,
            "late_live_frames": self.late_live_frames,
            "deaths": self.deaths,
            "smooth": self.smooth,
            "osc": self.osc,
            "first_picture_seconds": self.first_picture and round(self.first_picture - self.command_began, 3),
            "sections_ms": self.timings.summary(),
            "peak_memory_mib": _peak_memory_mib(),
        }


def write_stats(path: Path, *, bundle: Bundle, model: ModelSlot, seed: int, tally: ShowStats) -> None:
    """Write what is known of the show to the JSON file `path`. Raises `OutputError` if that is impossible."""
    report = {
        "title": bundle.title,
        "model": bundle.name,
        "size": {"width": bundle.graph.width, "height": bundle.graph.height},
        "frame_rate_wanted": float(bundle.frame_rate),
        "provider": model.label,
        "passed_over": model.passed_over,
        "seed": seed,
        **tally.summary(),
    }
    try:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write the statistics {path} ({error.strerror})") from error


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _peak_memory_mib() -> float | None:
    """The most memory the process ever held; None on Windows, where Python does not say."""
    if platform.system() == "Windows":
        return None
    if sys.platform == "linux":
        # What `getrusage` says there is at least what the process held that started this one.
        status = Path("/proc/self/status").read_text()
        return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)
