"""Videos, GIFs and still pictures as a live source that plays them in a loop, the same way every time."""

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TypeAlias

import av

from live.camera.source import CapturedFrame
from live.console import say
from live.decoding.decoding import open_media, pictures
from live.decoding.findings import Findings
from live.errors import CameraError
from live.frame import Pixels
from live.images.scaling import filled, mirrored
from live.reading.text import printable

# Time that a file of one picture is shown, before the next file of its folder.
STILL_SECONDS = Fraction(3)
READ_AHEAD_PICTURES = 8
# Files of a folder that are named if they are left out.
NAMED_FILES = 3
# A disk that hangs delays the end of the show by no more than this.
CLOSING_SECONDS = 1.0
# Share of a frame's time that reading may take again and again. It makes up for rare waits, and not for constant ones.
WAITING_SHARE = 0.1
# Matroska rounds times to whole milliseconds: a picture may begin a little after the frame it belongs to.
ROUNDING_SECONDS = Fraction(1, 1000)

DecodeFile: TypeAlias = Callable[[Path], Iterator[tuple[Pixels, Fraction, Fraction]]]
"""Yields each picture of a file, uint8 [h, w, 3] RGB, its time in the file and its length (0: unknown), in seconds.

It ends where the file cannot be read (any further).
"""


