"""A loop without a seam: the two moments of a show that are most alike, and a cross-fade from one to the other."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from live.errors import RecordingError
from live.frame import Frame
from live.outputs.in_between import blended
from live.outputs.recorder import Recorder

# The loop may be so much shorter or longer than was asked for.
LEEWAY = 0.2
# The last frames of a loop fade into those before its first, as far as the loop has room for that.
FADE_SECONDS = 0.5
MOST_FADE = 1 / 4
# Moments are compared at this size (width, height).
THUMBNAIL = (48, 27)


@dataclass(frozen=True)
class Seam:
    """Place of a loop in a show."""

    begin: int
    """Number of the loop's first frame."""
    length: int
    """Frames of the loop."""
    difference: float
    """Mean difference, in levels of 0…255, between the frames that fade into each other."""


class SeamlessLoop:
    """Keeps the continuation of a show, and finds its best loop.

    The frames lie in a nameless file, which is gone with the process.

    Args:
        seconds: Length of the loop, about.
        frame_rate: Frames a second.
        folder: Folder on whose disk the frames lie.
        most_bytes: Bytes of all frames that will come.
        show_seconds: Seconds of continuation that will come.

    Raises:
        RecordingError: The show is too short for the loop, or the disk has too little room.
    """

    def __init__(
        self, seconds: float, frame_rate: Fraction, folder: Path, most_bytes: int, show_seconds: float
    ) -> None:
        self._rate = frame_rate
        wanted = float(seconds * frame_rate)
        shortest = max(2, round(wanted * (1 - LEEWAY)))
        self._lengths = range(shortest, max(shortest, round(wanted * (1 + LEEWAY))) + 1)
        self._fade = max(1, min(round(FADE_SECONDS * frame_rate), int(self._lengths.start * MOST_FADE)))
        if round(show_seconds * frame_rate) < shortest + self._fade:
            raise self._too_short()
        self._thumbnails: list[NDArray[np.float32]] = []
        self._is_new: list[bool] = []  # True where the frame does not follow the one kept before it
        self._next = 0
        self._shape: tuple[int, ...] = ()
        try:
            free = shutil.disk_usage(folder).free
            if free < most_bytes:
                raise RecordingError(
                    f"until the loop is found, {most_bytes / 1e9:.1f} GB of frames lie in {folder}, where only "
                    f"{free / 1e9:.1f} GB are free; free some, or give less --seconds"
                )
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # `close` closes it
        except OSError as error:
            raise _failure(folder, error) from error
        self._folder = folder

    def add(self, frame: Frame) -> None:
        """Keep a frame of the continuation. Those of the film are never part of a loop.

        Raises:
            RecordingError: The disk takes no more.
        """
        if frame.seconds_after_end <= 0:
            return
        self._is_new.append(frame.index != self._next)
        self._next = frame.index + 1
        # Not every show needs it.
        import cv2

        self._shape = frame.pixels.shape
        small = cv2.resize(frame.pixels, THUMBNAIL, interpolation=cv2.INTER_AREA)
        self._thumbnails.append(np.asarray(small, np.float32).ravel())
        try:
            self._file.write(frame.pixels.data)
        except OSError as error:
            raise _failure(self._folder, error) from error

    def find(self) -> Seam:
        """Return the place of the best loop: the frames before it are most like those at its end.

        Raises:
            RecordingError: The show was too short for it.
        """
        thumbs, fade = np.array(self._thumbnails), self._fade
        breaks = np.concatenate([[0], np.cumsum(self._is_new)])
        best: Seam | None = None
        for length in self._lengths:
            begins = np.arange(fade, len(thumbs) - length + 1)
            begins = begins[breaks[begins + length] == breaks[begins - fade + 1]]
            if not len(begins):
                continue
            apart = np.abs(thumbs[length:] - thumbs[: len(thumbs) - length]).mean(1)
            sums = np.concatenate([[0.0], np.cumsum(apart, dtype=np.float64)])
            differences = (sums[begins] - sums[begins - fade]) / fade
            at = int(differences.argmin())
            if best is None or differences[at] < best.difference:
                best = Seam(int(begins[at]), length, float(differences[at]))
        if best is None:
            raise self._too_short()
        return best

    def frames(self, seam: Seam) -> Iterator[Frame]:
        """Yield the frames of a loop, numbered from 0. The first is what follows the last."""
        fades_from = seam.length - self._fade
        for number in range(seam.length):
            pixels = self._read(seam.begin + number)
            if number >= fades_from:
                share = (number - fades_from + 1) / (self._fade + 1)
                pixels = blended(pixels, self._read(seam.begin + number - seam.length), share)
            yield Frame(pixels, number, number / float(self._rate))

    def close(self) -> None:
        """Give the room on the disk back."""
        self._file.close()

    def _too_short(self) -> RecordingError:
        seconds = (self._lengths.start + self._fade) / float(self._rate)
        return RecordingError(
            f"the show is too short for this loop, which needs {seconds:.1f} s of continuation at least without a "
            "break; give more --seconds, or a shorter --loop"
        )

    def _read(self, number: int) -> NDArray[np.uint8]:
        size = int(np.prod(self._shape))
        try:
            self._file.seek(number * size)
            return np.frombuffer(self._file.read(size), np.uint8).reshape(self._shape)
        except OSError as error:
            raise _failure(self._folder, error) from error


class LoopRecorder:
    """Sink of an offline show that records its best loop at the end.

    Args:
        loop: Keeps the frames of the show.
        recorder: Records those of the loop.
    """

    def __init__(self, loop: SeamlessLoop, recorder: Recorder) -> None:
        self._loop = loop
        self._recorder = recorder
        self.failure: RecordingError | None = None
        """Reason why there will be no loop; None as long as there may be one."""
        self.kept = False
        """True if the loop was recorded."""
        self.summary = ""
        """Name, length and size of the recording, and how far the frames at its seam differ."""

    def offer(self, frame: Frame) -> None:
        """Keep a frame."""
        try:
            self._loop.add(frame)
        except RecordingError as error:
            self.failure = error

    def close(self) -> RecordingError | None:
        """Record the loop, wait until it is written, and return the `failure`."""
        seam = None
        try:
            if self.failure is None:
                seam = self._loop.find()
                for frame in self._loop.frames(seam):
                    self._recorder.offer(frame)
        except RecordingError as error:
            self.failure = error
        finally:
            self._loop.close()
            # Without a frame, it leaves no file.
            failure = self._recorder.close()
        self.failure = self.failure or failure
        if seam and not self.failure:
            self.kept = True
            self.summary = f"{self._recorder.summary}, a loop whose seam differs by {seam.difference:.1f} levels"
        return self.failure


def _failure(folder: Path, error: OSError) -> RecordingError:
    return RecordingError(f"the frames of a loop cannot be kept in {folder} ({error.strerror}); make room there")
