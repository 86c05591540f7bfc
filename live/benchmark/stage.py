"""Measure the whole stage as its command runs it: how fast, how evenly, how soon and in how much memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from live.benchmark.interleave import SHOW_RATE, Times, interleaved
from live.benchmark.report import Figure, Part
from live.benchmark.sessions import stage_step
from live.bundle.bundle import Bundle
from live.errors import BenchmarkError
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.timings import Timings

COMMAND = Path(__file__).parents[2] / "run_live.py"
# The highest rate of a bundle times the highest speed is more than any of these machines reaches.
FASTEST_RATE, FASTEST_SPEED = 240, 4
ROUNDS = 3
MIB = 2**20


@dataclass(frozen=True)
class Played:
    """Outcome of a show: its statistics, its complaints, and the memory that it held from time to time."""

    stats: dict[str, Any]
    complaints: list[str]
    memory: list[tuple[float, float]]
    """(seconds since the start, MiB); empty where the system does not say."""


def whole_show(folder: Path, bundle: Bundle, seconds: float, virtual_camera: str | None, rounds: int = ROUNDS) -> Part:
    """Compare the bare step, as the stage chooses it, with the whole show: window, HUD, recording, virtual camera.

    They take turns. A show at 30 frames a second follows, to measure how even its frames are.
    """
    part = Part("whole show: window, HUD, recording")
    model = open_model(bundle, InferenceOptions(), Timings(), wait=True)
    step = stage_step(model)
    bare, shows = [], []
    with tempfile.TemporaryDirectory() as scratch:
        wanted = ["--hud", "--tail=0", f"--record={scratch}/show.mkv", "--overwrite"]
        wanted += ["--virtual-camera", virtual_camera] if virtual_camera else []
        fast, paced = (_at_rate(folder, Path(scratch), rate) for rate in (FASTEST_RATE, round(SHOW_RATE)))
        try:
            for _ in range(rounds):
                bare.append(interleaved({"step": step}, seconds / rounds)["step"])
                rate = min(1 / float(np.median(bare[-1])), FASTEST_RATE * FASTEST_SPEED)
                length = seconds / rounds * rate / FASTEST_RATE
                shows.append(_play(fast, f"--seconds={length}", f"--speed={FASTEST_SPEED}", *wanted))
            even = _play(paced, f"--seconds={seconds}", *wanted)
        except BenchmarkError as error:
            part.left_out["whole show"] = str(error)
            return part
    failures = [said for show in (*shows, even) for said in show.complaints if "virtual camera" in said]
    if not virtual_camera:
        part.left_out["virtual camera"] = "none is named; give --virtual-camera DEVICE"
    elif failures:
        part.left_out["virtual camera"] = failures[0]
    else:
        part.title += ", virtual camera"
    part.times = {f"bare step, {model.label}": Times.of(np.concatenate(bare), float(bundle.frame_rate))}
    part.figures = _fast_figures(bare, [show.stats for show in shows]) + _even_figures(even.stats)
    return part


def _fast_figures(bare: list[NDArray[np.float64]], shows: list[dict[str, Any]]) -> list[Figure]:
    """Return the figures of shows at full speed, each after some steps of the bare session, [n] seconds."""
    rates = [_made_a_second(stats) for stats in shows]
    ratios = [rate * float(np.median(steps)) for rate, steps in zip(rates, bare, strict=True)]
    return [
        Figure("frames a second, as fast as it can", float(np.median(rates)), bar=SHOW_RATE),
        Figure("show over bare session", float(np.median(ratios)), bar=0.85),
        Figure("frames that the recording dropped", sum(stats["dropped_from_recording"] for stats in shows)),
        *_peak(shows[-1]),
    ]


def _even_figures(stats: dict[str, Any]) -> list[Figure]:
    """Return the figures of a show at `SHOW_RATE`."""
    interval = stats["sections_ms"]["interval"]
    pace = f"at {SHOW_RATE:g} frames a second"
    return [
        *(Figure(f"frame interval {pace}, {each}", interval[each], " ms") for each in ("p50", "p95", "p99")),
        Figure(f"p99 over p50 of the interval {pace}", interval["p99"] / interval["p50"], bar=1.5, side="≤"),
        Figure(f"late frames {pace}, of {stats['frames']['after_end']}", stats["late_frames"]),
    ]


def _peak(stats: dict[str, Any]) -> list[Figure]:
    """Return the most memory that a show held, where the system says."""
    peak = stats["peak_memory_mib"]
    return [] if peak is None else [Figure("peak of memory", peak, " MiB", 400.0, "≤")]


def start_up(folder: Path, rounds: int = ROUNDS) -> Part:
    """Measure the time from the command to the first picture, without a window."""
    taken = [
        _play(folder, "--headless", "--tail=0", "--seconds=0.1").stats["first_picture_seconds"] for _ in range(rounds)
    ]
    return Part("start-up", figures=[Figure("start to first picture, slowest", max(taken), " s", 3.0, "≤")])


def memory(folder: Path, bundle: Bundle, frames: int) -> Part:
    """Measure the memory of a long show, and its growth from the second tenth to the last."""
    played = _play(folder, "--headless", "--tail=0", f"--seconds={frames / float(bundle.frame_rate)}")
    part = Part(f"memory over {frames} frames", figures=_peak(played.stats))
    if not part.figures:
        part.left_out["peak of memory"] = "this system does not say"
    if not played.memory:
        part.left_out["growth of memory"] = "only Linux says what another process holds"
        return part
    length = played.memory[-1][0]
    early = [held for at, held in played.memory if 0.1 * length <= at <= 0.2 * length]
    late = [held for at, held in played.memory if at >= 0.9 * length]
    if early and late:
        growth = float(np.median(late) - np.median(early))
        # A page here and there is no leak.
        part.figures.append(Figure("growth of memory", growth, " MiB", 4.0, "≤"))
    return part


def _made_a_second(stats: dict[str, Any]) -> float:
    """Return how many frames the show made in a second of playing. Frames that were never shown count."""
    shown, dropped = int(stats["sections_ms"]["interval"]["count"]), int(stats["dropped_frames"])
    return float(stats["shown_fps"]) * (shown + dropped) / shown


def _at_rate(folder: Path, scratch: Path, rate: int) -> Path:
    """Return the folder of a copy of the bundle at `rate` frames a second."""
    copy = scratch / f"at-{rate}"
    copy.mkdir()
    for network in folder.glob("generator*.onnx"):
        model = onnx.load(network)
        rated = {each.key: each.value for each in model.metadata_props} | {"frame_rate": str(rate)}
        del model.metadata_props[:]
        onnx.helper.set_model_props(model, rated)
        onnx.save(model, copy / network.name)
    if (folder / "seed.mkv").is_file():
        copyfile(folder / "seed.mkv", copy / "seed.mkv")
    return copy


def _play(folder: Path, *arguments: str) -> Played:
    """Run a show to its end. Raises `BenchmarkError` with the show's own words if it failed."""
    with tempfile.TemporaryDirectory() as scratch:
        stats = Path(scratch) / "stats.json"
        command = [sys.executable, str(COMMAND), f"--model={folder}", "--seed=1", f"--stats={stats}", *arguments]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as show:
            held = []
            began = time.perf_counter()
            while show.poll() is None:
                held += [(time.perf_counter() - began, each) for each in _held_mib(show.pid)]
                time.sleep(0.1)
            assert show.stderr is not None
            complaints = [line.partition("error: ")[2] or line for line in show.stderr.read().splitlines()]
        if show.returncode:
            raise BenchmarkError(complaints[-1] if complaints else f"the show ended with {show.returncode}")
        return Played(json.loads(stats.read_text()), complaints, held)


def _held_mib(process: int) -> Iterator[float]:
    """Yield the memory of another process in MiB; nothing where the system does not say, or it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return
    yield pages * os.sysconf("SC_PAGE_SIZE") / MIB
