"""Output that never blocks: text waits in a bounded queue, and a thread writes it.

A full pipe, a terminal in which somebody pressed Ctrl-S, or a disk that hangs stops only that thread. What finds no
room is dropped, and counted in one line as soon as the output takes text again.
"""

import contextlib
import io
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import TextIO

QUEUED_TEXTS = 1000
# Time that the end of a show gives an output to take what is left.
CLOSING_SECONDS = 1.0


class QueuedWriter:
    """Writes texts in a thread of its own. `put` neither waits nor fails.

    Args:
        write: Writes a text. An exception of it loses that text and nothing else.
        name: Name of the thread.
        most: Number of texts that may wait.
    """

    def __init__(self, write: Callable[[str], None], *, name: str, most: int = QUEUED_TEXTS) -> None:
        self._write = write
        self._most = most
        self._changed = threading.Condition()
        self._queue: deque[str] = deque()
        self._dropping = False
        self._dropped_lines = 0
        self._closing = False
        # A daemon: a process that ends does not wait for it.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, text: str) -> None:
        """Have `text` written, or dropped if too much waits already."""
        with self._changed:
            # After the first one that finds no room, all are dropped until the queue is empty: one gap, not many.
            if self._dropping or len(self._queue) >= self._most:
                self._dropping = True
                self._dropped_lines += text.count("\n")
            else:
                self._queue.append(text)
            self._changed.notify()

    def close(self, seconds: float = CLOSING_SECONDS) -> bool:
        """Write what waits, for so many seconds at most. Return True if everything was written."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (text := self._next()) is not None:
            # It can fail with anything: a closed pipe, a full disk, an encoding, a library.
            with contextlib.suppress(Exception):
                self._write(text)

    def _next(self) -> str | None:
        """Wait for the next text and return it; None when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._dropping or self._closing)
            if self._queue:
                return self._queue.popleft()
            if self._dropping:
                dropped, self._dropped_lines, self._dropping = self._dropped_lines, 0, False
                return f"({dropped} lines were dropped, because the output was blocked)\n"
            return None


class QueuedStream(io.TextIOBase):
    """Text stream in front of another one, which is written to in a thread of its own.

    Args:
        stream: The stream to write to.
        writer: Writes to it.
    """

    def __init__(self, stream: TextIO, writer: QueuedWriter) -> None:
        self._stream = stream
        self._writer = writer

    def write(self, text: str) -> int:
        """Have `text` written; return its length."""
        # `print` with an empty end writes that, too.
        if text:
            self._writer.put(text)
        return len(text)

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return True if the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream."""
        return self._stream.fileno()

    # These two are attributes in `io.TextIOBase`.
    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Encoding of the stream."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """Treatment of characters that the stream's encoding cannot hold, such as "replace"."""
        return self._stream.errors


@contextlib.contextmanager
def queued_output(*, most: int = QUEUED_TEXTS, seconds: float = CLOSING_SECONDS) -> Iterator[None]:
    """Let everything that Python prints on stdout and stderr inside the block go through queues.

    Args:
        most: Number of texts that may wait for each of the two.
        seconds: Time that each of the two has at the end to take what is left.
    """
    before = sys.stdout, sys.stderr
    writers = []
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        # There is none where Windows starts a program without a console.
        if stream is not None:
            writers.append(QueuedWriter(_writing_to(stream), name=name, most=most))
            setattr(sys, name, QueuedStream(stream, writers[-1]))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for writer in writers:
            writer.close(seconds)


def _writing_to(stream: TextIO) -> Callable[[str], None]:
    def write(text: str) -> None:
        try:
            stream.write(text)
        except UnicodeError:
            stream.write(text.encode("ascii", "replace").decode("ascii"))
        stream.flush()

    return write
