"""The log file: everything that is said, with its time, in files of bounded size."""

import contextlib
import logging
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

from live.console import LOGGER
from live.errors import OutputError
from live.process.queued_output import QueuedWriter

FILE_BYTES = 1_000_000
OLD_FILES = 5
FORMAT = "%(asctime)s %(levelname)s %(message)s"


class _File(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line. The base class would print a traceback for each one while the disk is full."""


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
