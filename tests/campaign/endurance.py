"""Sub-campaign of endurance: memory, descriptors and threads of a show over a long time, seen from outside."""

import contextlib
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.campaign.report import table
from tests.campaign.stage import FRAME_RATE, ROOT, SECONDS, Stage, write_campaign_bundle

SAMPLES = 200
SHORTEST_SAMPLING_SECONDS = 0.05
# What a show sets up at its beginning is no growth.
SETTLED_SHARE = 0.3
HEAD = ("process", "memory", "growth", "descriptors", "threads")


@dataclass(frozen=True)
class Sample:
    """State of a process."""

    at: float
    """Time in seconds of `time.monotonic`."""
    mib: float
    """Resident memory."""
    descriptors: int
    threads: int


def accelerated_table(frames: int, folder: Path) -> str:
    """Run a show of so many frames without a window, as fast as it can, and return the table."""
    bundle = write_campaign_bundle(folder / "model")
    command = [sys.executable, str(ROOT / "run_live.py"), "--model", str(bundle), "--headless", "--tail", "0"]
    command += ["--seconds", str(frames / FRAME_RATE), "--provider", "cpu", "--precision", "fp32"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    show = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL)
    samples: list[Sample] = []
    pause, began = SHORTEST_SAMPLING_SECONDS, time.monotonic()
    try:
        while show.poll() is None:
            samples += filter(None, [_sample(show.pid)])
            if len(samples) > 2 * SAMPLES:
                # A long run is sampled less often.
                samples, pause = samples[::2], 2 * pause
            time.sleep(pause)
    finally:
        show.kill()
        show.wait()
    minutes = (time.monotonic() - began) / 60
    title = f"{frames:,} frames without a window, in {minutes:.1f} minutes (exit code {show.returncode})"
    return f"{title}:\n\n{table(HEAD, [_row('show', samples)])}"


def real_time_table(minutes: float, folder: Path) -> str:
    """Run a supervised show with everything for so many minutes, and return the table, or that it did not begin."""
    bundle = write_campaign_bundle(folder / "model")
    stage = Stage(folder / "stage", bundle)
    samples: dict[str, list[Sample]] = defaultdict(list)
    try:
        stage.screen.start()
        stage.start((), {})
        if not stage.shows():
            return f"A show in a window did not begin within {SECONDS:g} s."
        assert stage.process is not None
        pause, end = max(SHORTEST_SAMPLING_SECONDS, 60 * minutes / SAMPLES), time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            for name, pid in _processes(stage.process.pid):
                samples[name] += filter(None, [_sample(pid)])
            time.sleep(pause)
        frames = len(stage.wall.frames())
    finally:
        stage.close()
    title = f"{frames:,} frames in a window with everything, in {minutes:g} minutes"
    return f"{title}:\n\n{table(HEAD, [_row(name, each) for name, each in samples.items()])}"


def _sample(pid: int) -> Sample | None:
    """Return the state of a process; None if it has ended."""
    with contextlib.suppress(OSError, KeyError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        return Sample(time.monotonic(), int(status["VmRSS"][0]) / 1024, descriptors, int(status["Threads"][0]))
    return None


def _processes(supervisor: int) -> list[tuple[str, int]]:
    """Return the processes of a supervised show, by name."""
    names = [("backdrop", "backdrop"), ("spawn_main", "webcam or virtual camera"), ("faulty_show", "show")]
    found, waiting = [("supervisor", supervisor)], [supervisor]
    while waiting:
        parent = waiting.pop()
        with contextlib.suppress(OSError):
            # Each thread has the processes that it started.
            lists = [path.read_text() for path in Path(f"/proc/{parent}/task").glob("*/children")]
            # In the order of their starts, so that two of one kind keep their names.
            for child in sorted(map(int, " ".join(lists).split())):
                waiting.append(child)
                command = Path(f"/proc/{child}/cmdline").read_text()
                found += [(name, child) for sign, name in names if sign in command][:1]
    counts = Counter[str]()
    for number, (name, pid) in enumerate(found):
        counts[name] += 1
        found[number] = (name if counts[name] == 1 else f"{name}, number {counts[name]}", pid)
    return found


def _row(name: str, samples: Sequence[Sample]) -> Sequence[object]:
    settled = samples[int(len(samples) * SETTLED_SHARE) :]
    hours, mib = np.array([each.at for each in settled]) / 3600, np.array([each.mib for each in settled])
    growth = np.polyfit(hours - hours[0], mib, 1)[0] if len(settled) > 1 else 0.0
    descriptors, threads = [each.descriptors for each in settled], [each.threads for each in settled]
    return (
        name,
        f"{mib[0]:.1f} → {mib[-1]:.1f} MiB",
        f"{growth:+.2f} MiB/h",
        f"{min(descriptors)}–{max(descriptors)}",
        f"{min(threads)}–{max(threads)}",
    )
