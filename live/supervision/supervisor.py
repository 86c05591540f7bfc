"""The supervisor: runs a show as another process and starts it again when it ends without being asked to, or hangs.

It imports the standard library alone, so that next to nothing can go wrong in it.
"""

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from live.console import report
from live.errors import SettingsError
from live.monitoring.log_file import FORMAT, open_to_append
from live.process.ending import ending_signals
from live.process.queued_output import QueuedWriter
from live.reading.text import printable
from live.supervision.child import ShowProcess
from live.supervision.kept_settings import KeptSettings
from live.supervision.link import VARIABLE
from live.supervision.service_manager import ServiceManager
from live.supervision.shared_picture import SharedPicture

OPTION = "--supervise"
ROOT = Path(__file__).parents[2]
# Run from here, so that it needs neither an installed package nor the present folder.
BACKDROP = "import sys; sys.path.insert(0, {root!r}); from live.supervision.backdrop import main; main()"
USER_ERROR_EXIT_CODE = 2
LONGEST_PAUSE_SECONDS = 60.0
# A state that makes the show fail must not do so for ever.
FAILURES_WITH_STATE = 3
# The longest wait for something to happen.
POLLING_SECONDS = 0.25
STATUS_SECONDS = 1.0
# Time for the last lines to be written.
CLOSING_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Times of the supervision, in seconds."""

    starting: float = 120.0
    """Longest time from the start of a process to its first presented frame. A GPU may need a minute."""
    silent: float = 10.0
    """Longest time without a presented frame. A show that goes over to another provider needs some seconds."""
    ending: float = 1.7
    """Time for the show to end when it is asked to. Then it is asked to end at once, with its statistics alone."""
    last_words: float = 0.4
    """Time for that. Then it is killed, which may take the system another second."""
    well: float = 60.0
    """Time of presented frames after which earlier failures no longer count."""
    helpless: float = 600.0
    """Longest time without a sign of any process. Then systemd gets none either, and may start all of it again."""


def main() -> int:
    """Supervise the show of this process's command line and return the exit code."""
    if os.name == "nt":
        report(SettingsError(f"{OPTION} needs signals and pipes that Windows does not have; leave it out"))
        return USER_ERROR_EXIT_CODE
    flags = sys.orig_argv[1 : -len(sys.argv)]
    arguments = [argument for argument in sys.argv[1:] if argument != OPTION]
    return supervise([sys.executable, *flags, sys.argv[0], *arguments])


def supervise(command: Sequence[str], limits: Limits | None = None) -> int:
    """Keep a show running until it ends with exit code 0, or a signal ends this process.

    Args:
        command: Program and arguments of the show.
        limits: Times; None for the usual ones.

    Returns:
        The exit code. 0: the show ended with 0. 2: its very first process ended with 2 before it presented anything;
        a restart cannot help there. 128 + n: signal n ended it.
    """
    with _signals() as signals:
        supervisor = Supervisor(command, limits or Limits(), signals)
        try:
            return supervisor.run()
        finally:
            supervisor.close()


