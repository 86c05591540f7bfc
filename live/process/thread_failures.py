"""Threads that end by an error which nobody expected: the log tells it, too."""

import contextlib
import threading
import traceback
from collections.abc import Iterator

from live.console import first_line, note


@contextlib.contextmanager
def noted_thread_failures() -> Iterator[None]:
    """Note in the log what ends a thread inside the block. The show goes on without that thread."""
    before = threading.excepthook

    def note_failure(failure: threading.ExceptHookArgs) -> None:
        if failure.exc_type is not SystemExit and failure.exc_value is not None:
            name = failure.thread.name if failure.thread else "without a name"
            reason = first_line(traceback.format_exception_only(failure.exc_value)[-1])
            note(f"a defect ended the thread {name} ({reason}); the show goes on without it", trouble=True)
            note("".join(traceback.format_exception(failure.exc_value)).rstrip())
        before(failure)

    threading.excepthook = note_failure
    try:
        yield
    finally:
        threading.excepthook = before
