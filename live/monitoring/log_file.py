"""The log file: everything that is said, with its time, in files of bounded size."""

import contextlib
import logging
import os
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from live.console import LOGGER
from live.errors import OutputError
from live.process.queued_output import QueuedWriter

FILE_BYTES = 1_000_000
OLD_FILES = 5
FORMAT = "%(asctime)s %(levelname)s %(message)s"


def open_to_append(path: Path) -> TextIO:
    """Open a log file to write at its end. A pipe in its place, which would block, is an `OSError`."""
    return open(path, "a", encoding="utf-8", errors="replace", opener=_open_without_waiting)


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


class _File(RotatingFileHandler):
    def _open(self) -> TextIO:  # type: ignore[override]
        return open_to_append(Path(self.baseFilename))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line. A file that was removed or moved, as other programs that rotate logs do, is begun anew."""
        if self.stream is not None and not _is_open_at(self.stream, self.baseFilename):
            with contextlib.suppress(OSError):
                self.stream.close()
            self.stream = None  # as the base class does
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line. The base class would print a traceback for each one while the disk is full."""


def _is_open_at(stream: TextIO, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), os.stat(path))
    except OSError:
        return False


class _QueuedHandler(logging.Handler):
    """Hands on lines to a file that is written in a thread of its own."""

    def __init__(self, file: logging.Handler) -> None:
        super().__init__(logging.INFO)
        # A line travels as text, so the file's handler gets a record that is nothing but that text.
        self.writer = QueuedWriter(
            lambda text: file.emit(logging.makeLogRecord({"msg": text.rstrip("\n")})), name="log"
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record."""
        self.writer.put(self.format(record) + "\n")


@contextlib.contextmanager
def log_to(
    path: Path, *, file_bytes: int = FILE_BYTES, old_files: int = OLD_FILES, required: bool = True
) -> Iterator[None]:
    """Add everything that is said inside the block to a file.

    A disk that is full or hangs loses lines and stops nothing.

    Args:
        path: The file. Older parts are `path.1`, `path.2`, …
        file_bytes: Size at which it is rotated.
        old_files: Number of older parts that are kept.
        required: False if the show goes on without a file that cannot be written: each line tries it again.

    Raises:
        OutputError: The file cannot be written, and is required.
    """
    try:
        file = _File(
            path,
            maxBytes=file_bytes,
            backupCount=old_files,
            encoding="utf-8",
            errors="replace",
            delay=not required,
        )
    except OSError as error:
        raise OutputError(f"cannot write the log {path} ({error.strerror}); choose another folder") from error
    handler = _QueuedHandler(file)
    handler.setFormatter(logging.Formatter(FORMAT))
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        if handler.writer.close():
            with contextlib.suppress(OSError):
                file.close()
