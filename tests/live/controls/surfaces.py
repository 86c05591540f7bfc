"""A touch surface: a real UDP socket that keeps what it is sent."""

import time
from collections.abc import Callable
from socket import AF_INET, SOCK_DGRAM, socket

from pythonosc.osc_message import OscMessage

from tests.live.waiting import SECONDS


class Surface:
    """Receives OSC messages.

    Args:
        port: UDP port of this machine; 0 for any free one.
    """

    def __init__(self, port: int = 0) -> None:
        self._socket = socket(AF_INET, SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self.messages: list[tuple[str, object]] = []
        """Names and values of all messages so far."""
        self.datagrams: list[bytes] = []

    @property
    def shown(self) -> dict[str, object]:
        """The newest value of each control."""
        self.take()
        return dict(self.messages)

    def take(self) -> list[tuple[str, object]]:
        """Receive what has come, and return it."""
        new = []
        while True:
            try:
                datagram = self._socket.recv(1000)
            except BlockingIOError:
                break
            message = OscMessage(datagram)
            (value,) = message.params
            new.append((message.address.removeprefix("/"), value))
            self.datagrams.append(datagram)
        self.messages += new
        return new

    def wait_for(self, condition: Callable[[dict[str, object]], object]) -> None:
        """Receive until the condition holds for the newest values."""
        end = time.monotonic() + SECONDS
        while not condition(self.shown):
            assert time.monotonic() < end, self.shown
            time.sleep(0.002)

    def close(self) -> None:
        self._socket.close()


def free_port() -> int:
    """Return a UDP port at which nobody listens."""
    surface = Surface()
    surface.close()
    return surface.port
