"""Sink that records frames: it encodes in a thread of its own, behind a bounded queue."""

import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from live.errors import RecordingError
from live.frame import Frame, Pixels
from live.outputs.in_between import Resampling
from live.outputs.options import RecordingOptions
from live.outputs.soundtrack import open_soundtrack
from live.outputs.video_file import VideoFile

# A kill loses what waits for the encoder. A file is written in groups of fewer frames.
QUEUE_FRAMES = 32
# A frame that takes longer waits for the disk, and not for the encoder.
STALLED_SECONDS = 0.25
# At its end, a recording may take as long as it needs, but not so long for one frame.
HANGING_SECONDS = 5.0


def create_file(
    path: Path,
    options: RecordingOptions,
    *,
    size: tuple[int, int],
    frame_rate: Fraction,
    overwrite: bool,
    film_has_sound: bool = False,
) -> VideoFile:
    """Create the file of a recording.

    Args:
        path: The file.
        options: Format, size and rate of recordings.
        size: (height, width) of the show's frames.
        frame_rate: Frames a second of the show.
        overwrite: True to replace an existing file.
        film_has_sound: True if frames may have a sound.

    Raises:
        RecordingError: The file exists and may not be replaced, or it cannot be written; or the file of
            --record-sound holds no sound.
    """
    soundtrack = open_soundtrack(options.record_sound, frame_rate=frame_rate, film_has_sound=film_has_sound)
    return VideoFile(
        path,
        size=options.record_size[::-1] if options.record_size else size,
        frame_rate=Fraction(options.record_rate) if options.record_rate else frame_rate,
        codec=options.record_codec,
        overwrite=overwrite,
        fit=options.record_fit,
        soundtrack=soundtrack,
    )


def resampling(options: RecordingOptions, frame_rate: Fraction) -> Resampling | None:
    """Return what brings the frames of a show to the rate of its recordings; None if they have it."""
    if options.record_rate is None or options.record_rate == frame_rate:
        return None
    return Resampling(frame_rate, Fraction(options.record_rate))


