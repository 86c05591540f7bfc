"""Answers to the page of a training: the board, the samples and the exports, in plain values."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from train.runtime.interrupt import Interruption
from train.runtime.run_folder import Run
from train.watching.board import Board, Point
from train.watching.exporter import Exporter
from train.watching.history import read_history
from train.watching.samples import as_mp4, list_samples, read_picture

PLAYER = "player"  # folder in the run folder
STATES_SECONDS = 1.0  # between two states


class View:
    """Reads a board for a page. Only threads of the page wait for its locks."""

    def __init__(
        self, board: Board, run: Run, interruption: Interruption, exporter: Exporter, player: Exporter | None
    ) -> None:
        """Read a board.

        Args:
            board: that the training writes on.
            run: its folder.
            interruption: ends it.
            exporter: writes the bundle that the button asks for.
            player: writes the page that plays the best checkpoint; None: there is no runtime for it.
        """
        self.board, self.run, self.interruption, self.exporter, self.player = board, run, interruption, exporter, player
        self.last_state = threading.Event()  # everything is said: streams of states end
        self._history: list[Point] | None = None
        self._video: tuple[str, float, bytes] = ("", 0.0, b"")
        self._reading = threading.Lock()
        self._stopping = threading.Lock()
        self._stopped = False

    def state(self) -> dict[str, Any]:
        """Return how the training stands now, in values that JSON has: None for what is infinite or no number."""
        board = self.board
        state = {
            "title": board.title,
            "run": str(self.run.folder),
            "phase": self._phase(),
            "outcome": board.outcome,
            "standing": self._standing(),
            "checks": list(board.checks),
            "best": board.best,
            "samples": list_samples(self.run.samples) if board.first_step is not None else [],
            "exportable": board.first_step is not None and (self.run.best.is_file() or self.run.checkpoint.is_file()),
            "export": self.exporter.state(),
            "player": self.player.state() if self.player else None,
        }
        return {name: _finite(value) for name, value in state.items()}

    def states(self) -> Iterator[dict[str, Any]]:
        """Yield the state every second, and once more after the end."""
        while not self.last_state.is_set():
            yield self.state()
            self.last_state.wait(STATES_SECONDS)
        yield self.state()

    def _phase(self) -> str:
        if self.board.outcome:
            return "ended"
        if self.interruption() or self._stopped:
            return "stopping"
        posted = self.board.standing
        if posted is None:
            return "preparing"
        return "training" if posted[1].sample_share is None else "sampling"

    def _standing(self) -> dict[str, Any] | None:
        posted = self.board.standing
        if posted is None:
            return None
        age, standing = posted
        left, due = standing.left, max(0.0, standing.due - age)
        return {
            "step": standing.step,
            "share": round(standing.share, 4),
            "left": None if left is None else round(max(0.0, left - age)),
            "verdict": standing.verdict,
            "sample": standing.sample,
            "due": round(due),
            "sample_share": standing.sample_share,
            "sample_left": None if standing.sample_left is None else round(max(0.0, standing.sample_left - age)),
        }

    def points(self, begin: int) -> dict[str, Any]:
        """Return the points of all curves from the index `begin` on, and the index that comes next."""
        history = self._read_history()
        if history is None:
            return {"points": [], "next": 0}
        numbered = list(self.board.points)
        first = len(history)
        end = first + numbered[-1][0] + 1 if numbered else first
        found = [*history[begin:], *(point for number, point in numbered if first + number >= begin)]
        return {"points": [point for point in found if math.isfinite(point.value)], "next": end}

    def _read_history(self) -> list[Point] | None:
        """Return the points of earlier sessions; None before the training begins."""
        with self._reading:
            if self._history is None and self.board.first_step is not None:
                self._history = read_history(self.run.folder / "tensorboard", self.board.first_step)
            return self._history

    def picture(self, name: str) -> bytes:
        """Return the picture of a sample, `step-000123.png`.

        Raises:
            OSError: there is none.
        """
        return read_picture(self.run.samples / name)

    def video(self, name: str) -> bytes:
        """Return the video of a sample, `step-000123.mp4`, as MP4; the one that was asked for last is kept.

        Raises:
            OSError: there is none.
        """
        path = self.run.samples / name.replace(".mp4", ".mkv")
        written = path.stat().st_mtime
        with self._reading:
            if self._video[:2] != (name, written):
                self._video = (name, written, as_mp4(path))
            return self._video[2]

    def file_of_player(self, name: str) -> Path | None:
        """Return a file of the page that plays the best checkpoint; None if there is none of this name."""
        if not self.player:
            return None
        folder = (self.run.folder / PLAYER / "page").resolve()
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder) and path.is_file() else None

    def stop(self) -> None:
        """End the training as Ctrl-C does. Asking again changes nothing: a second Ctrl-C would abort it."""
        with self._stopping:
            if not self._stopped and not self.interruption():
                self._stopped = True
                self.interruption.request()


def _finite(value: Any) -> Any:
    """Return a value with None in place of every number that is not finite."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