def _in_order(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts names with 2 before 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def decode_file(path: Path, findings: Findings | None = None) -> Iterator[tuple[Pixels, Fraction, Fraction]]:
    """Decode a file with FFmpeg, and collect what was found in it. This is the usual `DecodeFile`."""
    try:
        with open_media(path) as container:
            for picture in pictures(container, findings or Findings(), threads="AUTO"):
                yield picture.pixels, picture.time, picture.length
    # The file is no video, damaged, of an unknown kind, or gone.
    except (av.FFmpegError, OSError, ValueError):
        return


class MediaFiles:
    """A `Source` that plays a file, or all visible files of a folder in the order of their names, in a loop.

    Frame n of the show, at `frame_rate` frames a second, gets the picture of the time n / `frame_rate`, however fast
    the show runs. The same files at the same rate therefore always give the same pictures. A thread reads them
    ahead, and leaves out pictures of which no frame is made. If a caller waits longer than `timeout`, at once or little
    by little, because the disk or the decoding is slow, the source is silent, without any further wait, until it has
    caught up. Files without pictures are skipped, and named after the first round.

    Args:
        path: The file or folder.
        size: (height, width) to which pictures are cropped and scaled.
        frame_rate: Frames a second of the show.
        mirror: True if left and right are exchanged.
        timeout: Seconds to wait for pictures; None for no limit.
        closing_seconds: Seconds that `close` waits for the disk.
        decode: Decodes a file; the default is `decode_file`, and says once what it found.

    Raises:
        CameraError: The folder cannot be read, or no file holds a picture.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: tuple[int, int],
        frame_rate: Fraction,
        mirror: bool,
        timeout: float | None,
        closing_seconds: float = CLOSING_SECONDS,
        decode: DecodeFile | None = None,
    ) -> None:
        self.name = path.name
        self.mirror = mirror
        self._frame_rate = frame_rate
        self._size = size
        self._timeout = self._patience = timeout
        self._closing_seconds = closing_seconds
        self._decode = decode or self._decode_and_say
        self._said: set[Path] = set()
        try:
            in_folder = (each for each in path.iterdir() if each.name[0] != "." and each.is_file())
            files = in_folder if path.is_dir() else [path]
            self._paths = sorted(files, key=_in_order)
        except OSError as error:
            raise CameraError(f"--camera {path} cannot be read ({error.strerror}); give another folder") from error
        self._read_ahead: queue.Queue[tuple[Fraction, Pixels] | None] = queue.Queue(READ_AHEAD_PICTURES)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="media files", daemon=True)
        self._thread.start()
        first = self._read_ahead.get()
        if first is None:
            raise CameraError(
                f"--camera {path} holds no picture that can be read; give a video, a GIF or a picture, "
                "or convert it (JPEG XL, for one, is not read)"
            )
        self._current: Pixels = first[1]
        self._next: tuple[Fraction, Pixels] | None = None
        self._trouble = ""
        self._ended = False

    def read(self, index: int) -> CapturedFrame | None:
        """Return the picture for frame `index` of the show; None while the disk is too slow, or if reading failed."""
        seconds = index / self._frame_rate + ROUNDING_SECONDS
        if self._timeout is not None and self._patience is not None:
            self._patience = min(self._timeout, self._patience + WAITING_SHARE / float(self._frame_rate))
        while (following := self._peek_next()) is not None:
            start, pixels = following
            if start > seconds:
                if self._trouble:
                    self._trouble, self._patience = "", self._timeout
                current = mirrored(self._current) if self.mirror else self._current
                return CapturedFrame(current, time.perf_counter())
            self._current, self._next = pixels, None
        return None

    @property
    def trouble(self) -> str:
        """Reason why there was no picture for the last frame; empty if there was one."""
        return self._trouble

    def rest(self, wanted: bool) -> None:
        """Do nothing: a file is read ahead by a few pictures, and then waits to be taken."""

    def close(self) -> None:
        """Close the files."""
        self._closing.set()
        self._thread.join(self._closing_seconds)

    def _peek_next(self) -> tuple[Fraction, Pixels] | None:
        """Return the start of the picture after the current one, and that picture; None if it cannot be read."""
        if self._next is None and not self._ended:
            began = time.perf_counter()
            try:
                self._next = self._read_ahead.get(block=not self._trouble, timeout=self._patience)
                self._ended = self._next is None
            except queue.Empty:
                self._trouble = "is slow to read"
                return None
            finally:
                if self._patience is not None:
                    self._patience = max(0.0, self._patience - (time.perf_counter() - began))
        if self._ended:
            self._trouble = "cannot be read any more"
        return self._next

    def _run(self) -> None:
        try:
            for item in self._loop():
                self._put(item)
                if self._closing.is_set():
                    return
        finally:
            self._put(None)

    def _put(self, item: tuple[Fraction, Pixels] | None) -> None:
        while not self._closing.is_set():
            try:
                self._read_ahead.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def _loop(self) -> Iterator[tuple[Fraction, Pixels]]:
        """Yield each picture and the second at which it begins, without end, or until no file can be read."""
        begins = Fraction(0)
        while True:
            round_began = begins
            left_out = list[Path]()
            for path in self._paths:
                file_began = begins
                for picture, seconds in self._pictures(path):
                    ends = begins + seconds
                    if self._first_frame(begins) < self._first_frame(ends):
                        yield begins, filled(picture, self._size)
                    begins = ends
                    if self._closing.is_set():
                        return
                if begins == file_began:
                    left_out.append(path)
            if begins == round_began:
                return
            if not round_began:
                self._say_left_out(left_out)

    def _first_frame(self, begins: Fraction) -> int:
        """Return the first frame of the show that gets a picture which begins then."""
        return ceil((begins - ROUNDING_SECONDS) * self._frame_rate)

    def _decode_and_say(self, path: Path) -> Iterator[tuple[Pixels, Fraction, Fraction]]:
        """Decode a file, and after the first time say what was found in it."""
        findings = Findings()
        shown = False
        for picture in decode_file(path, findings):
            shown = True
            yield picture
        if not shown:
            findings.damaged = 0  # nothing of it is used
        if path not in self._said:
            self._said.add(path)
            for line in findings.lines():
                say(f"{printable(str(path))} {line}")

    def _say_left_out(self, files: list[Path]) -> None:
        """Say which files of a folder show nothing."""
        names = [printable(path.name) for path in files]
        if names:
            more = ", …" if len(names) > NAMED_FILES else ""
            say(
                f"{printable(self.name)} has {len(names)} file{'s' * (len(names) > 1)} without a picture that can be "
                f"read, left out: {', '.join(names[:NAMED_FILES])}{more}"
            )

    def _pictures(self, path: Path) -> Iterator[tuple[Pixels, Fraction]]:
        """Yield the pictures of a file, uint8 [h, w, 3] RGB, and how many seconds each is shown."""
        before: tuple[Pixels, Fraction] | None = None
        seconds = STILL_SECONDS
        for picture, time_in_file, own_length in self._decode(path):
            if before is not None:
                seconds = max(time_in_file - before[1], Fraction(0))
                yield before[0], seconds
                seconds = own_length or seconds
            before = picture, time_in_file
        if before is not None:
            yield before[0], seconds
