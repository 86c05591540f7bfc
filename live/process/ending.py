"""The end of the process: signals that ask for it, limits on how long it may take, and the exit itself."""

import contextlib
import errno
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

from live.reading.text import one_line

# SIGHUP: the terminal was closed. Windows has neither it nor SIGQUIT.
ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
# The main thread looks at the signal between two frames. One that does not hangs in a driver or in the system.
UNHEARD_SECONDS = 3.0
# An end that takes longer may be cut short from outside, as by the supervisor.
LONG_SECONDS = 1.0
# Everything has a shorter limit of its own; this one is for what hangs although it never should.
CLOSING_SECONDS = 30.0
# Time for the statistics when the process is ended from outside of the main thread, and for the last words on stderr.
LAST_SECONDS = 1.0
# Time beyond all limits, after which the interpreter itself is unable to act.
UNABLE_SECONDS = 3.0
# The system gives no memory, process, descriptor or space now; later it may.
SHORTAGES = frozenset({errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT})


class Ending:
    """A request by a signal to end the show, and the end of the process if the show does not follow it.

    A thread of its own receives the signals, so that they work while the main thread is blocked. The first one sets
    `stopping`. A second one, a main thread that does not notice the first, or an end that takes too long, end the
    process without more ado.

    Args:
        unheard_seconds: Time for the main thread to notice the first signal.
        closing_seconds: Time from the first signal to the end of the process.
    """

    def __init__(self, unheard_seconds: float, closing_seconds: float) -> None:
        self.stopping = threading.Event()
        """Set when the show is to end."""
        self.exit_code = 0
        """128 + the number of the signal; 0 if there was none."""
        self.last_words: Callable[[], None] = lambda: None
        """Called before the process is ended without more ado, and as soon as an end takes long: somebody may kill it.

        It may fail, it may hang, and it may be called in two threads at once.
        """
        self._unheard_seconds = unheard_seconds
        self._closing_seconds = closing_seconds
        self._heard = False
        self._timers: list[threading.Timer] = []
        self._nowhere = os.open(os.devnull, os.O_WRONLY)

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal in the main thread."""
        self._heard = True

    def watch(self, descriptor: int) -> None:
        """Read the numbers of signals from a pipe until a 0 comes. A function of a thread."""
        while (number := os.read(descriptor, 1)[0]) != 0:
            if self.stopping.is_set():
                self._abort(number)
            self.exit_code = 128 + number
            # A driver that hangs may hold the interpreter. This limit needs none.
            faulthandler.dump_traceback_later(self._closing_seconds + UNABLE_SECONDS, exit=True, file=self._nowhere)
            self.stopping.set()
            self._after(LONG_SECONDS, lambda _: _within(LAST_SECONDS, self.last_words), number)
            self._after(self._unheard_seconds, self._abort_unheard, number)
            self._after(self._closing_seconds, self._abort, number)

    def close(self) -> None:
        """Lift the limits: the show has ended in time."""
        faulthandler.cancel_dump_traceback_later()
        os.close(self._nowhere)
        for timer in self._timers:
            timer.cancel()

    def _after(self, seconds: float, action: Callable[[int], None], number: int) -> None:
        timer = threading.Timer(seconds, action, [number])
        timer.daemon = True
        timer.start()
        self._timers.append(timer)

    def _abort_unheard(self, number: int) -> None:
        if not self._heard:
            self._abort(number)

    def _abort(self, number: int) -> NoReturn:
        _within(LAST_SECONDS, self.last_words)
        _exit(128 + number)


@contextlib.contextmanager
def end_on_signals(
    *, unheard_seconds: float = UNHEARD_SECONDS, closing_seconds: float = CLOSING_SECONDS
) -> Iterator[Ending]:
    """Let signals end the show between two frames, as Q does, inside the block.

    Args:
        unheard_seconds: Time for the main thread to notice the first signal.
        closing_seconds: Time from the first signal to the end of the block.
    """
    ending = Ending(unheard_seconds, closing_seconds)
    numbers = ending_signals()
    reading, writing = os.pipe()
    if os.name != "nt":
        os.set_blocking(writing, False)
    before = {number: signal.signal(number, ending.handle) for number in numbers}
    # Python writes there at once, even while the main thread is blocked.
    descriptor_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watcher = threading.Thread(target=ending.watch, args=[reading], name="signals", daemon=True)
    watcher.start()
    try:
        yield ending
    finally:
        signal.set_wakeup_fd(descriptor_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.write(writing, b"\0")
        watcher.join()
        ending.close()
        os.close(reading)
        os.close(writing)


def ending_signals() -> list[int]:
    """Return the numbers of the signals that end a show on this system."""
    numbers = [getattr(signal, name) for name in ENDING_SIGNALS if hasattr(signal, name)]
    # `nohup` ignores SIGHUP, and means it. Whatever else is ignored was inherited by chance.
    hangup = getattr(signal, "SIGHUP", None)
    return [number for number in numbers if number != hangup or signal.getsignal(number) != signal.SIG_IGN]


def run_to_the_end(main: Callable[[], int]) -> NoReturn:
    """Run a command and end the process with its exit code, whatever its threads still do.

    An exception that leaves `main` is shown with its traceback, and the exit code is 1. One that is no defect, but a
    shortage of the machine, is a line.
    """
    text = ""
    try:
        code = main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException as error:
        text, code = _last_line(error)
    _within(LAST_SECONDS, lambda: _print_last(text))
    _exit(code)


def _last_line(error: BaseException) -> tuple[str, int]:
    """Return what is printed about an exception that ends the process, and the exit code."""
    if isinstance(error, ImportError):
        line, code = f"a library cannot be loaded ({error}); free memory, or install the program again", 2
    elif isinstance(error, MemoryError):
        line, code = "the machine has no memory left; end other programs", 1
    elif isinstance(error, OSError) and error.errno in SHORTAGES:
        line, code = f"the machine is short of something ({error.strerror}); end other programs, or free the disk", 1
    # Python has no type for it.
    elif isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        line, code = "the machine starts no more threads; end other programs", 1
    else:
        return traceback.format_exc(), 1
    if "--debug" in sys.argv:
        return traceback.format_exc(), code
    return f"ninety-seconds-after: error: {one_line(line)}\n", code


def _print_last(text: str) -> None:
    for stream in (sys.stderr, sys.stdout):
        with contextlib.suppress(Exception):
            if stream is sys.stderr:
                stream.write(text)
            stream.flush()


def _within(seconds: float, action: Callable[[], None]) -> None:
    """Run `action`, but wait for it no longer than so many seconds."""

    def attempt() -> None:
        with contextlib.suppress(Exception):
            action()

    thread = threading.Thread(target=attempt, name="last words", daemon=True)
    thread.start()
    thread.join(seconds)


def _exit(code: int) -> NoReturn:
    """End the process at once. Its own processes end with it."""
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is not None:
        for process in multiprocessing.active_children():
            process.kill()
    # The usual exit waits for threads, and those of a driver or of the network may hang.
    os._exit(code)
