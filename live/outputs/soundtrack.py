"""Sound of a recording: that of a given file, or that of the film's tail while the tail is shown."""

from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from live.audio.sound_file import SAMPLE_RATE, Samples, SoundFile
from live.console import warn
from live.errors import AudioError, RecordingError
from live.frame import Frame, Sound

# Sound that goes on somewhere else fades over, so that nothing clicks.
FADE = SAMPLE_RATE // 50
# Frames that come at another pace than the film's do not tear its sound.
TOLERANCE = SAMPLE_RATE // 10


class Soundtrack(Protocol):
    """Sound of a recording, from its beginning on."""

    def see(self, frame: Frame) -> None:
        """Take note of the next frame of the recording."""

    def read(self, count: int) -> Samples:
        """Return the next samples: float32 [count, 2]."""


class FileSoundtrack:
    """Sound of a file from its beginning, again and again.

    Args:
        path: The file.

    Raises:
        RecordingError: It holds no sound that can be read.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file: SoundFile | None = SoundFile(path, channels=2, option="--record-sound")
        except AudioError as error:
            raise RecordingError(str(error)) from error

    def see(self, frame: Frame) -> None:
        """See `Soundtrack`."""

    def read(self, count: int) -> Samples:
        """See `Soundtrack`. A file that cannot be read any more is silent."""
        try:
            if self._file:
                return self._file.read(count)
        except AudioError as error:
            self._file = None
            warn(f"the rest of the recording is silent: {error}")
        return np.zeros((count, 2), np.float32)


class TailSoundtrack:
    """Sound of the frames that are shown, which those of the film's tail have; all else is silent.

    Args:
        frame_rate: Frames a second of the show.
    """

    def __init__(self, frame_rate: Fraction) -> None:
        self._frame_rate = frame_rate
        self._first: int | None = None
        self._coming: deque[tuple[int, Sound | None, int]] = deque()
        self._position = 0  # samples of the recording so far
        self._sound: Sound | None = None
        self._at = 0  # next sample of it
        self._fading: Samples = np.zeros((0, 2), np.float32)

    def see(self, frame: Frame) -> None:
        """See `Soundtrack`."""
        if self._first is None:
            self._first = frame.index
        begins = round((frame.index - self._first) / self._frame_rate * SAMPLE_RATE)
        sound, at = frame.sound, 0
        if sound:
            at = len(sound.samples) - round((sound.ends - frame.seconds_after_end) * SAMPLE_RATE)
        self._coming.append((begins, sound, at))

    def read(self, count: int) -> Samples:
        """See `Soundtrack`."""
        parts = []
        while count:
            while self._coming and self._coming[0][0] <= self._position:
                _, sound, at = self._coming.popleft()
                self._go_to(sound, at)
            length = min(count, self._coming[0][0] - self._position) if self._coming else count
            parts.append(self._play(length))
            self._position += length
            count -= length
        return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)

    def _go_to(self, sound: Sound | None, at: int) -> None:
        if sound is self._sound and (sound is None or abs(at - self._at) <= TOLERANCE):
            return
        if self._position:
            self._fading = self._next(FADE) * np.linspace(1, 0, FADE, dtype=np.float32)[:, None]
        self._sound, self._at = sound, at

    def _play(self, count: int) -> Samples:
        played = self._next(count)
        fading, self._fading = self._fading[:count], self._fading[count:]
        if len(fading):
            done = FADE - len(fading) - len(self._fading)
            rising = np.arange(done, done + len(fading), dtype=np.float32) / FADE
            played[: len(fading)] = played[: len(fading)] * rising[:, None] + fading
        return played

    def _next(self, count: int) -> Samples:
        """Return the next samples of the present sound; silence around it."""
        found = np.zeros((count, 2), np.float32)
        if self._sound:
            begin, end = max(self._at, 0), min(self._at + count, len(self._sound.samples))
            if begin < end:
                found[begin - self._at : end - self._at] = self._sound.samples[begin:end] / np.float32(32768)
            self._at += count
        return found


def open_soundtrack(path: Path | None, *, frame_rate: Fraction, film_has_sound: bool) -> Soundtrack | None:
    """Open the sound of a recording; return None if it has none.

    Args:
        path: File that was asked for; it takes the place of the film's sound. None for none.
        frame_rate: Frames a second of the show.
        film_has_sound: True if frames may have a sound.

    Raises:
        RecordingError: The file holds no sound that can be read.
    """
    if path:
        return FileSoundtrack(path)
    return TailSoundtrack(frame_rate) if film_has_sound else None
