"""OSC: every control of the table is an address. Other messages are ignored, counted, and said once."""

import errno
import threading
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from socket import AF_INET, SOCK_DGRAM, socket

from live.console import OnceEach
from live.controls.control import Action, Control
from live.controls.osc.access import OscAccess
from live.controls.pending import PendingControls
from live.controls.table import CONTROLS
from live.errors import ControlError
from live.reading.text import one_line

# Far more than any message with one argument.
LARGEST_DATAGRAM = 256
# The longest that `close` may have to wait.
CLOSING_SECONDS = 0.2
# Kinds of refusals, and other senders, that are said.
SAID_REFUSALS = 32
SAID_SENDERS = 16
# Characters of a datagram that are quoted.
LONGEST_QUOTE = 60
# One argument at most: int32, int64, float, double, true, false. Nil and impulse are none: a button sends them.
NO_ARGUMENT_TYPES = ("", ",", ",N", ",I")
KNOWN_TYPES = (*NO_ARGUMENT_TYPES, ",i", ",h", ",f", ",d", ",T", ",F")


@dataclass
class OscCounts:
    """Counts of what came over OSC."""

    messages: int = 0
    refused: int = 0
    """Messages of another address or type, of controls that may not be moved, and datagrams that are no message."""
    dropped: int = 0
    """Datagrams from machines that may send none. They are no `messages`."""


class OscServer:
    """Receives OSC over UDP in a thread of its own.

    Addresses are taken literally. Patterns and bundles are refused, so that one datagram is one request. A parameter's
    number outside its range counts as the nearest one of the range.

    Args:
        host: Address of this machine at which to listen.
        port: UDP port; 0 for any free one.
        pending: Receives the requests.
        access: Machines that are heard, and what each may move.

    Raises:
        ControlError: python-osc is missing; or the port is not available, which may pass.
    """

    def __init__(
        self,
        host: str,
        port: int,
        pending: PendingControls,
        access: OscAccess | None = None,
    ) -> None:
        try:
            from pythonosc import osc_message
            from pythonosc.parsing import osc_types
        except ModuleNotFoundError as error:
            raise ControlError('--osc needs python-osc; pip install -e ".[osc]" brings it') from error
        self._parse = osc_message.OscMessage
        self._get_string = osc_types.get_string
        self._parse_errors = (osc_message.ParseError, osc_types.ParseError)
        self._pending = pending
        self._access = access or OscAccess()
        self._refusals = OnceEach(SAID_REFUSALS)
        self._senders = OnceEach(SAID_SENDERS)
        self.counts = OscCounts()
        self.heard_at: dict[str, float] = {}
        """Times of `time.monotonic` at which controls were moved last, by their names."""
        self._socket = socket(AF_INET, SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise ControlError(
                f"cannot listen to OSC at {host}:{port} ({error.strerror}); give --osc another",
                may_pass=error.errno != errno.EACCES,
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
                datagram, (sender, _) = self._socket.recvfrom(LARGEST_DATAGRAM + 1)
            # Nothing came; on Windows also: a datagram was longer.
            except OSError:
                continue
            if self._access.is_heard(sender):
                self.receive(datagram, self._access.controls_for(sender))
            else:
                self.counts.dropped += 1
                self._senders.warn(sender, f"OSC: {sender} is not heard; --osc-allow names who is")

    def receive(self, datagram: bytes, controls: Mapping[str, Control] = CONTROLS) -> None:
        """Take one datagram of a machine that is heard and may move `controls`."""
        self.counts.messages += 1
        try:
            name, arguments = self._read(datagram)
        except ValueError:
            self._refuse(None, f"a datagram of {len(datagram)} bytes is not a message with one argument at most")
            return
        control = controls.get(name)
        if control is None:
            known = name in CONTROLS
            reason = "is for this machine alone; --osc-all allows it" if known else "is no control; see --list-controls"
            self._refuse(name, f"/{one_line(name, LONGEST_QUOTE)} {reason}")
            return
        try:
            value = control.read(arguments) if isinstance(control, Action) else control.read_clamped(arguments)
        except ValueError as error:
            self._refuse((name, "value"), f"/{name}: {error}")
            return
        # A released button is no request.
        if value or not (isinstance(control, Action) and control.kind == "trigger"):
            self.heard_at[name] = time.monotonic()
            self._pending.put(name, value)

    def _refuse(self, kind: Hashable, reason: str) -> None:
        self.counts.refused += 1
        self._refusals.warn(kind, f"OSC: {reason}; it is ignored and counted")

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
            return address[1:], [] if types in NO_ARGUMENT_TYPES else self._parse(datagram).params
        except self._parse_errors as error:
            raise ValueError(str(error)) from error
