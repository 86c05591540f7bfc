"""Sink that records frames: it encodes in a thread of its own, behind a bounded queue."""

import os
import threading
import time
from collections import deque

from live.errors import RecordingError
from live.frame import Frame
from live.outputs.video_file import VideoFile

QUEUE_FRAMES = 32
# At its end, a recording may take as long as it needs, but not so long for one frame.
HANGING_SECONDS = 5.0
# A file that was removed, or whose disk was pulled out, takes pictures all the same.
LOOKING_SECONDS = 2.0


class Recorder:
    """Records the frames that it is offered into a video file.

    A failed encoding never raises in `offer`: `failure` reports it, and further frames are ignored.

    Args:
        file: The file to write to.
        wait: True to wait for room in the queue, so that every frame is recorded (a headless show). False to drop and
            count a frame that finds no room (a show in a window, which must not wait).
        hanging_seconds: Time without a written frame after which `close` waits no longer.
    """

    def __init__(self, file: VideoFile, *, wait: bool, hanging_seconds: float = HANGING_SECONDS) -> None:
        self.path = file.path
        self.dropped = 0
        self.kept = False
        """True if the recording was completed and has a file. One without a picture has none."""
        self._file = file
        self._wait = wait
        self._hanging_seconds = hanging_seconds
        self._taken = 0  # frames
        self._look_at = 0.0
        self._changed = threading.Condition()
        self._queue: deque[Frame] = deque()
        self._closing = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def offer(self, frame: Frame) -> None:
        """Record `frame` if there is room for it."""
        with self._changed:
            if self._wait:
                self._changed.wait_for(lambda: len(self._queue) < QUEUE_FRAMES)
            if len(self._queue) < QUEUE_FRAMES:
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
                    self._file.write(frame.pixels, frame.index)
                    self._check_file()
            finally:
                self._file.close()
            # Looked up here, because the show waits for no disk.
            self.kept = os.path.exists(self.path)
        except Exception as error:
            self._error = error
            # Keep emptying the queue, so that `offer` never waits for room that would never come.
            while self._next() is not None:
                pass

    def _check_file(self) -> None:
        """Check now and then that the file is still there."""
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOKING_SECONDS
        # A disk that fails is no defect of the program; `Path.exists` would raise.
        if not os.path.exists(self.path):
            raise RecordingError(f"the recording {self.path} ended, because it is not there any more; look for it")

    def _next(self) -> Frame | None:
        """Wait for the next frame of the queue and return it; None when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            frame = self._queue.popleft() if self._queue else None
            self._taken += frame is not None
            self._changed.notify_all()
            return frame
