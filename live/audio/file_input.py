"""A sound file as the sound of a show: at each moment of the show, the same moment of the file."""

import queue
import threading
from pathlib import Path

from live.audio.analysis import HOP, HOPS, Analyser
from live.audio.levels import SILENCE, AudioLevels
from live.audio.sound_file import SoundFile
from live.console import warn
from live.errors import AudioError

READ_AHEAD = 2 * HOPS
"""Results that are ready before they are needed: two seconds."""
MOST_BEHIND = HOPS
# A disk that hangs delays the end of the show by no more than this.
CLOSING_SECONDS = 1.0


class FileInput:
    """An `AudioInput` that plays a file, without a sound, again and again, and analyses it ahead in a thread.

    Args:
        path: The file.
        wait: True to wait for the disk, so that the figures are the same every time (a headless show). False to go on
            with the last ones, and in silence after a second.

    Raises:
        AudioError: There is no such file, or no sound in it that can be read.
    """

    def __init__(self, path: Path, *, wait: bool) -> None:
        self._name = path.name
        self._wait = wait
        self._file = SoundFile(path, channels=1, option="--audio")
        self._read_ahead: queue.Queue[AudioLevels | None] = queue.Queue(READ_AHEAD)
        self._taken = 0
        self._missed = 0  # results of the show's time in which the file stood still
        self._trouble = ""
        self._ended = False
        self.levels = SILENCE
        """Newest figures."""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audio file", daemon=True)
        self._thread.start()

    def read(self, seconds: float) -> AudioLevels:
        """See `AudioInput`: what was heard until then."""
        wanted = int(seconds * HOPS + 1e-6) - self._missed
        if not self._wait and wanted - self._taken > READ_AHEAD:
            # The show was frozen, or the disk hangs: the file goes on where it was, and nothing is made up for.
            self._missed += wanted - self._taken
            wanted = self._taken
        try:
            while self._taken < wanted and not self._ended:
                found = self._read_ahead.get(block=self._wait)
                self._ended = found is None
                self.levels = found or SILENCE
                self._taken += 1
        except queue.Empty:
            if wanted - self._taken > MOST_BEHIND:
                self.levels, self._trouble = SILENCE, "is slow to read"
            return self.levels
        self._trouble = "cannot be read any more" if self._ended else ""
        return self.levels

    @property
    def status(self) -> str:
        """See `AudioInput`."""
        return f"{self._name} {self._trouble}".strip()

    def rest(self, wanted: bool) -> None:
        """Do nothing: a file is read ahead by two seconds, and then waits."""

    def close(self) -> None:
        """Close the file."""
        self._closing.set()
        self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        analyser = Analyser()
        try:
            while not self._closing.is_set():
                for levels in analyser.hear(self._file.read(HOP)[:, 0]):
                    self._put(levels)
        except AudioError as error:
            warn(str(error))
        finally:
            self._put(None)

    def _put(self, levels: AudioLevels | None) -> None:
        while not self._closing.is_set():
            try:
                self._read_ahead.put(levels, timeout=0.1)
                return
            except queue.Full:
                continue
