"""A worker of pytest that crashes leaves its reason in the output."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CRASH = """
import ctypes, os, signal, threading

def test_that_crashes():
    {crash}
"""
IN_A_THREAD = "t = threading.Thread(target=os._exit, args=[7], name='late'); t.start(); t.join()"


@pytest.mark.parametrize(
    ("crash", "says"),
    [
        (IN_A_THREAD, ("os._exit(7) in the thread late of a worker", " in run\n", "exited with code 7")),
        ("ctypes.CDLL(None).exit(6)", ("exited with code 6",)),
        ("os.kill(os.getpid(), signal.SIGKILL)", ("was ended by SIGKILL",)),
        ("ctypes.string_at(0)", ("Fatal Python error: Segmentation fault", "was ended by SIGSEGV")),
    ],
)
def test_a_crash_is_told(tmp_path: Path, crash: str, says: tuple[str, ...]) -> None:
    (tmp_path / "test_crash.py").write_text(CRASH.format(crash=crash))
    command = [sys.executable, "-m", "pytest", "-p", "tests.crashes", "-n", "1", "--max-worker-restart", "0"]
    done = subprocess.run(
        [*command, "--rootdir", tmp_path, "--import-mode=importlib", "test_crash.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "crashed while running 'test_crash.py::test_that_crashes'" in done.stdout
    for each in says:
        assert each in done.stdout + done.stderr
