"""A show ends when it is told to, whatever hangs: real processes, signals and full pipes."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.live.bundles import read_film
from tests.live.command import RUN_LIVE
from tests.live.test_app_endings import count_recorded, wait_for_size
from tests.live.waiting import SECONDS, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and pipes of Linux")

# A show whose parts are replaced before it begins.
PATCHED = """
import sys, threading
sys.path.insert(0, {root!r})
from live.app import main
from live.process.ending import run_to_the_end
{patch}
run_to_the_end(main)
"""
# The network never comes back from its fifth step of the show.
HANGING_STEP = """
from live.inference.model import Model
step, count = Model.step, 0
def hang(*arguments, **named):
    global count
    count += named.get("timings") is not None
    if count == 5:
        print("hangs", flush=True)
        threading.Event().wait()
    return step(*arguments, **named)
Model.step = hang
"""
# The main thread never comes back from the window, as from a display server that hangs: in C, where no handler of
# Python runs.
HANGING_WINDOW = """
import ctypes
from live.process import ending
ending.LAST_SECONDS = 60.0  # a disk under load takes its time
from live.display.window import StageWindow
present, count = StageWindow.present, 0
def hang(*arguments, **named):
    global count
    count += 1
    if count == 5:
        print("hangs", flush=True)
        ctypes.CDLL(None).pthread_mutex_lock(lock_twice())
    return present(*arguments, **named)
def lock_twice():
    mutex = ctypes.create_string_buffer(64)
    ctypes.CDLL(None).pthread_mutex_lock(mutex)
    return mutex
StageWindow.present = hang
"""
# A recording is never closed, as on a disk that hangs.
HANGING_RECORDING = """
from live.outputs.recorder import Recorder
Recorder.close = lambda recorder: threading.Event().wait()
"""
FAILING_STEP = """
from live.inference.generator import Generator
def fail(*arguments):
    raise ZeroDivisionError("a defect")
Generator.step = fail
"""


def start(
    bundle: Path, *arguments: object, patch: str = "", stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    program = PATCHED.format(root=str(RUN_LIVE.parent), patch=patch)
    common = ["--model", bundle, "--provider", "cpu", "--precision", "fp32", "--tail", "0.25"]
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, [*common, *arguments])],
        env=os.environ | {"SDL_VIDEODRIVER": "dummy"},
        text=True,
        stdout=stdout,
        stderr=stderr,
    )


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if line == f"{text}\n":
            return
    raise AssertionError(f"never said {text!r}; {process.communicate()}")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT])
def test_a_closed_terminal_and_sigquit_end_a_show_as_sigterm_does(
    bundle_folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    record, stats = tmp_path / "a.mkv", tmp_path / "s.json"
    process = start(bundle_folder, "--stats", stats, "--record", record, "--record-codec", "ffv1")
    wait_for_size(record, 20_000, process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (128 + number, "")
    assert len(read_film(record)) == count_recorded(stats) > 0


def test_an_end_that_takes_long_has_its_statistics_soon(bundle_folder: Path, tmp_path: Path) -> None:
    record, stats = tmp_path / "a.mkv", tmp_path / "s.json"
    process = start(bundle_folder, "--stats", stats, "--record", record, patch=HANGING_RECORDING)
    try:
        wait_for_size(record, 1, process)
        began = time.time()
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: stats.exists() and stats.stat().st_size)
        # The limit of the end is thirty seconds.
        assert stats.stat().st_mtime - began < 25
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    assert count_recorded(stats) > 0


def test_a_network_that_hangs_does_not_keep_a_show_from_ending(bundle_folder: Path, tmp_path: Path) -> None:
    record, stats = tmp_path / "a.mkv", tmp_path / "s.json"
    process = start(bundle_folder, "--stats", stats, "--record", record, patch=HANGING_STEP)
    wait_for_line(process, "hangs")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 143
    assert "a frame took longer than 2 s; the show ends without it" in out
    # A window that is late shows fewer than the network has made.
    assert json.loads(stats.read_text())["frames"]["after_end"] <= 4
    assert len(read_film(record)) == count_recorded(stats) > 0


def test_a_main_thread_that_hangs_ends_all_the_same_with_its_statistics(bundle_folder: Path, tmp_path: Path) -> None:
    stats = tmp_path / "s.json"
    process = start(bundle_folder, "--stats", stats, patch=HANGING_WINDOW)
    wait_for_line(process, "hangs")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 143
    assert json.loads(stats.read_text())["provider"] == "CPU"


def test_a_driver_that_hangs_with_the_interpreter_ends_all_the_same() -> None:
    program = """
        import ctypes, os, signal, sys
        sys.path.insert(0, {root!r})
        from live.process import ending
        ending.UNABLE_SECONDS = 0.5
        with ending.end_on_signals(closing_seconds=0.5) as asked:
            os.kill(os.getpid(), signal.SIGTERM)
            asked.stopping.wait()
            # In contrast to CDLL, no other thread runs meanwhile.
            ctypes.PyDLL(None).sleep(600)
    """
    code = textwrap.dedent(program).format(root=str(RUN_LIVE.parent))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_a_second_signal_ends_at_once_what_the_first_does_not(bundle_folder: Path, tmp_path: Path) -> None:
    stats = tmp_path / "s.json"
    process = start(bundle_folder, "--stats", stats, patch=HANGING_WINDOW)
    wait_for_line(process, "hangs")
    process.send_signal(signal.SIGTERM)
    time.sleep(1)  # the system hands on signals that wait in the order of their numbers
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 130, "before the time is over that the first one leaves"
    assert json.loads(stats.read_text())["provider"] == "CPU"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_full_pipe_neither_stops_nor_keeps_a_show(bundle_folder: Path, tmp_path: Path, stream: str) -> None:
    record, stats = tmp_path / "a.mkv", tmp_path / "s.json"
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    # Every frame says something on both.
    patch = """
