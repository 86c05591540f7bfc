"""The wall: an X server whose pixels are a file, and a watch on when its picture changes."""

import mmap
import os
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

WIDTH, HEIGHT = 640, 400
SAMPLING_SECONDS = 0.004
# A change counts as a frame if so many others come within this time before or after it. A still picture that covers
# the screen, such as that of the backdrop, is no frame.
NEIGHBOURS, NEIGHBOUR_SECONDS = 3, 0.5
# A server that finds itself a number takes a low one, also that of a screen which is away for a while.
FIRST_NUMBER, NUMBERS = 1000, 50_000


class Screen:
    """An X server that can be killed and comes back under the same name: one at a time in a process.

    Args:
        folder: Folder for its pixels.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._starts = 0
        self._name = f":{FIRST_NUMBER + os.getpid() % NUMBERS}"
        self._server: subprocess.Popen[bytes] | None = None
        self._row: tuple[mmap.mmap, int, int] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Environment of a program that shows something on it."""
        kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        return kept | {"DISPLAY": self._name, "SDL_VIDEODRIVER": "x11"}

    def start(self) -> None:
        """Start the server, and return when it is ready."""
        self._starts += 1
        pixels = self._folder / f"screen-{self._starts}"
        pixels.mkdir(parents=True)
        reading, writing = os.pipe()
        command = ["Xvfb", self._name, "-displayfd", str(writing), "-fbdir", str(pixels)]
        command += ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            assert pipe.readline(), "Xvfb did not start"
        with (pixels / "Xvfb_screen0").open("rb") as file:
            memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        # The header of the format XWD: its own length, … the bytes of a row, … the number of colours, of 12 bytes each.
        header = struct.unpack(">25I", memory[:100])
        row_bytes = header[12]
        self._row = (memory, header[0] + 12 * header[19] + HEIGHT // 2 * row_bytes, row_bytes)

    def kill(self) -> None:
        """Kill the server. All windows on it are gone."""
        self._row = None
        if self._server:
            self._server.kill()
            self._server.wait()
            # What it leaves behind would refuse its successor.
            Path(f"/tmp/.X{self._name[1:]}-lock").unlink(missing_ok=True)

    def row(self) -> bytes:
        """Return the pixels of the middle row; none while there is no server."""
        row = self._row
        return b"" if row is None else row[0][row[1] : row[1] + row[2]]


@dataclass(frozen=True)
class Change:
    """Change of the picture on a screen."""

    at: float
    """Time in seconds of `time.monotonic`."""
    dark: bool
    """True if the screen is black since then, or there is none: the desktop is seen."""


class Wall:
    """Watches a screen from outside of the show, in a thread of its own."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.changes: list[Change] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wall", daemon=True)
        self._thread.start()

    def frames(self, since: float = 0.0) -> list[float]:
        """Return the times at which a frame was shown, after `since`."""
        lit = [change.at for change in list(self.changes) if not change.dark]
        return [at for number, at in enumerate(lit) if at > since and _is_frame(lit, number)]

    def longest_gap(self, began: float, ended: float) -> float:
        """Return the longest time without a new frame between two times, in seconds."""
        before = [at for at in self.frames() if at <= began]
        times = [before[-1] if before else began, *(at for at in self.frames() if began < at < ended), ended]
        return max(later - earlier for earlier, later in pairwise(times))

    def dark_seconds(self, began: float, ended: float) -> float:
        """Return for how long the desktop was seen between two times."""
        changes = list(self.changes)
        ends = [*(change.at for change in changes[1:]), ended]
        spans = [(each.at, end) for each, end in zip(changes, ends, strict=True) if each.dark] if changes else []
        return sum(max(0.0, min(end, ended) - max(start, began)) for start, end in spans)

    def close(self) -> None:
        """End the watch."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        before = -1
        while not self._closing.wait(SAMPLING_SECONDS):
            row = self._screen.row()
            now = zlib.crc32(row)
            if now != before:
                self.changes.append(Change(time.monotonic(), not any(row)))
                before = now


def _is_frame(times: Sequence[float], number: int) -> bool:
    """Return whether a change belongs to a moving picture."""
    before, after = number - NEIGHBOURS, number + NEIGHBOURS
    return (before >= 0 and times[number] - times[before] <= NEIGHBOUR_SECONDS) or (
        after < len(times) and times[after] - times[number] <= NEIGHBOUR_SECONDS
    )
