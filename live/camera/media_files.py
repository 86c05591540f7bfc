"""Videos, GIFs and still pictures as a live source that looks the same every time: frame by frame, in a loop."""

import queue
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from live.camera.framing import filled, mirrored
from live.camera.source import CapturedFrame
from live.errors import CameraError
from live.frame import Pixels

# A file of one picture lasts so long, before the next one of its folder.
STILL_SECONDS = Fraction(3)
READ_AHEAD_PICTURES = 8
# A disk that hangs does not hold up the end of the show.
CLOSING_SECONDS = 1.0
# Matroska rounds times to whole milliseconds: a picture may seem to begin a little after the frame it belongs to.
ROUNDING_SECONDS = Fraction(1, 1000)


class MediaFiles:
    """A `Source`: a file, or all files of a folder in the order of their names, over and over again.

    Frame n of the show, at `frame_rate` frames a second, gets the picture of the time n / `frame_rate` and no other,
    however fast the show is: the same files at the same rate are the same pictures. They are read ahead in a thread. A
    disk that keeps one waiting longer than `patience` seconds (None: no limit) makes the source silent, and nobody
    waits again, until it has caught up. Files that are no pictures are passed over. Raises `CameraError` if none is.
    """

    def __init__(
        self, path: Path, *, size: tuple[int, int], frame_rate: Fraction, mirror: bool, patience: float | None
    ) -> None:
        self.name = path.name
        self.mirror = mirror
        self._frame_rate = frame_rate
        self._size = size
        self._patience = patience
        try:
            self._paths = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
        except OSError as error:
            raise CameraError(f"--camera {path} cannot be read ({error.strerror}); give another folder") from error
        self._ahead: queue.Queue[tuple[Fraction, Pixels] | None] = queue.Queue(READ_AHEAD_PICTURES)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, name="picture files", daemon=True)
        self._thread.start()
        first = self._ahead.get()
        if first is None:
            raise CameraError(f"--camera {path} holds no picture that can be read; give a video, a GIF or a picture")
        self._now: Pixels = first[1]
        self._next: tuple[Fraction, Pixels] | None = None
        self._trouble = ""
        self._ended = False

    def picture(self, index: int) -> CapturedFrame | None:
        """The picture for frame `index` of the show; None while the disk is too slow, or unreadable for good."""
        moment = index / self._frame_rate + ROUNDING_SECONDS
        while self._find_next():
            assert self._next is not None
            start, pixels = self._next
            if start > moment:
                self._trouble = ""
                now = mirrored(self._now) if self.mirror else self._now
                return CapturedFrame(now, time.perf_counter())
            self._now, self._next = pixels, None
        return None

    @property
    def trouble(self) -> str:
        """Why there was no picture for the last frame; empty if there was one."""
        return self._trouble

    def close(self) -> None:
        """Close the files."""
        self._closing.set()
        self._thread.join(CLOSING_SECONDS)

    def _find_next(self) -> bool:
        """See to it that the picture after the present one is there; False if it is not to be had."""
        if self._next is None and not self._ended:
            try:
                self._next = self._ahead.get(block=not self._trouble, timeout=self._patience)
                self._ended = self._next is None
            except queue.Empty:
                self._trouble = "is slow to read"
                return False
        if self._ended:
            self._trouble = "cannot be read any more"
        return not self._ended

    def _read(self) -> None:
        try:
            for item in self._played():
                self._put(item)
                if self._closing.is_set():
                    return
        finally:
            self._put(None)

    def _put(self, item: tuple[Fraction, Pixels] | None) -> None:
        while not self._closing.is_set():
            try:
                self._ahead.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def _played(self) -> Iterator[tuple[Fraction, Pixels]]:
        """Every picture and the time in seconds at which it begins, for ever, or until no file can be read."""
        begins = Fraction(0)
        while True:
            round_began = begins
            for path in self._paths:
                for picture, lasts in _pictures(path):
                    yield begins, filled(picture, self._size)
                    begins += lasts
            if begins == round_began:
                return


def _pictures(path: Path) -> Iterator[tuple[Pixels, Fraction]]:
    """The pictures of a file, uint8 [h, w, 3] RGB, and how long each lasts in seconds.

    It ends where the file cannot be read (any further).
    """
    before: tuple[Pixels, Fraction] | None = None
    lasts = STILL_SECONDS
    for picture, time_in_file, own_length in _decoded(path):
        if before is not None:
            lasts = max(time_in_file - before[1], Fraction(0))
            yield before[0], lasts
            lasts = own_length or lasts
        before = picture, time_in_file
    if before is not None:
        yield before[0], lasts


def _decoded(path: Path) -> Iterator[tuple[Pixels, Fraction, Fraction]]:
    """The pictures of a file with their times in it and the lengths that it names (0: none), in seconds."""
    try:
        with av.open(path) as container:
            # FFmpeg draws text, by its name's ending, as a terminal would show it.
            if container.format.name == "tty":
                return
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                if frame.pts is None or frame.time_base is None:
                    continue
                # As the camera was held: telephones store pictures lying on their side, and say so.
                upright = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90))
                length = (frame.duration or 0) * frame.time_base
                yield upright.astype(np.uint8, copy=False), frame.pts * frame.time_base, length
    # No video in it; damaged; of another kind; gone.
    except (IndexError, av.FFmpegError, OSError):
        return
