"""OSC: every control of the table is an address. Other messages are ignored and counted."""

import threading
from dataclasses import dataclass
from socket import AF_INET, SOCK_DGRAM, socket

from live.controls.control import Action
from live.controls.pending import PendingControls
from live.controls.table import CONTROLS
from live.errors import ControlError

# Far more than any message with one argument.
LARGEST_DATAGRAM = 256
# The longest that `close` may have to wait.
CLOSING_SECONDS = 0.2
# One argument at most: int32, int64, float, double, true, false.
KNOWN_TYPES = ("", ",", ",i", ",h", ",f", ",d", ",T", ",F")


@dataclass
class OscCounts:
    """Counts of what came over OSC."""

    messages: int = 0
    refused: int = 0
    """Messages of another address, type or range, and datagrams that are no message."""


class OscServer:
    """Receives OSC over UDP in a thread of its own.

    Addresses are taken literally. Patterns and bundles are refused, so that one datagram is one request.

    Args:
        host: Address of this machine at which to listen.
        port: UDP port; 0 for any free one.
        pending: Receives the requests.

    Raises:
        ControlError: python-osc is missing, or the port is not available.
    """

    def __init__(self, host: str, port: int, pending: PendingControls) -> None:
        try:
            from pythonosc import osc_message
            from pythonosc.parsing import osc_types
        except ModuleNotFoundError as error:
            raise ControlError('--osc needs python-osc; pip install -e ".[osc]" brings it') from error
        self._parse = osc_message.OscMessage
        self._get_string = osc_types.get_string
        self._parse_errors = (osc_message.ParseError, osc_types.ParseError)
        self._pending = pending
        self.counts = OscCounts()
        self._socket = socket(AF_INET, SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise ControlError(
                f"cannot listen to OSC at {host}:{port} ({error.strerror}); give --osc another"
            ) from error
        self._socket.settimeout(CLOSING_SECONDS)
        self.port: int = self._socket.getsockname()[1]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                datagram = self._socket.recv(LARGEST_DATAGRAM + 1)
            # Nothing came; on Windows also: a datagram was longer.
            except OSError:
                continue
            self.receive(datagram)

    def receive(self, datagram: bytes) -> None:
        """Take one datagram."""
        self.counts.messages += 1
        try:
            name, arguments = self._read(datagram)
            control = CONTROLS[name]
            value = control.read(arguments)
        except (ValueError, KeyError):
            self.counts.refused += 1
            return
        # A released button is no request.
        if value or not (isinstance(control, Action) and control.kind == "trigger"):
            self._pending.put(name, value)

    def _read(self, datagram: bytes) -> tuple[str, list[object]]:
        """Return the name and the arguments of a message.

        Raises:
            ValueError: It is not a message with one argument at most.
        """
        if len(datagram) > LARGEST_DATAGRAM:
            raise ValueError("too long")
        try:
            address, at = self._get_string(datagram, 0)
            types = self._get_string(datagram, at)[0] if datagram[at:] else ""
            # Checked before parsing: python-osc prints a line on stderr for every type that it does not know.
            if not address.startswith("/") or types not in KNOWN_TYPES:
                raise ValueError(f"not a message with one argument at most: {address} {types}")
            return address[1:], self._parse(datagram).params
        except self._parse_errors as error:
            raise ValueError(str(error)) from error
