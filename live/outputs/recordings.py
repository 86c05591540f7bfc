"""The recordings of a show in a window: begun and ended as the performer wishes, and never in the show's way."""

from fractions import Fraction
from pathlib import Path

from live.console import report, say
from live.errors import OutputError
from live.files import claim_new_file
from live.frame import Frame
from live.outputs.options import RecordingSettings
from live.outputs.recorder import Recorder
from live.outputs.video_file import VideoFile


class Recordings:
    """Records the frames it is offered while a take is on; the first take begins at once if --record names a file.

    Further takes get names of their own beside it, from `stem`. `size` is (height, width). What goes wrong later is
    reported in one line, and the show goes on; only the first take's file raises, `RecordingError`, if it cannot be.
    """

    def __init__(self, settings: RecordingSettings, *, stem: str, size: tuple[int, int], frame_rate: Fraction) -> None:
        self._settings = settings
        self._stem = stem
        self._size = size
        self._frame_rate = frame_rate
        self._recorder: Recorder | None = None
        self._ending: list[Recorder] = []
        self._dropped = 0
        if settings.record:
            self._begin(settings.record, overwrite=settings.overwrite)

    @property
    def path(self) -> Path | None:
        """The file of the take that is on; None if none is."""
        return self._recorder.path if self._recorder else None

    @property
    def dropped(self) -> int:
        """Frames of all takes that were not recorded because the encoder did not keep up."""
        takes = (*self._ending, self._recorder) if self._recorder else self._ending
        return self._dropped + sum(recorder.dropped for recorder in takes)

    def toggle(self) -> None:
        """End the take that is on, or begin a new one."""
        self._settle(waiting=False)
        if self._recorder:
            self._end()
            return
        folder = self._settings.record.parent if self._settings.record else Path()
        suffix = self._settings.record.suffix if self._settings.record else ".mkv"
        try:
            # The name is ours already, so there is nothing to lose by overwriting.
            self._begin(claim_new_file(folder, self._stem, suffix), overwrite=True)
        except OutputError as error:
            report(error)

    def offer(self, frame: Frame) -> None:
        """Record `frame` if a take is on. Never waits."""
        if self._recorder:
            self._recorder.offer(frame)
            if self._recorder.failure:
                self._end()
                self._settle(waiting=True)

    def close(self) -> None:
        """End the take that is on, and wait until every take is written."""
        self._end()
        self._settle(waiting=True)

    def _end(self) -> None:
        if self._recorder:
            self._recorder.finish()
            self._ending.append(self._recorder)
            self._recorder = None

    def _settle(self, waiting: bool) -> None:
        """Say how the takes turned out that are written (with `waiting`: wait until they are)."""
        for recorder in [recorder for recorder in self._ending if waiting or recorder.done]:
            self._ending.remove(recorder)
            failure = recorder.close()
            self._dropped += recorder.dropped
            if failure:
                report(failure)
            elif recorder.path.exists():
                say(f"recorded {recorder.path}")

    def _begin(self, path: Path, overwrite: bool) -> None:
        file = VideoFile(
            path,
            size=self._size,
            frame_rate=self._frame_rate,
            codec=self._settings.record_codec,
            overwrite=overwrite,
        )
        self._recorder = Recorder(file, wait=False)
        say(f"recording to {path}")
