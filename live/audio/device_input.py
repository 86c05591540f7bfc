"""An audio input that may come and go: analysed in a thread of its own, and searched for whenever it is missing."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from live.audio.analysis import Analyser
from live.audio.levels import SILENCE, AudioLevels
from live.console import first_line, report, say
from live.errors import AudioError

# Interval between two searches for a missing input.
SEARCH_SECONDS = 2.0
# Libraries do not report that an input is gone. One that delivers nothing for so long is opened anew: it may also be
# what the machine plays, while it plays nothing.
SILENT_SECONDS = 2.0
# Figures that are older are those of another moment.
FRESH_SECONDS = 0.3
READ_SECONDS = 0.1
# A driver that hangs does not delay the end of the show.
CLOSING_SECONDS = 1.0


class Capture(Protocol):
    """An input that is open."""

    name: str

    def read(self, timeout: float) -> NDArray[np.float32] | None:
        """Return the next sound, float32 [n], −1…1; None if none comes in time."""

    def close(self) -> None:
        """Release it."""


class DeviceInput:
    """An `AudioInput` that listens to the machine. The show never waits for it.

    An input that is missing or fails is said in one line and searched for.

    Args:
        name: A part of its name; empty for the system's own choice.
        open: Opens it, or raises an `AudioError`.
        search_seconds: Interval between two searches for a missing input.
        silent_seconds: Time without any sound after which it is opened anew.
    """

    def __init__(
        self,
        name: str,
        open: Callable[[str], Capture],
        *,
        search_seconds: float = SEARCH_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._wanted = name
        self._open = open
        self._search_seconds = search_seconds
        self._silent_seconds = silent_seconds
        self._analyser = Analyser()
        self._newest = SILENCE
        self._heard_at = 0.0
        self._name = ""
        self._trouble = ""
        self._resting = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audio", daemon=True)
        self._thread.start()

    def read(self, seconds: float) -> AudioLevels:
        """Return the newest figures, whatever the moment; silence if nothing was heard lately."""
        return self.levels

    @property
    def levels(self) -> AudioLevels:
        """Newest figures."""
        return self._newest if time.monotonic() - self._heard_at < FRESH_SECONDS else SILENCE

    @property
    def status(self) -> str:
        """See `AudioInput`."""
        if self._resting.is_set():
            return "released"
        return self._trouble or self._name

    def rest(self, wanted: bool) -> None:
        """See `AudioInput`."""
        (self._resting.set if wanted else self._resting.clear)()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        said = ""
        while not self._closing.is_set():
            if self._resting.is_set():
                self._closing.wait(READ_SECONDS)
                continue
            try:
                capture = self._open(self._wanted)
            # A library or a driver may fail with anything.
            except Exception as error:
                reason = str(error) if isinstance(error, AudioError) else f"audio: {first_line(error)}"
                self._trouble = reason
                if not said:
                    report(AudioError(f"{reason}; plug it in, the show keeps searching"))
                    said = reason
                self._closing.wait(self._search_seconds)
                continue
            if said or not self._name:
                say(f"audio: {capture.name}")
            self._name, self._trouble, said = capture.name, "", ""
            self._listen(capture)

    def _listen(self, capture: Capture) -> None:
        """Analyse an input until it is silent for too long or not wanted any more."""
        opened = time.monotonic()
        try:
            while not (self._closing.is_set() or self._resting.is_set()):
                sound = capture.read(READ_SECONDS)
                if sound is not None:
                    for levels in self._analyser.hear(sound):
                        self._newest = levels
                    self._heard_at = time.monotonic()
                elif time.monotonic() - max(opened, self._heard_at) > self._silent_seconds:
                    return
        finally:
            capture.close()
