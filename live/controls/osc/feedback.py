"""OSC feedback: a surface is sent what changed, at the addresses that it sends to."""

import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from socket import AF_INET, SO_ERROR, SOCK_DGRAM, SOL_SOCKET, socket

from live.console import OnceEach, first_line
from live.controls.control import Value
from live.controls.table import CONTROLS
from live.errors import ControlError

# Changes within this time are one message.
TICK_SECONDS = 1 / 25
# After a failure.
RETRY_SECONDS = 2.0
# A fader that is being moved is sent nothing: it would jump back to where it was a moment ago.
QUIET_SECONDS = 0.3
# Looking up a name may hang, and the end of the show does not wait for it.
CLOSING_SECONDS = 1.0
SAID_FAILURES = 8
LARGEST_INT32 = 2**31 - 1

State = Mapping[str, Value]
"""State of each control that has one, by its name; None for one that is not known yet."""


class OscFeedback:
    """Sends the state of the controls over UDP in a thread of its own: all of it at first, and then what changed.

    A failure is said once for each reason. It is tried again every two seconds, and then everything is sent.

    Args:
        host: Name or IPv4 address of the surface.
        port: UDP port at which it listens.
        heard_at: Returns the times of `time.monotonic` at which messages of controls came last, by the controls' names.
        retry_seconds: Time between two attempts.

    Raises:
        ControlError: python-osc is missing.
    """

    def __init__(
        self,
        host: str,
        port: int,
        heard_at: Callable[[], Mapping[str, float]] = dict,
        *,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        try:
            from pythonosc.osc_message_builder import OscMessageBuilder
        except ModuleNotFoundError as error:
            raise ControlError('--osc-feedback needs python-osc; pip install -e ".[osc]" brings it') from error
        self._builder = OscMessageBuilder
        self._address = (host, port)
        self._heard_at = heard_at
        self._retry_seconds = retry_seconds
        self._read: Callable[[], State] = dict
        self._known: dict[str, Value] = {}
        self._refresh = threading.Event()
        self._failures = OnceEach(SAID_FAILURES)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osc-feedback", daemon=True)
        self.trouble = ""
        """Reason why nothing can be sent; empty if it can."""

    def __str__(self) -> str:
        return "{}:{}".format(*self._address)

    def start(self, read: Callable[[], State]) -> None:
        """Begin to send. `read` returns the present state; it is called in the thread."""
        self._read = read
        self._thread.start()

    def refresh(self) -> None:
        """Let everything be sent again."""
        self._refresh.set()

    def close(self) -> None:
        """Stop sending."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._send_until_closed()
            # The network has many ways to fail, and a part of the show may have no state yet.
            except Exception as error:
                reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {first_line(error)}"
                self.trouble = reason
                self._failures.warn(reason, f"OSC feedback to {self}: {reason}; it is tried again")
            self._closing.wait(self._retry_seconds)

    def _send_until_closed(self) -> None:
        """Send until the end. Raises an exception of any type if that is not possible."""
        with socket(AF_INET, SOCK_DGRAM) as out:
            out.setblocking(False)
            # Only a connected socket is told that nobody listens. Nothing is sent for it.
            out.connect(self._address)
            self._known.clear()
            self._send_changes(out)
            while not self._closing.wait(TICK_SECONDS):
                if number := out.getsockopt(SOL_SOCKET, SO_ERROR):
                    raise OSError(number, os.strerror(number))
                self.trouble = ""
                self._send_changes(out)

    def _send_changes(self, out: socket) -> None:
        if self._refresh.is_set():
            self._refresh.clear()
            self._known.clear()
        heard_at, now = self._heard_at(), time.monotonic()
        for name, value in self._read().items():
            if value is None or (name in self._known and self._known[name] == value):
                continue
            if CONTROLS[name].is_continuous and now - heard_at.get(name, -math.inf) < QUIET_SECONDS:
                continue
            try:
                out.send(self._message(name, value))
            except BlockingIOError:
                # The system's buffer is full. The rest is sent with the next tick.
                return
            self._known[name] = value

    def _message(self, name: str, value: Value) -> bytes:
        builder = self._builder(f"/{name}")
        if isinstance(value, float):
            builder.add_arg(value, builder.ARG_TYPE_FLOAT)
        else:
            number = int(value or 0)
            builder.add_arg(number, builder.ARG_TYPE_INT if number <= LARGEST_INT32 else builder.ARG_TYPE_INT64)
        return builder.build().dgram
