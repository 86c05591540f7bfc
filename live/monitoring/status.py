"""The status file: the state of a show in JSON, replaced as a whole every few seconds."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from live.console import first_line, warn
from live.latest_slot import LatestSlot

CLOSING_SECONDS = 1.0
WAITING_SECONDS = 1.0


class StatusFile:
    """Writes states in a thread of its own, which may hang without harm. Only the newest one matters.

    A failure is said once, until a state is written again.

    Args:
        path: The file. A part that is being written is `path.tmp`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(path.name + ".tmp")
        self._latest: LatestSlot[Mapping[str, Any]] = LatestSlot()
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="status", daemon=True)
        self._thread.start()

    def put(self, state: Mapping[str, Any]) -> None:
        """Write `state`, unless a newer one comes first."""
        self._latest.put(state)

    def close(self) -> None:
        """Write the last state, if the disk takes it soon."""
        self._latest.close()
        self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        while not self._latest.finished:
            state = self._latest.take(WAITING_SECONDS)
            if state is not None:
                self._write(state)

    def _write(self, state: Mapping[str, Any]) -> None:
        text = json.dumps(state, indent=2, ensure_ascii=False) + "\n"
        try:
            self._temporary.write_text(text, encoding="utf-8", errors="replace")
            # Readers see the old state or the new one, never a part.
            self._temporary.replace(self._path)
        except OSError as error:
            if not self._failed:
                warn(f"cannot write the status {self._path} ({first_line(error.strerror)}); it is tried again")
            self._failed = True
        else:
            self._failed = False
