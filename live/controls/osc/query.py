"""OSCQuery: a program that plays the show over OSC asks what there is, and gets the table of controls as JSON.

Served are the required attributes of the OSCQuery proposal (https://github.com/Vidvox/OSCQueryProposal) and those of
`EXTENSIONS`. All controls stand at the root. Nothing is set here: that is what OSC is for.
"""

import errno
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from live.controls.control import Control, Parameter, Value
from live.controls.osc.access import OscAccess
from live.errors import ControlError
from live.process.json_server import Answer, JsonServer

EXTENSIONS = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "CLIPMODE")
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", *EXTENSIONS)
# Of the proposal, and not served.
OTHER_ATTRIBUTES = ("TAGS", "EXTENDED_TYPE", "UNIT", "CRITICAL", "OVERLOADS", "HTML")
NO_VALUE, WRITE_ONLY, READ_AND_WRITE = 0, 2, 3
"""Values of ACCESS."""
TYPES = {"trigger": "N", "toggle": "T", "number": "i", "fader": "f", "choice": "i", "float": "f"}
"""Type tags of OSC for the types of the table."""
OK, NO_CONTENT, BAD_REQUEST, NOT_FOUND = 200, 204, 400, 404
LARGEST_INT32 = 2**31 - 1
# A preset that was stored is a file, and no state of the show.
WITHOUT_STATE = ("store",)


class OscQueryServer(JsonServer):
    """Answers over HTTP in a thread of its own.

    Args:
        host: Address of this machine at which to listen.
        port: TCP port; 0 for any free one.
        osc: Host and port of OSC.
        access: What each machine is told: what it may move.

    Raises:
        ControlError: The port is not available, which may pass.
    """

    def __init__(self, host: str, port: int, osc: tuple[str, int], access: OscAccess) -> None:
        self._access = access
        self._osc = osc
        # Without OSC_IP, OSC is where the question went.
        self._host_info = {
            "NAME": "Ninety Seconds After",
            "OSC_PORT": osc[1],
            "OSC_TRANSPORT": "UDP",
            "EXTENSIONS": dict.fromkeys(EXTENSIONS, True),
            **({} if osc[0] in (host, "0.0.0.0") else {"OSC_IP": osc[0]}),
        }
        self.read: Callable[[], Mapping[str, Value]] = dict
        """Returns the state of each control that has one, by its name. Other threads call it."""
        try:
            super().__init__(host, port, self._answer, name="osc-query", is_heard=access.is_heard)
        except OSError as error:
            raise ControlError(
                f"cannot answer --osc-query at {host}:{port} ({error.strerror}); give another address",
                may_pass=error.errno != errno.EACCES,
            ) from error

    def _answer(self, request: str, client: str) -> Answer:
        url = urlsplit(request)
        attribute = unquote(url.query)
        if attribute == "HOST_INFO":
            return OK, self._host_info
        node = self._node(unquote(url.path), client)
        if node is None:
            return NOT_FOUND, None
        if not attribute:
            return OK, node
        if attribute not in ATTRIBUTES:
            return NO_CONTENT if attribute in OTHER_ATTRIBUTES else BAD_REQUEST, None
        if attribute == "VALUE" and node["ACCESS"] != READ_AND_WRITE:
            return NO_CONTENT, None
        return OK, {attribute: node[attribute]} if attribute in node else {}

    def _node(self, path: str, client: str) -> dict[str, Any] | None:
        """Return what stands at a path, for this client; None if nothing does."""
        controls, state = self._access.controls_for(client), self.read()
        if path == "/":
            contents = {name: describe(control, state.get(name)) for name, control in controls.items()}
            return {
                "DESCRIPTION": "what moves the show",
                "FULL_PATH": "/",
                "ACCESS": NO_VALUE,
                "CONTENTS": contents,
            }
        control = controls.get(path.removeprefix("/"))
        return describe(control, state.get(control.name)) if control else None


def describe(control: Control, value: Value) -> dict[str, Any]:
    """Return the attributes of a control.

    Args:
        control: The control.
        value: Its present value; None if it has none yet.
    """
    kind, meaning = control.type, control.meaning
    node: dict[str, Any] = {
        "DESCRIPTION": f"{meaning}: {control.range}" if kind == "choice" else meaning,
        "FULL_PATH": f"/{control.name}",
        "ACCESS": WRITE_ONLY if kind == "trigger" or control.name in WITHOUT_STATE else READ_AND_WRITE,
        "TYPE": "h" if kind == "number" and control.high > LARGEST_INT32 else TYPES[kind],
    }
    if kind == "choice":
        node["RANGE"] = [{"VALS": list(range(int(control.low), int(control.high) + 1))}]
    elif isinstance(control, Parameter) or kind in ("number", "fader"):
        node["RANGE"] = [{"MIN": control.low, "MAX": control.high}]
    if control.is_continuous:
        node["CLIPMODE"] = ["both"]
    if value is not None:
        node["VALUE"] = [_json(kind, value)]
    return node


def _json(kind: str, value: float) -> float | bool:
    if kind == "toggle":
        return bool(value)
    # OSC's floats have seven digits.
    return float(f"{value:.7g}") if TYPES[kind] == "f" else int(value)