def pause_before(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row: 0, 1, 2, 4, … 60."""
    return min(2.0 ** min(failures - 2, 10), LONGEST_PAUSE_SECONDS) if failures > 1 else 0.0


class Signals:
    """Signals that this process has received."""

    def __init__(self, wakeup: int) -> None:
        self.wakeup = wakeup
        """Descriptor that becomes readable with every signal."""
        self.ending: list[int] = []
        """Numbers of those that ask for the end."""

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Receive a signal."""
        if number != signal.SIGCHLD:
            self.ending.append(number)


@contextlib.contextmanager
def _signals() -> Iterator[Signals]:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signals = Signals(reading)
    # An ignored SIGCHLD would hide how the show ended.
    numbers = [*ending_signals(), signal.SIGCHLD]
    before = {number: signal.signal(number, signals.handle) for number in numbers}
    wakeup_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield signals
    finally:
        signal.set_wakeup_fd(wakeup_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


class Supervisor:
    """Runs processes of a show, one after the other.

    Args:
        command: Program and arguments of the show.
        limits: Times.
        signals: Signals to this process.
    """

    def __init__(self, command: Sequence[str], limits: Limits, signals: Signals) -> None:
        self._command = command
        self._limits = limits
        self._signals = signals
        self._manager = ServiceManager()
        self._picture = SharedPicture.create()
        self._settings = KeptSettings.create()
        # True for a process that follows one which refused the settings, or something else.
        self._as_before = False
        self._state: Mapping[str, Any] = {}
        self._show: ShowProcess | None = None
        self._backdrop: subprocess.Popen[bytes] | None = None
        self._restarts = 0
        self._presented = False
        self._ready = False
        self._status_at = 0.0
        self._alive_at = time.monotonic()
        self._log: Path | None = None
        self._writers = [
            QueuedWriter(_print, name="stderr"),
            QueuedWriter(self._write_to_log, name="log"),
        ]

    def run(self) -> int:
        """Run one process after the other until the show is over, and return the exit code."""
        failures = 0
        while True:
            outcome = self._run_process()
            if isinstance(outcome, int):
                return outcome
            show, self._show = self._show, None
            well = False
            if show is not None:
                show.kill()
                first = show.first_presented_at
                well = first is not None and show.presented_at - first >= self._limits.well
            failures = 1 if well else failures + 1
            if failures > FAILURES_WITH_STATE:
                self._state = {}
            pause = pause_before(failures)
            when = f"in {pause:g} s" if pause else "at once"
            self._say(f"{outcome}; it is started again {when}")
            self._manager.tell(f"STATUS={outcome}; it is started again {when}")
            end = time.monotonic() + pause
            while (remaining := end - time.monotonic()) > 0:
                self._wait(remaining)
                if (over := self._over()) is not None:
                    return over
            self._restarts += 1

    def close(self) -> None:
        """End everything that runs. The show is asked twice, and killed if it does not follow."""
        self._manager.tell("STOPPING=1")
        show = self._show
        if show is not None:
            number = self._signals.ending[0] if self._signals.ending else signal.SIGTERM
            # A show that is asked twice writes its statistics and ends, whatever hangs.
            for seconds in (self._limits.ending, self._limits.last_words):
                self._ask(show, number, seconds)
            if show.poll() is None:
                self._say("the show did not end; it was killed")
            show.kill()
        if self._backdrop is not None:
            self._backdrop.kill()
            self._backdrop.wait()
        for writer in self._writers:
            writer.close(CLOSING_SECONDS)

    def _ask(self, show: ShowProcess, number: int, seconds: float) -> None:
        """Send a signal to the show if it still runs, and wait for its end, or for another signal to this process."""
        asked, end = len(self._signals.ending), time.monotonic() + seconds
        if show.poll() is None:
            show.send(number)
        while show.poll() is None and time.monotonic() < end and len(self._signals.ending) <= asked:
            self._wait(end - time.monotonic())
            show.read()

    def _run_process(self) -> int | str:
        """Run one process. Return an exit code if the show is over, or the reason why it must be started again."""
        try:
            self._show = show = ShowProcess(
                self._command,
                self._picture,
                self._settings,
                as_before=self._as_before,
                variable=VARIABLE,
                restarts=self._restarts,
                state=self._state,
            )
        # The machine is short of memory or processes at the moment.
        except OSError as error:
            return f"the show could not be started ({error.strerror})"
        while True:
            self._wait(POLLING_SECONDS)
            # In this order: everything that an ended process said is read.
            code = show.poll()
            for message in show.read():
                self._take(message)
            if (over := self._over()) is not None:
                return over
            if code is not None:
                if code == 0 or (code == USER_ERROR_EXIT_CODE and not self._restarts and not self._presented):
                    return code
                # In turns, because the file may be fixed.
                refused = code == USER_ERROR_EXIT_CODE and show.first_presented_at is None
                self._as_before = refused and not self._as_before
                return f"the show {_ending(code)}"
            limit = self._limits.starting if show.first_presented_at is None else self._limits.silent
            if time.monotonic() - show.presented_at > limit:
                return f"the show presented no frame for {limit:g} s and was killed"

    def _over(self) -> int | None:
        """Return the exit code if a signal, or a key in the backdrop, has ended the show."""
        if self._signals.ending:
            return 128 + self._signals.ending[0]
        code = self._backdrop.poll() if self._backdrop else None
        if code is not None:
            self._backdrop, self._picture.ready = None, False
        return 0 if code == 0 else None

    def _take(self, message: Mapping[str, Any]) -> None:
        """Follow a message of the show."""
        if "log" in message:
            self._log = Path(message["log"])
        if "backdrop" in message and self._backdrop is None:
            self._start_backdrop(message["backdrop"])
        if "state" in message:
            self._state = message["state"]
            self._presented = True
            self._tell_alive(f"presenting; {self._restarts} restarts")
        if "waiting" in message:
            self._tell_alive(f"waiting: {message['waiting']}")

    def _tell_alive(self, status: str) -> None:
        self._alive_at = time.monotonic()
        if not self._ready:
            self._ready = True
            self._manager.tell("READY=1")
        if self._alive_at >= self._status_at:
            self._status_at = self._alive_at + STATUS_SECONDS
            self._manager.tell(f"STATUS={status}")

    def _start_backdrop(self, look: object) -> None:
        link = {"picture": self._picture.descriptor, "look": look}
        # Without it the show goes on all the same.
        with contextlib.suppress(OSError):
            self._backdrop = subprocess.Popen(
                [sys.executable, "-c", BACKDROP.format(root=str(ROOT))],
                env=os.environ | {VARIABLE: json.dumps(link), "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
                # It ends when this pipe does, even if this process is killed.
                stdin=subprocess.PIPE,
                pass_fds=[self._picture.descriptor],
                start_new_session=True,
            )

    def _wait(self, seconds: float) -> None:
        """Wait until a signal or a message comes, for so many seconds at most. Tell systemd that this process lives."""
        if time.monotonic() - self._alive_at < self._limits.helpless:
            self._manager.sign_of_life()
        pipe = self._show.pipe if self._show else None
        descriptors = [self._signals.wakeup, *([] if pipe is None else [pipe])]
        select.select(descriptors, [], [], max(0.0, min(seconds, POLLING_SECONDS, self._manager.seconds_to_sign)))
        with contextlib.suppress(BlockingIOError):
            os.read(self._signals.wakeup, 4096)

    def _say(self, text: str) -> None:
        for writer in self._writers:
            writer.put(f"supervisor: {text}\n")

    def _write_to_log(self, text: str) -> None:
        if self._log is None:
            return
        line = logging.makeLogRecord({"levelname": "WARNING", "msg": text.rstrip("\n")})
        # Opened for each line, because the show renames the file when it is large.
        with open_to_append(self._log) as file:
            file.write(logging.Formatter(FORMAT).format(line) + "\n")


def _print(text: str) -> None:
    sys.stderr.write(printable(f"ninety-seconds-after: {text}"))
    sys.stderr.flush()


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
