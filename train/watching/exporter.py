"""Export of the best checkpoint in a process of its own, while the training goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

NICENESS = 5  # beyond the training's own: on a busy machine, an export gets a third of the time that the training gets
KEPT_LINES = 12
KILL_SECONDS = 5.0


class Exporter:
    """Runs `python -m train export` when it is asked to, one at a time."""

    def __init__(self, run: Path, out: Path, options: Sequence[str | Path] = ()) -> None:
        """Prepare exports.

        Args:
            run: run folder.
            out: bundle folder to write.
            options: further options of `export`.
        """
        self.out = out
        self._command = [sys.executable, "-m", "train", "export", str(run), "--out", str(out), *map(str, options)]
        self._starting = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._began = 0.0
        self._lines: tuple[str, ...] = ()
        self._code: int | None = None

    @property
    def running(self) -> bool:
        """True while an export runs."""
        return self._reader is not None and self._reader.is_alive()

    def state(self) -> dict[str, Any]:
        """Return where the export stands, in plain values."""
        running = self.running
        return {
            "out": str(self.out),
            "exists": self.out.exists(),
            "running": running,
            "seconds": round(time.monotonic() - self._began) if running else None,
            "lines": list(self._lines),
            "done": not running and self._code == 0,
            "failed": not running and bool(self._code),
        }

    def start(self, *, overwrite: bool) -> bool:
        """Begin an export; return False if one runs already.

        Args:
            overwrite: replace the bundle that is there.
        """
        with self._starting:
            if self.running:
                return False
            self._began, self._lines, self._code = time.monotonic(), (), None
            self._process = subprocess.Popen(
                [*self._command, *(["--overwrite"] if overwrite else [])],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
                start_new_session=True,  # Ctrl-C is for the training
            )
            if hasattr(os, "setpriority"):
                with suppress(OSError):
                    niceness = os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
                    os.setpriority(os.PRIO_PROCESS, self._process.pid, niceness)
            self._reader = threading.Thread(target=self._read, args=(self._process,), name="export", daemon=True)
            self._reader.start()
        return True

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                if line.strip():
                    self._lines = (*self._lines, line.rstrip())[-KEPT_LINES:]
        self._code = process.wait()

    def wait(self) -> None:
        """Wait until the export that runs has ended; on Ctrl-C end it."""
        try:
            if self._reader:
                self._reader.join()
        finally:
            self.end()

    def end(self) -> None:
        """End the export that runs, if there is one, so that it leaves nothing half done."""
        if self._process and self._reader and self.running:
            self._process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
            self._reader.join(KILL_SECONDS)
            self._process.kill()
            self._reader.join()
