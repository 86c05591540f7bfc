"""Recordings of a show in a window: the performer starts and stops them, and they never delay the show."""

from fractions import Fraction
from pathlib import Path

from live.console import report, say
from live.errors import OutputError
from live.files import claim_new_file
from live.frame import Frame
from live.outputs.options import RecordingOptions
from live.outputs.recorder import Recorder
from live.outputs.video_file import VideoFile


class Recordings:
    """Records the frames that it is offered while a recording runs.

    The first recording starts at once if --record names a file. Further recordings get new names beside it. A failure
    of a running recording is reported in one line, and the show goes on.

    Args:
        options: File and format of the first recording, and the format of all.
        stem: Beginning of the names of further recordings.
        size: (height, width) of the frames.
        frame_rate: Frames a second.

    Raises:
        RecordingError: The file of the first recording cannot be written.
    """

    def __init__(self, options: RecordingOptions, *, stem: str, size: tuple[int, int], frame_rate: Fraction) -> None:
        self._options = options
        self._stem = stem
        self._size = size
        self._frame_rate = frame_rate
        self._running: Recorder | None = None
        self._finishing: list[Recorder] = []
        self._dropped = 0
        if options.record:
            self._start(options.record, overwrite=options.overwrite)

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
        """Stop the running recording, or start a new one."""
        self._settle(wait=False)
        if self._running:
            self._stop()
            return
        folder = self._options.record.parent if self._options.record else Path()
        suffix = self._options.record.suffix if self._options.record else ".mkv"
        try:
            # The file is new and empty, so overwriting loses nothing.
            self._start(claim_new_file(folder, self._stem, suffix), overwrite=True)
        except OutputError as error:
            report(error)

    def offer(self, frame: Frame) -> None:
        """Record `frame` if a recording runs, without waiting."""
        if self._running:
            self._running.offer(frame)
            if self._running.failure:
                self._stop()
                self._settle(wait=True)

    def close(self) -> None:
        """Stop the running recording and wait until every recording is written."""
        self._stop()
        self._settle(wait=True)

    def _start(self, path: Path, overwrite: bool) -> None:
        file = VideoFile(
            path,
            size=self._size,
            frame_rate=self._frame_rate,
            codec=self._options.record_codec,
            overwrite=overwrite,
        )
        self._running = Recorder(file, wait=False)
        say(f"recording to {path}")

    def _stop(self) -> None:
        if self._running:
            self._running.finish()
            self._finishing.append(self._running)
            self._running = None

    def _settle(self, wait: bool) -> None:
        """Report the results of the stopped recordings that are written (with `wait`: of all)."""
        for recorder in [recorder for recorder in self._finishing if wait or recorder.done]:
            self._finishing.remove(recorder)
            failure = recorder.close()
            self._dropped += recorder.dropped
            if failure:
                report(failure)
            elif recorder.path.exists():
                say(f"recorded {recorder.path}")
