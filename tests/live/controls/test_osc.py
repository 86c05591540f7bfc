"""OSC over real UDP on this machine."""

import random
import socket
import sys
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import closing
from ipaddress import IPv4Network

import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import SimpleUDPClient

from live.console import LOGGER
from live.controls.control import Control, Parameter, Value
from live.controls.osc.access import OscAccess
from live.controls.osc.server import OscServer
from live.controls.pending import PendingControls
from live.controls.table import ACTIONS, CONTROLS, PARAMETERS, SAFE_CONTROLS
from live.errors import ControlError


@pytest.fixture
def pending() -> PendingControls:
    return PendingControls()


@pytest.fixture
def server(pending: PendingControls) -> Iterator[OscServer]:
    with closing(OscServer("127.0.0.1", 0, pending)) as server:
        yield server


@pytest.fixture
def client(server: OscServer) -> Iterator[SimpleUDPClient]:
    with closing(SimpleUDPClient("127.0.0.1", server.port)) as client:
        yield client


def wait_for(server: OscServer, datagrams: int) -> None:
    end = time.monotonic() + 20
    while server.counts.messages + server.counts.dropped < datagrams:
        assert time.monotonic() < end, f"{server.counts} of {datagrams}"
        time.sleep(0.001)


def message(address: str, *arguments: tuple[str | bytes | bool | float | None, str]) -> bytes:
    builder = OscMessageBuilder(address)
    for value, kind in arguments:
        builder.add_arg(value, kind)
    return builder.build().dgram


def test_every_address_of_the_table_is_heard(
    server: OscServer, client: SimpleUDPClient, pending: PendingControls
) -> None:
    expected: dict[str, object] = {}
    for parameter in PARAMETERS:
        expected[parameter.name] = parameter.low
        client.send_message(f"/{parameter.name}", float(parameter.low))
    for action in ACTIONS:
        expected[action.name] = {"trigger": True, "toggle": False, "number": 7, "fader": float(action.low)}[action.kind]
        sent: dict[str, list[int]] = {"trigger": [], "toggle": [0], "number": [7], "fader": [action.low]}
        client.send_message(f"/{action.name}", sent[action.kind])
    wait_for(server, len(CONTROLS))
    assert dict(pending.take()) == expected
    assert server.counts.refused == 0


def test_a_released_button_is_no_request_and_replaces_none(
    server: OscServer, client: SimpleUDPClient, pending: PendingControls
) -> None:
    client.send_message("/snapshot", 1.0)
    client.send_message("/snapshot", 0.0)
    wait_for(server, 2)
    assert pending.take() == [("snapshot", True)]
    assert server.counts.refused == 0


