"""Plugin for pytest that tells why a worker of pytest-xdist crashed, which xdist itself does not.

A signal that Python's faulthandler knows, such as SIGSEGV, prints a traceback on stderr without this plugin.
"""

import contextlib
import faulthandler
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any, NoReturn

import pytest

ENDING_SECONDS = 10.0
"""Time for the process of a worker to end after its connection did."""


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        _tell_exits()
    else:
        config.stash[_KILLED_BEFORE] = _killed_for_memory()


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's
def pytest_handlecrashitem(report: pytest.TestReport, sched: Any) -> None:
    """Add to the report how the worker's process ended."""
    process: subprocess.Popen[bytes] = report.node.gateway._io.popen
    killed = _killed_for_memory() - sched.config.stash[_KILLED_BEFORE]
    report.longrepr = f"{report.longrepr}\n{_ending(process, killed)}"


def _ending(process: subprocess.Popen[bytes], killed: int) -> str:
    """Return one line on how a worker's process ended.

    Args:
        process: The process.
        killed: Number of processes that the system killed for want of memory since pytest began.
    """
    try:
        code = process.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        return "its process still runs: its connection was closed, or something else was written to it"
    if code >= 0:
        return f"its process exited with code {code}; if Python did it, stderr has the traceback"
    memory = f"; the system killed {killed} processes for want of memory" if killed else ""
    return f"its process was ended by {signal.Signals(-code).name}{memory}"


def _killed_for_memory() -> int:
    """Return how many processes the system has killed for want of memory; 0 where it does not tell."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0


def _tell_exits() -> None:
    """Have `os._exit` print the traceback of every thread first. In a test, nothing may call it in pytest's process."""
    # Captured output is lost with the process.
    stderr, worker, usual = os.dup(2), os.getpid(), os._exit

    def told(code: int) -> NoReturn:
        # A process that was forked ends in this way.
        if os.getpid() == worker:
            name = threading.current_thread().name
            os.write(stderr, f"\nos._exit({code}) in the thread {name} of a worker\n".encode())
            faulthandler.dump_traceback(stderr)
        usual(code)

    os._exit = told  # type: ignore[assignment]


_KILLED_BEFORE = pytest.StashKey[int]()
