"""Messages to systemd, or to whatever else started the supervisor and listens at NOTIFY_SOCKET (`sd_notify`)."""

import contextlib
import os
import socket
import time
from math import inf


class ServiceManager:
    """Sends the state of the show, one datagram each. It neither waits nor fails.

    Without NOTIFY_SOCKET it sends nothing. The variables are removed, so that no process of the show inherits them.
    """

    def __init__(self) -> None:
        # WATCHDOG_PID is not looked at: the supervisor may speak for the program that started it.
        os.environ.pop("WATCHDOG_PID", None)
        given = os.environ.pop("WATCHDOG_USEC", "")
        # As `sd_watchdog_enabled` advises.
        self._watchdog_seconds = int(given) / 2e6 if given.isdecimal() and int(given) else None
        self._watchdog_at = 0.0
        address = os.environ.pop("NOTIFY_SOCKET", "")
        # An "@" stands for the null byte that begins an abstract address.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    @property
    def seconds_to_sign(self) -> float:
        """Seconds until the next sign of life is due; infinite if nobody asked for one."""
        return inf if self._watchdog_seconds is None else max(0.0, self._watchdog_at - time.monotonic())

    def sign_of_life(self) -> None:
        """Say that the supervisor is alive and of use, if it is time."""
        if self._watchdog_seconds is not None and not self.seconds_to_sign:
            self._watchdog_at = time.monotonic() + self._watchdog_seconds
            self.tell("WATCHDOG=1")

    def tell(self, message: str) -> None:
        """Send lines such as `READY=1`."""
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.sendto(message.encode("utf-8", "replace"), self._address)