class Recorder:
    """Records the frames that it is offered into a video file.

    A failed encoding never raises in `offer`: `failure` reports it. The frames that the file lacks are then `left`.

    Args:
        file: The file to write to.
        wait: True to wait for room in the queue, so that every frame is recorded (a headless show). False to drop and
            count a frame that finds no room (a show in a window, which must not wait).
        room: Number of frames that may wait for a disk that hangs.
        frames: Frames that are recorded before those that are offered. They have room.
        resampling: Brings the frames to the file's rate; None if they have it.
        hanging_seconds: Time without a written frame after which `close` waits no longer.
    """

    def __init__(
        self,
        file: VideoFile,
        *,
        wait: bool,
        room: int = QUEUE_FRAMES,
        frames: Iterable[Frame] = (),
        resampling: Resampling | None = None,
        hanging_seconds: float = HANGING_SECONDS,
    ) -> None:
        self.path = file.path
        self.dropped = 0
        self.full = False
        """True if the file holds so much that another one should begin."""
        self.kept = False
        """True if the recording was completed and has a file. One without a picture has none."""
        self.summary = ""
        """Name, length and size of a recording that was completed, and kept."""
        self._file = file
        self._resampling = resampling
        self._wait = wait
        self._hanging_seconds = hanging_seconds
        self._taken = 0  # frames
        self._writing_since: float | None = None
        self._file_bytes = 0
        # Windows tells the size of a file late.
        self._unsaved: deque[Frame] = deque(maxlen=QUEUE_FRAMES)
        self._changed = threading.Condition()
        self._queue = deque(frames)
        self._room = room
        self._limit = max(QUEUE_FRAMES, len(self._queue))
        self._closing = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def offer(self, frame: Frame) -> None:
        """Record `frame` if there is room for it."""
        with self._changed:
            if self._wait:
                self._changed.wait_for(lambda: len(self._queue) < QUEUE_FRAMES)
            if self.stalled_seconds > STALLED_SECONDS:
                self._limit = max(self._limit, self._room)
            if len(self._queue) < self._limit:
                self._queue.append(frame)
                self._changed.notify_all()
            else:
                self.dropped += 1

    @property
    def failure(self) -> RecordingError | None:
        """Reason why the recording ended early; None if it did not.

        Raises:
            Exception: Any other error of the thread, which is a defect of the program.
        """
        if self._error is not None and not isinstance(self._error, RecordingError):
            raise self._error
        return self._error

    @property
    def left(self) -> list[Frame]:
        """Frames that the file lacks after a failure: those that it did not take, and those that waited."""
        with self._changed:
            return [*self._unsaved, *self._queue]

    @property
    def stalled_seconds(self) -> float:
        """Time that the frame which is being written has taken so far; 0.0 if none is."""
        since = self._writing_since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def done(self) -> bool:
        """True when the thread has ended and the file is closed, successfully or not."""
        return not self._thread.is_alive()

    def finish(self) -> None:
        """End the recording after the frames in the queue, without waiting for it."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def close(self) -> RecordingError | None:
        """End the recording after the frames in the queue and wait for it. Return (or raise) its `failure`.

        A disk that hangs is a failure.
        """
        self.finish()
        taken = -1
        while self._thread.is_alive() and taken != self._taken:
            taken = self._taken
            self._thread.join(self._hanging_seconds)
        if self._thread.is_alive():
            return RecordingError(
                f"the recording {self.path} was not completed, because the disk hangs; "
                "what was written until then is playable"
            )
        return self.failure

    def _run(self) -> None:
        try:
            try:
                while (frame := self._next()) is not None:
                    self._write(frame)
                if self._resampling:
                    self._write_all(self._resampling.finish())
            finally:
                self._file.close()
            # Looked up here, because the show waits for no disk.
            self.kept = os.path.exists(self.path)
            if self.kept:
                megabytes = os.path.getsize(self.path) / 1e6
                self.summary = f"{self.path}: {self._file.seconds:.1f} s, {megabytes:.1f} MB"
        except Exception as error:
            self._error = error
            # Keep emptying the queue, so that `offer` never waits for room that would never come.
            while self._wait and self._next() is not None:
                pass

    def _write(self, frame: Frame) -> None:
        """Write a frame, and look what the file holds."""
        self._unsaved.append(frame)
        self._writing_since = time.monotonic()
        try:
            if self._file.soundtrack:
                self._file.soundtrack.see(frame)
            if self._resampling:
                self._write_all(self._resampling.take(frame))
            else:
                self._file.write(frame.pixels, frame.index)
            file_bytes = self._look_up_size()
        finally:
            self._writing_since = None
        self.full = self._file.is_full(file_bytes)
        if file_bytes != self._file_bytes:
            # The file grew by all frames before this one: it takes them in groups.
            self._file_bytes = file_bytes
            self._unsaved.clear()
            self._unsaved.append(frame)

    def _write_all(self, pictures: Iterable[tuple[Pixels, int]]) -> None:
        for pixels, number in pictures:
            self._file.write(pixels, number)

    def _look_up_size(self) -> int:
        """Return the bytes of the file.

        Raises:
            RecordingError: It was removed, or its disk was pulled out. It takes pictures all the same.
        """
        try:
            return os.stat(self.path).st_size
        except OSError as error:
            raise RecordingError(
                f"the recording {self.path} ended, because it is not there any more; look for it"
            ) from error

    def _next(self) -> Frame | None:
        """Wait for the next frame of the queue and return it; None when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            frame = self._queue.popleft() if self._queue else None
            if len(self._queue) < QUEUE_FRAMES:
                self._limit = QUEUE_FRAMES
            self._taken += frame is not None
            self._changed.notify_all()
            return frame
