"""OSCQuery over real HTTP on this machine."""

import http.client
import json
import socket
import sys
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import closing
from ipaddress import IPv4Network
from typing import Any

import pytest
from pythonosc.udp_client import SimpleUDPClient

from live.controls.control import Control, Value
from live.controls.osc.access import OscAccess
from live.controls.osc.query import OscQueryServer, describe
from live.controls.osc.server import OscServer
from live.controls.pending import PendingControls
from live.controls.table import CONTROLS, SAFE_CONTROLS
from live.errors import ControlError
from tests.live.controls.test_osc import message
from tests.live.scripted_window import Perform, ScriptedWindow
from tests.live.waiting import SECONDS

OSC = ("127.0.0.1", 9000)
STATE: Mapping[str, Value] = {"zoom": 1.7000000476837158, "freeze": True, "feedback_blend": 2.0, "recall": None}
Node = dict[str, Any]


@pytest.fixture
def server() -> Iterator[OscQueryServer]:
    with closing(OscQueryServer("127.0.0.1", 0, OSC, OscAccess())) as server:
        server.read = lambda: STATE
        yield server


def get(port: int, url: str, *, sender: str = "127.0.0.1", method: str = "GET") -> tuple[int, Any]:
    """Return the status and the JSON of an answer; None if it has no content."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS, source_address=(sender, 0))
    with closing(connection):
        connection.request(method, url)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.version == 11
        if not content or method != "GET":
            return answer.status, None
        assert answer.getheader("Content-Type") == "application/json"
        return answer.status, json.loads(content)


def test_the_root_holds_the_whole_table(server: OscQueryServer) -> None:
    status, root = get(server.port, "/")
    assert status == 200
    contents = root.pop("CONTENTS")
    assert root == {"DESCRIPTION": "what moves the show", "FULL_PATH": "/", "ACCESS": 0}
    assert contents.keys() == CONTROLS.keys()
    for name, node in contents.items():
        assert node["FULL_PATH"] == f"/{name}"
        assert get(server.port, f"/{name}") == (200, node)


def test_each_kind_of_control_is_described_as_the_proposal_has_it(server: OscQueryServer) -> None:
    def node(name: str) -> Node:
        status, found = get(server.port, f"/{name}")
        assert status == 200
        assert found.pop("DESCRIPTION").startswith(CONTROLS[name].meaning)
        assert found.pop("FULL_PATH") == f"/{name}"
        return dict(found)

    assert node("zoom") == {
        "ACCESS": 3,
        "TYPE": "f",
        "RANGE": [{"MIN": -4.0, "MAX": 4.0}],
        "CLIPMODE": ["both"],
        "VALUE": [1.7],
    }
    assert node("feedback_blend") == {
        "ACCESS": 3,
        "TYPE": "i",
        "RANGE": [{"VALS": [0, 1, 2]}],
        "CLIPMODE": ["both"],
        "VALUE": [2],
    }
    assert node("tempo") == {"ACCESS": 3, "TYPE": "f", "RANGE": [{"MIN": 20, "MAX": 300}], "CLIPMODE": ["both"]}
    assert node("freeze") == {"ACCESS": 3, "TYPE": "T", "VALUE": [True]}
    assert node("reset") == {"ACCESS": 2, "TYPE": "N"}
    assert node("recall") == {"ACCESS": 3, "TYPE": "i", "RANGE": [{"MIN": 1, "MAX": 9}]}
    assert node("store") == {"ACCESS": 2, "TYPE": "i", "RANGE": [{"MIN": 1, "MAX": 9}]}
    assert node("seed")["TYPE"] == "h"


def test_what_is_described_is_heard(server: OscQueryServer) -> None:
    pending = PendingControls()
    contents = get(server.port, "/")[1]["CONTENTS"]
    with closing(OscServer("127.0.0.1", 0, pending)) as osc:
        heard = {}
        for name, node in contents.items():
            values: list[tuple[float | bool | None, str]] = [(True, "T"), (False, "F")]
            if node["TYPE"] == "N":
                values = [(None, "N")]
            elif node["TYPE"] != "T":
                span = node["RANGE"][0]
                values = [(end, node["TYPE"]) for end in (span.get("VALS") or [span["MIN"], span["MAX"]])]
            for value, tag in values:
                osc.receive(message(node["FULL_PATH"], (value, tag)))
                ((taken, heard[name]),) = pending.take()
                assert taken == name
                assert heard[name] in (value, True)
        osc.receive(b"/reset\0\0,I\0\0")
        assert pending.take() == [("reset", True)], "an impulse"
        assert osc.counts.refused == 0
    assert heard.keys() == CONTROLS.keys()


def test_one_attribute_is_answered_alone(server: OscQueryServer) -> None:
    assert get(server.port, "/zoom?VALUE") == (200, {"VALUE": [1.7]})
    assert get(server.port, "/zoom?RANGE") == (200, {"RANGE": [{"MIN": -4.0, "MAX": 4.0}]})
    assert get(server.port, "/zoom?TYPE#fragment") == (200, {"TYPE": "f"})
    assert get(server.port, "/?TYPE") == (200, {}), "a container has no type"
    assert get(server.port, "/zoom?CONTENTS") == (200, {})
    assert get(server.port, "/?CONTENTS")[1]["CONTENTS"].keys() == CONTROLS.keys()
    assert get(server.port, "/recall?VALUE") == (200, {}), "it has none yet"


def test_errors_are_those_of_the_proposal(server: OscQueryServer) -> None:
    assert get(server.port, "/bazzzzz?TYPE") == (404, None)
    assert get(server.port, "/zoom/deeper") == (404, None)
    assert get(server.port, "/snapshot?VALUE") == (204, None), "it may only be set"
    assert get(server.port, "/?VALUE") == (204, None)
    assert get(server.port, "/zoom?UNIT") == (204, None), "of the proposal, and not served"
    assert get(server.port, "/zoom?GABBAGABBAHEY") == (400, None)
    assert get(server.port, "/zoom?" + urllib.parse.quote("VALUE&RANGE")) == (400, None)
    for method in ("POST", "PUT", "DELETE"):
        assert get(server.port, "/zoom", method=method)[0] == 501, "nothing is set here"


def test_the_host_info_says_where_osc_is(server: OscQueryServer) -> None:
    info = get(server.port, "/anywhere?HOST_INFO")
    names = dict.fromkeys(("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "CLIPMODE"), True)
    expected = {"NAME": "Ninety Seconds After", "OSC_PORT": 9000, "OSC_TRANSPORT": "UDP", "EXTENSIONS": names}
    assert info == (200, expected), "without OSC_IP: where the question went"
    for host, address in {"0.0.0.0": {}, "192.168.1.5": {"OSC_IP": "192.168.1.5"}}.items():
        with closing(OscQueryServer("127.0.0.1", 0, (host, 9000), OscAccess())) as other:
            assert get(other.port, "/?HOST_INFO") == (200, expected | address)


# On Linux every address of 127.0.0.0/8 is one of this machine.
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one address of their own")
def test_machines_that_osc_does_not_hear_are_not_answered() -> None:
    access = OscAccess([IPv4Network("127.0.0.2")])
    with closing(OscQueryServer("127.0.0.1", 0, OSC, access)) as server:
        assert get(server.port, "/zoom?TYPE", sender="127.0.0.2") == (200, {"TYPE": "f"})
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            get(server.port, "/zoom?TYPE", sender="127.0.0.1")


@pytest.mark.parametrize("for_others", [SAFE_CONTROLS, CONTROLS])
def test_others_are_told_what_they_may_move(server: OscQueryServer, for_others: Mapping[str, Control]) -> None:
    access = OscAccess(for_others=for_others)
    with closing(OscQueryServer("127.0.0.1", 0, OSC, access)) as server:
        status, root = server._answer("/", "192.168.1.20")
        assert (status, root["CONTENTS"].keys()) == (200, for_others.keys())  # type: ignore[index]
        assert server._answer("/quit", "192.168.1.20")[0] == (200 if "quit" in for_others else 404)
        assert server._answer("/quit", "127.0.0.1")[0] == 200


def test_a_client_that_sends_nothing_keeps_nobody_out_for_long(server: OscQueryServer) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.port))):
        assert get(server.port, "/zoom?TYPE") == (200, {"TYPE": "f"})


def test_a_port_that_is_taken_is_one_line(server: OscQueryServer) -> None:
    with pytest.raises(ControlError, match=f"cannot answer --osc-query at 127.0.0.1:{server.port} .*in use") as caught:
        OscQueryServer("127.0.0.1", server.port, OSC, OscAccess())
    assert caught.value.may_pass


def test_every_control_can_be_described_without_a_value() -> None:
    for control in CONTROLS.values():
        assert "VALUE" not in describe(control, None)


def test_a_real_show_tells_what_moves_it(perform: Perform) -> None:
    ports = []
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with closing(socket.socket(socket.AF_INET, kind)) as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    osc, query = ports

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        info = get(query, "/?HOST_INFO")[1]
        assert info["OSC_PORT"] == osc
        yield ["f", "space"]
        yield from window.until(lambda: get(query, "/zoom?VALUE")[1] == {"VALUE": [0.2]})
        yield from window.until(lambda: get(query, "/freeze?VALUE")[1] == {"VALUE": [True]})
        zoom = get(query, "/zoom")[1]
        with closing(SimpleUDPClient("127.0.0.1", info["OSC_PORT"])) as client:
            client.send_message(zoom["FULL_PATH"], zoom["RANGE"][0]["MAX"])
        yield from window.until(lambda: get(query, "/zoom?VALUE")[1] == {"VALUE": [4.0]})
        contents = get(query, "/")[1]["CONTENTS"]
        readable = {name for name, node in contents.items() if node["ACCESS"] == 3}
        without = {name for name in readable if "VALUE" not in contents[name]}
        assert without <= {"recall", "shot", "mirror"}, "no preset and no shot yet, and no camera"

    assert perform(script, "--hud", "--osc", str(osc), "--osc-query", str(query))[0] == 0
