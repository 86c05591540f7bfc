"""Recordings of a show in a window: the performer starts and stops them, and they never delay the show."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from live.console import report, say
from live.errors import OutputError
from live.files import claim_new_file
from live.frame import Frame
from live.outputs.options import RecordingOptions
from live.outputs.recorder import Recorder
from live.outputs.video_file import VideoFile
from live.process.file_worker import FileWorker


class Recordings:
    """Records the frames that it is offered while a recording runs.

    The first recording starts at once if --record names a file. Further recordings get new names beside it. A failure
    of a running recording is reported in one line, and the show goes on.

    Args:
        options: File and format of the first recording, and the format of all.
        stem: Beginning of the names of further recordings.
        size: (height, width) of the frames.
        frame_rate: Frames a second.
        files: Creates the files of further recordings. Each begins when its file is there.

    Raises:
        RecordingError: The file of the first recording cannot be written.
    """

    def __init__(
        self,
        options: RecordingOptions,
        *,
        stem: str,
        size: tuple[int, int],
        frame_rate: Fraction,
        files: FileWorker,
    ) -> None:
        self._options = options
        self._stem = stem
        self._size = size
        self._frame_rate = frame_rate
        self._files = files
        self._creating = False
        self._running: Recorder | None = None
        self._finishing: list[Recorder] = []
        self._dropped = 0
        if options.record:
            self._start(self._create(options.record, overwrite=options.overwrite))

    @property
    def path(self) -> Path | None:
        """File of the running recording; None if none is running."""
        # Another thread may read it while a recording stops.
        running = self._running
        return running.path if running else None

    @property
    def dropped(self) -> int:
        """Number of frames, of all recordings, that were dropped because the encoder was too slow."""
        running = self._running
        recorders = [*self._finishing, running] if running else list(self._finishing)
        return self._dropped + sum(recorder.dropped for recorder in recorders)

    def toggle(self) -> None:
        """Stop the running recording, or start a new one. While the file of a new one is created, nothing happens."""
        self._settle([recorder for recorder in self._finishing if recorder.done])
        if self._running:
            self._stop()
            return
        if not self._creating:
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

    def close(self) -> None:
        """Stop the running recording and wait until every recording is written."""
        self._stop()
        self._settle(list(self._finishing))

    def _create_new(self) -> VideoFile | None:
        """Create the file of a further recording; report why not, and return None then."""
        folder = self._options.record.parent if self._options.record else Path()
        suffix = self._options.record.suffix if self._options.record else ".mkv"
        try:
            # The file is new and empty, so overwriting loses nothing.
            return self._create(claim_new_file(folder, self._stem, suffix), overwrite=True)
        except OutputError as error:
            report(error)
            return None

    def _create(self, path: Path, overwrite: bool) -> VideoFile:
        return VideoFile(
            path,
            size=self._size,
            frame_rate=self._frame_rate,
            codec=self._options.record_codec,
            overwrite=overwrite,
        )

    def _start(self, file: VideoFile | None) -> None:
        self._creating = False
        if file:
            self._running = Recorder(file, wait=False)
            say(f"recording to {file.path}")

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
            elif recorder.kept:
                say(f"recorded {recorder.path}")
