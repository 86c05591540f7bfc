"""The command `run_live.py` in a process of its own."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

RUN_LIVE = Path(__file__).parents[2] / "run_live.py"


def run(
    *arguments: object, env: Mapping[str, str] | None = None, preexec_fn: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; a warning is an error."""
    command = [sys.executable, "-W", "error", str(RUN_LIVE), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=env, preexec_fn=preexec_fn, check=False
    )
