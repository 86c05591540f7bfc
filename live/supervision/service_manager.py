"""Messages to systemd, or to whatever else started the supervisor and listens at NOTIFY_SOCKET (`sd_notify`)."""

import contextlib
import os
import socket


class ServiceManager:
    """Sends the state of the show, one datagram each. It neither waits nor fails.

    Without NOTIFY_SOCKET it sends nothing. The variable is removed, so that no process of the show inherits it.
    """

    def __init__(self) -> None:
        address = os.environ.pop("NOTIFY_SOCKET", "")
        # An "@" stands for the null byte that begins an abstract address.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    def tell(self, message: str) -> None:
        """Send lines such as `READY=1`."""
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.sendto(message.encode("utf-8", "replace"), self._address)
