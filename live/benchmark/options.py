"""What each of the stage's session options is worth: the same network with one of them changed at a time."""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import onnxruntime as ort

from live.benchmark.graphs import peak_convolutions
from live.benchmark.interleave import SHOW_RATE, Times, interleaved
from live.benchmark.report import Figure, Part
from live.benchmark.sessions import bound, open_session
from live.bundle.bundle import Bundle
from live.inference.session_options import session_options, usable_cores

SPIN = "session.intra_op.spin_duration_us"
DENORMALS = "session.set_denormal_as_zero"
SMALLEST_NORMAL = float(np.finfo(np.float32).tiny)


def every_option(bundle: Bundle, seconds: float) -> list[Part]:
    """Steps one after the other, and at the pace of a show: what they cost then, and what is left for the others."""
    # That an option replaces the stage's own is meant so, and no warning.
    ort.set_default_logger_severity(3)
    sessions = {name: bound(open_session(bundle.model_bytes, options)) for name, options in _variants().items()}
    rate = float(bundle.frame_rate)
    unpaced = interleaved(sessions, seconds)
    fast = Part("one step after the other", {name: Times.of(each, rate) for name, each in unpaced.items()})
    paced = Part(f"{SHOW_RATE:g} steps a second")
    for name, step in sessions.items():
        taken, cores = _paced(step, seconds / len(sessions))
        paced.times[name] = Times.of(taken, rate)
        paced.figures.append(Figure(f"cores kept busy, {name}", cores))
    return [fast, paced, _denormals(rate, seconds / 4)]


def _variants() -> dict[str, ort.SessionOptions]:
    variants = {"as the stage": session_options()}
    threads = {1, 2, usable_cores(), 2 * usable_cores()} - {variants["as the stage"].intra_op_num_threads}
    for count in sorted(threads):
        variants[f"{count} thread{'s' if count > 1 else ''}"] = _changed(threads=count)
    for microseconds in (0, 200, 1000):
        variants[f"spinning for {microseconds} µs"] = _changed({SPIN: str(microseconds)})
    # -1 is what ONNX Runtime does if it is told nothing: so many turns of a loop, which take longer than a frame.
    variants["spinning as by default"] = _changed({SPIN: "-1"})
    variants["spinning as by default, not between steps"] = _changed({SPIN: "-1", "session.force_spinning_stop": "1"})
    variants["without the blocked layout"] = _changed(level=ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED)
    return variants


def _changed(
    entries: dict[str, str] | None = None,
    threads: int | None = None,
    level: ort.GraphOptimizationLevel | None = None,
) -> ort.SessionOptions:
    options = session_options()
    for name, value in (entries or {}).items():
        options.add_session_config_entry(name, value)
    options.intra_op_num_threads = threads or options.intra_op_num_threads
    options.graph_optimization_level = level or options.graph_optimization_level
    return options


def _paced(step: Callable[[], None], seconds: float) -> tuple[np.ndarray, float]:
    """Durations of steps at the pace of a show, float64 [n] seconds, and how many cores the process kept busy."""
    taken = []
    step()
    began, busy = time.perf_counter(), time.process_time()
    for number in range(max(2, round(seconds * SHOW_RATE))):
        time.sleep(max(0.0, began + number / SHOW_RATE - time.perf_counter()))
        started = time.perf_counter()
        step()
        taken.append(time.perf_counter() - started)
    return np.array(taken), (time.process_time() - busy) / (time.perf_counter() - began)


def _denormals(rate: float, seconds: float) -> Part:
    """Convolutions of a picture that has faded to numbers too small for a float's full precision.

    In processes of their own: the first session of a process decides for the thread that calls it.
    """
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawning) as kept, ProcessPoolExecutor(1, spawning) as zeroed:
        turns = [
            [pool.submit(_faded_steps, as_zero, seconds / 4).result() for pool, as_zero in ((kept, "0"), (zeroed, "1"))]
            for _ in range(2)
        ]
    taken = dict(zip(("denormals kept", "denormals as zero"), zip(*turns, strict=True), strict=True))
    times = {name: Times.of(np.concatenate(each), rate) for name, each in taken.items()}
    ratio = times["denormals kept"].p50_ms / times["denormals as zero"].p50_ms
    return Part("a picture that has faded to denormals", times, [Figure("times slower if they are kept", ratio)])


def _faded_steps(as_zero: str, seconds: float) -> np.ndarray:
    session = open_session(peak_convolutions(64, 32), _changed({DENORMALS: as_zero}))
    return interleaved({"faded": bound(session, scale=SMALLEST_NORMAL / 16)}, seconds)["faded"]