from live.inference.generator import Generator
from live.console import report, say
from live.errors import ShowError
step = Generator.step
def talk(*arguments):
    say("a line"), report(ShowError("a line"))
    return step(*arguments)
Generator.step = talk
"""
    blocked = {stream: writing, {"stdout": "stderr", "stderr": "stdout"}[stream]: subprocess.DEVNULL}
    arguments = ["--stats", stats, "--record", record, "--record-codec", "ffv1"]
    process = start(bundle_folder, *arguments, patch=patch, stdout=blocked["stdout"], stderr=blocked["stderr"])
    os.close(writing)
    try:
        wait_for_size(record, 50_000, process)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=SECONDS)
    finally:
        os.close(reading)
    assert process.returncode == 143
    assert json.loads(stats.read_text())["frames"]["after_end"] > 0


def test_a_defect_keeps_its_traceback_and_the_statistics(bundle_folder: Path, tmp_path: Path) -> None:
    stats = tmp_path / "s.json"
    process = start(bundle_folder, "--stats", stats, patch=FAILING_STEP)
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert errors.rstrip().endswith("ZeroDivisionError: a defect")
    assert json.loads(stats.read_text())["frames"]["tail"] > 0


def test_a_thread_that_never_ends_does_not_keep_the_process() -> None:
    program = (
        "import threading\n"
        "from live.process.ending import run_to_the_end\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "print('said')\n"
        "run_to_the_end(lambda: 7)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=RUN_LIVE.parent,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, "said\n", "")


def test_the_limits_are_lifted_at_the_end_of_the_show() -> None:
    from live.process.ending import end_on_signals

    before = threading.active_count()
    with end_on_signals(unheard_seconds=60, closing_seconds=60) as ending:
        os.kill(os.getpid(), signal.SIGTERM)
        assert ending.stopping.wait(SECONDS)
    assert ending.exit_code == 143
    wait_until(lambda: threading.active_count() <= before)


# Every step of the show fails, or only the fifth.
FAILING_NETWORK = """
from live.inference.model import Model
step, count = Model.step, 0
def fail(*arguments, **named):
    global count
    count += named.get("timings") is not None
    if named.get("timings") is not None and count in {which}:
        raise MemoryError("no room")
    return step(*arguments, **named)
Model.step = fail
"""


def test_a_network_that_always_fails_ends_the_show_in_one_line(bundle_folder: Path, tmp_path: Path) -> None:
    stats = tmp_path / "s.json"
    process = start(bundle_folder, "--stats", stats, patch=FAILING_NETWORK.format(which="range(1000)"))
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert errors == ("ninety-seconds-after: error: the network failed 6 times (CPU: no room); start the show again\n")
    assert json.loads(stats.read_text())["frames"]["tail"] > 0


def test_a_step_that_fails_once_does_not_end_the_show(bundle_folder: Path, tmp_path: Path) -> None:
    stats = tmp_path / "s.json"
    patch = FAILING_NETWORK.format(which="(5,)")
    process = start(bundle_folder, "--stats", stats, "--seconds", 1, "--headless", patch=patch)
    out, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (0, "")
    assert "CPU failed (no room); it was opened anew, and the show goes on" in out
    assert json.loads(stats.read_text())["frames"]["after_end"] == 12
