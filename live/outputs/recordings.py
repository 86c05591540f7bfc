"""Recordings of a show in a window: the performer starts and stops them, and they never delay the show."""

import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from live.console import report, say, warn
from live.errors import OutputError, RecordingError
from live.files import claim_new_file, numbered
from live.frame import Frame
from live.outputs.options import RecordingOptions
from live.outputs.recorder import QUEUE_FRAMES, Recorder, create_file, resampling
from live.outputs.video_file import VideoFile
from live.process.file_worker import FileWorker

# A disk may hang at the very start: after so long, the show begins before its recording.
FIRST_FILE_SECONDS = 2.0
# A recording that failed goes on in a new file after a pause, which doubles with each failure.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 300.0
# It goes on when the disk takes so many bytes.
PROBE_BYTES = 2**20
# The newest frames are kept while no disk takes them.
KEPT_SECONDS, KEPT_BYTES = 10.0, 256 * 2**20
# A disk that takes longer is said.
SLOW_SECONDS = 3.0


class Recordings:
    """Records the frames that it is offered while a recording runs.

    The first recording starts at once if --record names a file. Further recordings get new names beside it. A failure
    of a running recording is reported in one line, the show goes on, and so does the recording, in a new file, as soon
    as the disk takes one. That begins with the frames which the first one lacks, as far as they could be kept.

    Args:
        options: File and format of the first recording, and the format of all.
        stem: Beginning of the names of further recordings.
        size: (height, width) of the frames.
        frame_rate: Frames a second.
        files: Creates the files. Each recording begins when its file is there.
        number: True to give the first recording the next free name if its file exists.
        required: False if a first recording that cannot be written is tried again during the show.
        film_has_sound: True if frames may have a sound.
        first_pause_seconds: Pause after the first failure.

    Raises:
        RecordingError: The file of the first recording cannot be written, and is required.
    """

    def __init__(
        self,
        options: RecordingOptions,
        *,
        stem: str,
        size: tuple[int, int],
        frame_rate: Fraction,
        files: FileWorker,
        number: bool = False,
        required: bool = True,
        film_has_sound: bool = False,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self._options = options
        self._stem = stem
        self._size = size
        self._frame_rate = frame_rate
        self._files = files
        self._number = number
        self._required = required
        self._film_has_sound = film_has_sound
        self._first_pause = self._pause = first_pause_seconds
        self._creating = False
        self._retry_at: float | None = None
        self._started_at = 0.0
        self._began = False
        self._running: Recorder | None = None
        self._finishing: list[Recorder] = []
        self._dropped = 0
        self._said_slow = False
        most_bytes = KEPT_BYTES // (3 * size[0] * size[1])
        self._kept: deque[Frame] = deque(maxlen=max(QUEUE_FRAMES, min(round(KEPT_SECONDS * frame_rate), most_bytes)))
        if options.record:
            self._creating = files.submit("the recording", self._create_first, self._start_first)
            files.wait(FIRST_FILE_SECONDS)
            files.run_finished()
        self._began = True

    @property
    def path(self) -> Path | None:
        """File of the running recording; None if none is running."""
        # Another thread may read it while a recording stops.
        running = self._running
        return running.path if running else None

    @property
    def dropped(self) -> int:
        """Number of frames, of all recordings, that were dropped because encoder or disk were too slow."""
        running = self._running
        recorders = [*self._finishing, running] if running else list(self._finishing)
        return self._dropped + sum(recorder.dropped for recorder in recorders)

    def toggle(self) -> None:
        """Stop the running recording, or start a new one. While the file of a new one is created, nothing happens."""
        self._pause = self._first_pause
        if self._running:
            self._stop()
        elif self._retry_at is not None:
            # It failed, and shall not go on.
            self._retry_at = None
            self._kept.clear()
        elif not self._creating:
            self._creating = self._files.submit("a recording", self._create_new, self._start)

    def offer(self, frame: Frame) -> None:
        """Record `frame` if a recording runs, without waiting."""
        running = self._running
        if running:
            running.offer(frame)
            if running.failure:
                self._stop()
                # Its thread ends at once. Others may still write, and the show does not wait for them.
                self._settle([running])
                self._keep(running.left)
                if time.monotonic() - self._started_at > LONGEST_PAUSE_SECONDS:
                    self._pause = self._first_pause  # the disk was well again
                self._retry()
            elif running.full:
                # The next frame begins another file. This one is completed beside it.
                self._stop()
                self._retry_at = time.monotonic()
        elif self._creating or self._retry_at is not None:
            self._keep([frame])
            if self._retry_at is not None and time.monotonic() >= self._retry_at and not self._creating:
                self._retry_at = time.monotonic() + self._pause
                self._creating = self._files.submit("a recording", self._create_again, self._start_again)

    def _keep(self, frames: Iterable[Frame]) -> None:
        """Keep frames for the next file, the newest if there is not room for all."""
        for frame in frames:
            self._dropped += len(self._kept) == self._kept.maxlen
            self._kept.append(frame)

    def report_finished(self) -> None:
        """Say which recordings were written since the last call, or if the disk hangs, without waiting."""
        self._settle([recorder for recorder in self._finishing if recorder.done])
        running = self._running
        slow = running is not None and running.stalled_seconds > SLOW_SECONDS
        if running and slow and not self._said_slow:
            seconds = (self._kept.maxlen or 0) / float(self._frame_rate)
            warn(f"the recording {running.path} waits for a disk that hangs; {seconds:.0f} s of frames are kept for it")
        self._said_slow = slow

    def close(self) -> None:
        """Stop the running recording and wait until every recording is written."""
        self._stop()
        self._dropped += len(self._kept)
        self._kept.clear()
        self._settle(list(self._finishing))

    def _retry(self) -> None:
        """Begin a new file later on."""
        self._retry_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)

    def _create_first(self) -> VideoFile | RecordingError:
        path = self._options.record
        assert path is not None
        try:
            return self._create(numbered(path) if self._number else path, overwrite=self._options.overwrite)
        except RecordingError as error:
            return error

    def _start_first(self, made: VideoFile | RecordingError) -> None:
        """Start the first recording. Before the show, a failure is raised if it is required; else it is reported."""
        if isinstance(made, VideoFile):
            self._start(made)
            return
        self._creating = False
        if self._required and not self._began:
            raise made
        report(made)
        self._retry()

    def _create_new(self) -> VideoFile | None:
        """Create the file of a further recording; report why not, and return None then."""
        try:
            # The file is new and empty, so overwriting loses nothing.
            return self._create(self._claim(), overwrite=True)
        except OutputError as error:
            report(error)
            return None

    def _create_again(self) -> VideoFile | None:
        """Create the file of a recording that failed; return None if the disk takes none yet, which is no news."""
        try:
            path = self._claim()
        except OutputError:
            return None
        try:
            path.write_bytes(bytes(PROBE_BYTES))
            path.write_bytes(b"")
            return self._create(path, overwrite=True)
        except (OSError, OutputError):
            with suppress(OSError):
                path.unlink()
            return None

    def _claim(self) -> Path:
        """Create an empty file for a further recording, and return its path."""
        folder = self._options.record.parent if self._options.record else Path()
        suffix = self._options.record.suffix if self._options.record else ".mkv"
        return claim_new_file(folder, self._stem, suffix)

    def _create(self, path: Path, overwrite: bool) -> VideoFile:
        return create_file(
            path,
            self._options,
            size=self._size,
            frame_rate=self._frame_rate,
            overwrite=overwrite,
            film_has_sound=self._film_has_sound,
        )

    def _record(self, file: VideoFile, *, room: int = QUEUE_FRAMES, frames: Iterable[Frame] = ()) -> Recorder:
        between = resampling(self._options, self._frame_rate)
        return Recorder(file, wait=False, room=room, frames=frames, resampling=between)

    def _start(self, file: VideoFile | None) -> None:
        self._creating = False
        if file:
            self._retry_at = None
            self._started_at = time.monotonic()
            self._running = self._record(file, room=self._kept.maxlen or 0, frames=self._kept)
            say(f"recording to {file.path}")
        if self._retry_at is None:
            self._kept.clear()

    def _start_again(self, file: VideoFile | None) -> None:
        """Start a recording in place of one that failed, unless the performer has ended the attempts meanwhile."""
        if self._retry_at is not None:
            self._start(file)
            return
        self._creating = False
        if file:
            # Its thread removes the empty file.
            self._running = self._record(file)
            self._stop()

    def _stop(self) -> None:
        if self._running:
            self._running.finish()
            self._finishing.append(self._running)
            self._running = None

    def _settle(self, recorders: Iterable[Recorder]) -> None:
        """Wait for recordings that were stopped, and report their results."""
        for recorder in recorders:
            self._finishing.remove(recorder)
            failure = recorder.close()
            self._dropped += recorder.dropped
            if failure:
                report(failure)
            else:
                say(f"recorded {recorder.summary}" if recorder.kept else "nothing was recorded: no frame came")
