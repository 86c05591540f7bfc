"""The recording sink: encodes in a thread of its own, with a queue that is bounded."""

import threading
from collections import deque

from live.errors import RecordingError
from live.frame import Frame
from live.outputs.video_file import VideoFile

QUEUE_FRAMES = 32


class Recorder:
    """Records the frames it is offered into a video file.

    With `wait`, offering waits for room in the queue, and so every frame is recorded (a show that is rendered);
    without, a frame that finds no room is dropped and counted (a show that must go on). Encoding that fails never
    stops whoever offers: `failure` says so, and further frames are ignored.
    """

    def __init__(self, file: VideoFile, *, wait: bool) -> None:
        self.path = file.path
        self.dropped = 0
        self._file = file
        self._wait = wait
        self._changed = threading.Condition()
        self._queue: deque[Frame] = deque()
        self._closing = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def offer(self, frame: Frame) -> None:
        """Record `frame`, if there is room for it."""
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
        """Why the recording ended by itself; None while it goes on. Raises what else went wrong in the thread."""
        if self._error is not None and not isinstance(self._error, RecordingError):
            raise self._error
        return self._error

    @property
    def done(self) -> bool:
        """True when the file is closed, for better or worse."""
        return not self._thread.is_alive()

    def finish(self) -> None:
        """End the recording after the frames that are in the queue, without waiting for it."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def close(self) -> RecordingError | None:
        """Like `finish`, and wait for it. Returns (or raises) what `failure` says then."""
        self.finish()
        self._thread.join()
        return self.failure

    def _run(self) -> None:
        try:
            try:
                while (frame := self._next()) is not None:
                    self._file.write(frame.pixels, frame.index)
            finally:
                self._file.close()
        except Exception as error:
            self._error = error
            # Keep emptying the queue: nobody must wait for room that never comes.
            while self._next() is not None:
                pass

    def _next(self) -> Frame | None:
        """The next frame of the queue, waiting for it; None when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            frame = self._queue.popleft() if self._queue else None
            self._changed.notify_all()
            return frame
