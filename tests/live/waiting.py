"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 100.0
"""Longest wait for what must happen. Tests share the machine with others."""


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds. Fail the test if it never does."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def is_running(process: int) -> bool:
    """Return whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
