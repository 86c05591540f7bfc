"""Measurements of a show, and the file of --stats."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from live.errors import OutputError
from live.frame import Frame
from live.stats import FPS_FRAMES, ShowFacts, ShowStats, write_stats
from tests.live.bundles import make_film

FACTS = ShowFacts(title="A Test", model="small", size=(48, 64), frame_rate=12.0, seed=11)


class Clock:
    """A clock that stands at the time it was set to."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


def test_counts_and_times() -> None:
    clock = Clock(12.0)
    stats = ShowStats(command_began=10.0, now=clock)
    stats.mark_first_picture()
    clock.seconds = 14.0
    stats.mark_first_step()
    clock.seconds = 22.0
    stats.mark_first_picture()
    stats.mark_first_step()
    stats.mark_end()
    pixels = make_film(1)[0]
    for index, after in enumerate([-0.1, 0.0, 0.1, 0.2, 0.3]):
        stats.count_frame(Frame(pixels, index, after))
    for _ in range(3):
        stats.timings["session"].add(2.0)
        stats.timings["step"].add(2.5)
    clock.seconds = 100.0
    summary = stats.summary()
    assert summary["frames"] == {"tail": 2, "after_end": 3}
    assert summary["first_picture_seconds"] == 2.0
    assert summary["fps"] == 5 / 10
    assert summary["session_fps"] == 0.5
    assert summary["generator_fps"] == 0.4
    assert summary["loop_over_session"] == 6 / 8
    assert summary["late_live_frames"] == 0
    assert 20 < summary["peak_memory_mib"] < 20_000


def test_the_newest_frame_rate_is_that_of_the_newest_frames() -> None:
    stats = ShowStats(0.0)
    assert stats.newest_fps() == 0
    for seconds in [1.0] * 50 + [0.1] * FPS_FRAMES:
        stats.timings["interval"].add(seconds)
    assert stats.newest_fps() == pytest.approx(10)


def test_frames_that_come_long_after_their_camera_picture_are_counted() -> None:
    stats = ShowStats(command_began=10.0, now=Clock(20.0))
    for captured_at in (19.99, 19.95, 19.89, 19.0):
        stats.add_latency(captured_at)
    assert stats.late_live_frames == 2
    assert stats.timings["latency"].percentile(0) == pytest.approx(0.01)
    for captured_at in (19.84, 19.7):
        stats.add_latency(captured_at, fade=1 / 12)
    assert stats.late_live_frames == 3


def test_the_file_says_what_was_played_and_how(tmp_path: Path) -> None:
    stats = ShowStats(command_began=0.0, provider="CPU", passed_over="CUDA: no driver", collapses=2)
    write_stats(tmp_path / "s.json", FACTS, stats)
    written = json.loads((tmp_path / "s.json").read_text())
    assert written["title"] == "A Test"
    assert written["model"] == "small"
    assert written["size"] == {"width": 64, "height": 48}
    assert written["frame_rate_wanted"] == 12
    assert written["provider"] == "CPU"
    assert written["passed_over"] == "CUDA: no driver"
    assert written["seed"] == 11
    assert written["deaths"] == 2
    assert written["loop_over_session"] is None
    assert written["first_picture_seconds"] is None
    with pytest.raises(OutputError, match="cannot write the statistics"):
        write_stats(tmp_path / "gone" / "s.json", FACTS, stats)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's peak is its own anyway")
def test_a_shows_peak_of_memory_is_not_that_of_its_parent_process() -> None:
    held = np.ones(2**27)  # 1 GiB
    program = "from live.stats import FPS_FRAMES, ShowStats; print(ShowStats(0.0).summary()['peak_memory_mib'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 5 < float(done.stdout) < held.nbytes / 2**21


def test_statistics_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "stats.json"
    path.write_text("those of the process before")
    # A second name of the file shows whether it is changed or replaced: a process may be killed while it writes.
    os.link(path, tmp_path / "before.json")
    write_stats(path, FACTS, ShowStats(0.0))
    assert json.loads(path.read_text())["seed"] == FACTS.seed
    assert (tmp_path / "before.json").read_text() == "those of the process before"