def test_what_is_no_message_of_the_table_is_counted_and_ignored(
    server: OscServer,
    client: SimpleUDPClient,
    pending: PendingControls,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    bundle = OscBundleBuilder(IMMEDIATELY)
    bundle.add_content(OscMessageBuilder("/quit").build())
    bad = [
        message("/nothing"),
        message("/"),
        message("/*"),
        message("/zoo?", (0.5, "f")),
        message("/zoom"),
        message("/zoom", ("0.5", "s")),
        message("/zoom", (True, "T")),
        message("/zoom", (None, "N")),
        message("/zoom", (float("nan"), "f")),
        message("/zoom", (float("inf"), "d")),
        message("/zoom", (0.5, "f"), (0.5, "f")),
        message("/recall", (10, "i")),
        message("/recall", (2**62, "h")),
        message("/temperature", (b"1234", "b")),
        bundle.build().dgram,
        b"/zoom\0\0\0,X\0\0",
        b"/zoom",
        b"zoom\0\0\0\0",
        b"/quit\0\0\0,i\0\0\0",
        b"\xff\xfe\0\0",
        b"/" + b"a" * 60_000,
        message("/zoom", (0.25, "f")) + bytes(1000),
    ]
    for datagram in bad:
        for _ in range(2):
            client._sock.sendto(datagram, ("127.0.0.1", server.port))
    client.send_message("/zoom", 0.5)
    wait_for(server, 2 * len(bad) + 1)
    taken = pending.take()
    assert taken == [("zoom", 0.5)]
    assert (server.counts.refused, pending.coalesced) == (2 * len(bad), 0)
    printed = capfd.readouterr()
    lines = printed.out.splitlines()
    assert len(set(lines)) == len(lines), "each kind once"
    assert "OSC: /nothing is no control; see --list-controls; it is ignored and counted" in lines
    assert "OSC: /recall: 10 is not one of 1…9; it is ignored and counted" in lines
    assert sum(line.startswith("OSC: /zoom: ") for line in lines) == 1
    assert sum(line.startswith("OSC: a datagram of ") for line in lines) == 1
    assert printed.err == ""
    assert {record.name for record in caplog.records} <= {LOGGER.name}, "python-osc would print them"


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_a_number_out_of_range_counts_as_the_end_of_the_range(
    server: OscServer, pending: PendingControls, parameter: Parameter
) -> None:
    for number, end in [(99_999.0, parameter.high), (-1e30, parameter.low)]:
        server.receive(message(f"/{parameter.name}", (number, "f")))
        assert pending.take() == [(parameter.name, end)]
    server.receive(message(f"/{parameter.name}", (2**62, "h")))
    assert pending.take() == [(parameter.name, parameter.high)]
    for number in (float("nan"), float("inf"), float("-inf")):
        server.receive(message(f"/{parameter.name}", (number, "f")))
    assert pending.take() == []
    assert server.counts.refused == 3


# On Linux every address of 127.0.0.0/8 is one of this machine, so that these packets truly come from others.
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one address of their own")
def test_only_machines_that_are_allowed_are_heard_and_others_are_said_once(
    pending: PendingControls, capsys: pytest.CaptureFixture[str]
) -> None:
    allowed = [IPv4Network("127.0.0.2"), IPv4Network("127.0.1.0/24")]
    with closing(OscServer("0.0.0.0", 0, pending, OscAccess(allowed))) as server:
        senders = {"127.0.0.2": [("zoom", 1.0)], "127.0.0.3": [], "127.0.1.77": [("zoom", 1.0)], "127.0.0.1": []}
        for number, (address, expected) in enumerate(senders.items(), start=1):
            with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
                sender.bind((address, 0))
                for _ in range(3):
                    sender.sendto(message("/zoom", (1.0, "f")), ("127.0.0.1", server.port))
                wait_for(server, 3 * number)
            assert pending.take() == expected, address
        assert (server.counts.messages, server.counts.dropped, server.counts.refused) == (6, 6, 0)
    assert capsys.readouterr().out.splitlines() == [
        "OSC: 127.0.0.3 is not heard; --osc-allow names who is",
        "OSC: 127.0.0.1 is not heard; --osc-allow names who is",
    ]


def test_in_strange_hands_only_safe_controls_move(pending: PendingControls, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(OscServer("127.0.0.1", 0, pending)) as server:
        values = {"trigger": 1, "toggle": 1, "number": 2, "fader": 0.5, "float": 0.25, "choice": 1}
        for _ in range(2):
            for name, control in CONTROLS.items():
                server.receive(message(f"/{name}", (values[control.type], "f")), SAFE_CONTROLS)
        unsafe = CONTROLS.keys() - {name for name, _ in pending.take()}
        assert unsafe == {"leave", "quit", "record", "snapshot", "store", "learn", "fullscreen"}
        assert server.counts.refused == 2 * len(unsafe)
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines) == sorted(
        f"OSC: /{name} is for this machine alone; --osc-all allows it; it is ignored and counted" for name in unsafe
    )


def own_address() -> str | None:
    """Return this machine's address in a network; None if it is in none."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asking:
        try:
            # Nothing is sent: the system only chooses the way.
            asking.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(asking.getsockname()[0])


@pytest.mark.parametrize(("for_others", "moved"), [(SAFE_CONTROLS, []), (CONTROLS, [("quit", True)])])
def test_this_machine_moves_all_and_others_what_they_may(
    pending: PendingControls, for_others: Mapping[str, Control], moved: list[tuple[str, Value]]
) -> None:
    address = own_address()
    if address is None:
        pytest.skip("this machine is in no network")
    with closing(OscServer("0.0.0.0", 0, pending, OscAccess(for_others=for_others))) as server:
        for number, (place, expected) in enumerate({"127.0.0.1": [("quit", True)], address: moved}.items(), start=1):
            with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
                sender.sendto(message("/quit"), (place, server.port))
            wait_for(server, number)
            assert pending.take() == expected, place


def test_a_flood_between_two_frames_takes_no_memory_and_is_counted(
    server: OscServer, client: SimpleUDPClient, pending: PendingControls
) -> None:
    datagrams = [message("/zoom", (number / 10_000, "f")) for number in range(10_000)]
    server.receive(datagrams[0])
    tracemalloc.start()
    for datagram in datagrams[1:]:
        server.receive(datagram)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 20_000
    assert (server.counts.messages, server.counts.refused, pending.coalesced) == (10_000, 0, 9_999)
    assert dict(pending.take()) == {"zoom": pytest.approx(0.9999)}


def test_a_flood_over_the_wire_is_counted(server: OscServer, client: SimpleUDPClient, pending: PendingControls) -> None:
    # Each batch is small enough for the system's buffer.
    for batch in range(100):
        for number in range(100):
            client.send_message("/zoom" if number % 2 else "/nothing", 0.5)
        wait_for(server, (batch + 1) * 100)
    assert (server.counts.messages, server.counts.refused, pending.coalesced) == (10_000, 5_000, 4_999)


def test_a_million_random_packets_do_no_harm(
    server: OscServer, pending: PendingControls, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(1)
    addresses = [f"/{name}".encode() for name in CONTROLS]
    for _ in range(1_000_000):
        noise = chance.randbytes(chance.randrange(40))
        if chance.random() < 0.7:
            address = chance.choice(addresses)
            kinds = bytes(chance.choices(b",ifsbdhtTFN[]rmX", k=chance.randrange(4)))
            noise = address + b"\0" * (4 - len(address) % 4) + b"," + kinds + b"\0" * (3 - len(kinds) % 4) + noise
        server.receive(noise)
    assert server.counts.messages == 1_000_000
    assert 0 < server.counts.refused < 1_000_000
    for name, value in pending.take():
        control = CONTROLS[name]
        if isinstance(control, Parameter):
            assert value is not None
            assert control.low <= value <= control.high
    assert {record.name for record in caplog.records} <= {LOGGER.name}, "python-osc would print them"


def test_a_port_that_is_taken_is_one_line(server: OscServer, pending: PendingControls) -> None:
    with pytest.raises(
        ControlError, match=f"cannot listen to OSC at 127.0.0.1:{server.port} .*in use.*--osc"
    ) as caught:
        OscServer("127.0.0.1", server.port, pending)
    assert "\n" not in str(caught.value)
    with pytest.raises(ControlError, match=r"cannot listen to OSC at no\.such\.host"):
        OscServer("no.such.host.invalid", 9000, pending)


def test_only_the_host_that_was_given_is_heard(server: OscServer) -> None:
    assert server._socket.getsockname() == ("127.0.0.1", server.port)


def test_after_closing_the_port_is_free(pending: PendingControls) -> None:
    server = OscServer("127.0.0.1", 0, pending)
    server.close()
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as other:
        other.bind(("127.0.0.1", server.port))


def test_without_python_osc_the_way_out_is_named(pending: PendingControls, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("pythonosc")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pythonosc", None)
    with pytest.raises(ControlError, match=r"pip install -e .*osc"):
        OscServer("127.0.0.1", 0, pending)
