"""Process under supervision: its start, its messages, and its end with everything that it started."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any

from live.supervision.kept_settings import KeptSettings
from live.supervision.shared_picture import SharedPicture

READ_BYTES = 65536
# A killed process is gone after milliseconds, unless it hangs in the kernel.
KILLED_SECONDS = 0.3


class ShowProcess:
    """One process of a show.

    It is the leader of a session and a process group of its own: Ctrl-C in the terminal reaches the supervisor alone,
    and the processes of its webcam and virtual camera end with it.

    Args:
        command: Program and arguments.
        picture: Memory of the last picture.
        settings: Memory of the settings file that played last.
        as_before: True to use those settings, and not the file.
        variable: Environment variable that receives the following as JSON, with the descriptors.
        restarts: Number of processes before this one.
        state: State that the process before left.
    """

    def __init__(
        self,
        command: Sequence[str],
        picture: SharedPicture,
        settings: KeptSettings,
        *,
        as_before: bool,
        variable: str,
        restarts: int,
        state: Mapping[str, Any],
    ) -> None:
        self.began = time.monotonic()
        self.first_presented_at: float | None = None
        """Time of the first presented frame, in seconds of `time.monotonic`; None before it."""
        self.presented_at = self.began
        """Time of the last sign of a presented frame, or that something is waited for; at first, of the start."""
        self.pipe: int | None
        """Descriptor that the process's messages come from; None once it has closed its end."""
        self.pipe, theirs = os.pipe()
        os.set_blocking(self.pipe, False)
        self._text = b""
        link = {
            "pipe": theirs,
            "picture": picture.descriptor,
            "settings": settings.descriptor,
            "as_before": as_before,
            "restarts": restarts,
            "state": state,
        }
        try:
            self._process = subprocess.Popen(
                command,
                env=os.environ | {variable: json.dumps(link)},
                pass_fds=[theirs, picture.descriptor, settings.descriptor],
                start_new_session=True,
            )
        except OSError:
            os.close(self.pipe)
            raise
        finally:
            os.close(theirs)

    def poll(self) -> int | None:
        """Return the exit code, below 0 for a signal; None while the process runs."""
        return self._process.poll()

    def read(self) -> list[Mapping[str, Any]]:
        """Return the messages that have come since the last call.

        Those with a state are signs of a presented frame, and those of waiting that the process is alive without one.
        """
        while self.pipe is not None:
            try:
                read = os.read(self.pipe, READ_BYTES)
            except BlockingIOError:
                break
            if not read:
                os.close(self.pipe)
                self.pipe = None
            self._text += read
        *lines, self._text = self._text.split(b"\n")
        messages = []
        for line in lines:
            # A process that ends in the middle of a message leaves a part of it.
            with contextlib.suppress(ValueError):
                messages.append(json.loads(line))
        if any("waiting" in message for message in messages):
            self.presented_at = time.monotonic()
        if any("state" in message for message in messages):
            self.presented_at = time.monotonic()
            self.first_presented_at = self.first_presented_at or self.presented_at
        return messages

    def send(self, number: int) -> None:
        """Send a signal to the process."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the process and everything that it started and that still runs."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(KILLED_SECONDS)
        if self.pipe is not None:
            os.close(self.pipe)
            self.pipe = None
