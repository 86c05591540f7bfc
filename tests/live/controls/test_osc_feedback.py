"""OSC feedback over real UDP on this machine."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from live.controls.control import Value
from live.controls.osc.feedback import QUIET_SECONDS, TICK_SECONDS, OscFeedback
from live.controls.osc.server import OscServer
from live.controls.pending import PendingControls
from live.errors import ControlError
from tests.live.controls.surfaces import Surface, free_port
from tests.live.waiting import wait_until

TICKS = 4 * TICK_SECONDS


class Desk:
    """A state that tests change, and the times at which a surface has moved it."""

    def __init__(self) -> None:
        self.state: dict[str, Value] = {
            "zoom": 0.5,
            "gain": 1.0,
            "feedback_blend": 1.0,
            "recall": None,
            "seed": 2**32 - 1,
            "freeze": False,
            "crossfade": 1.0,
        }
        self.heard_at: dict[str, float] = {}

    def follow(self, port: int, host: str = "127.0.0.1") -> OscFeedback:
        feedback = OscFeedback(host, port, lambda: self.heard_at, retry_seconds=0.05)
        feedback.start(lambda: dict(self.state))
        return feedback


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def surface() -> Iterator[Surface]:
    with closing(Surface()) as surface:
        yield surface


def test_everything_is_sent_first_and_then_what_changes(desk: Desk, surface: Surface) -> None:
    first = {"zoom": 0.5, "gain": 1, "feedback_blend": 1, "seed": 2**32 - 1, "freeze": 0, "crossfade": 1}
    with closing(desk.follow(surface.port)) as feedback:
        surface.wait_for(lambda shown: shown == first)
        desk.state |= {"recall": 3, "freeze": True}
        surface.wait_for(lambda shown: shown == first | {"recall": 3, "freeze": 1})
        time.sleep(TICKS)
        surface.take()
        assert len(surface.messages) == len(first) + 2, "what did not change is not sent"
        feedback.refresh()
        wait_until(lambda: surface.take() and len(surface.messages) == 2 * len(first) + 3)
        time.sleep(TICKS)
        assert surface.take() == [], "once"


def test_changes_between_two_ticks_are_one_message(desk: Desk, surface: Surface) -> None:
    with closing(desk.follow(surface.port)):
        surface.wait_for(lambda shown: len(shown) == 6)
        surface.messages.clear()
        began = time.monotonic()
        for number in range(1000):
            desk.state["zoom"] = number / 1000
            time.sleep(0.0002)
        ticks = (time.monotonic() - began) / TICK_SECONDS
        surface.wait_for(lambda shown: shown.get("zoom") == pytest.approx(0.999))
    assert 2 <= len(surface.messages) <= ticks + 2


def test_a_fader_that_the_surface_moves_is_left_alone_until_it_rests(desk: Desk, surface: Surface) -> None:
    with closing(desk.follow(surface.port)):
        surface.wait_for(lambda shown: len(shown) == 6)
        surface.messages.clear()
        end = time.monotonic() + 3 * QUIET_SECONDS
        number = 0
        while time.monotonic() < end:
            number += 1
            now = time.monotonic()
            desk.heard_at |= {"zoom": now, "crossfade": now, "freeze": now}
            desk.state |= {"zoom": number / 1000, "crossfade": 1 / number, "freeze": True, "gain": 2.0}
            time.sleep(0.005)
        surface.take()
        assert dict(surface.messages) == {"gain": 2.0, "freeze": 1}, "a button and another fader follow at once"
        surface.wait_for(lambda shown: shown.get("zoom") == pytest.approx(number / 1000))
        surface.wait_for(lambda shown: shown.get("crossfade") == pytest.approx(1 / number))
        time.sleep(TICKS)
        surface.take()
    assert len(surface.messages) == 4


def test_everything_that_is_sent_would_be_heard(desk: Desk, surface: Surface) -> None:
    desk.state["recall"] = 7
    with closing(desk.follow(surface.port)):
        surface.wait_for(lambda shown: len(shown) == 7)
    pending = PendingControls()
    with closing(OscServer("127.0.0.1", 0, pending)) as server:
        for datagram in surface.datagrams:
            server.receive(datagram)
        assert server.counts.refused == 0
    assert dict(pending.take()) == desk.state


def test_a_surface_that_comes_later_is_sent_everything(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    with closing(desk.follow(port)) as feedback:
        wait_until(lambda: feedback.trouble)
        with closing(Surface(port)) as surface:
            surface.wait_for(lambda shown: len(shown) == 6)
            wait_until(lambda: not feedback.trouble)
        desk.state["zoom"] = 1.0
        wait_until(lambda: feedback.trouble)
        assert feedback.trouble == "Connection refused"
    assert capsys.readouterr().out == f"OSC feedback to 127.0.0.1:{port}: Connection refused; it is tried again\n"


@pytest.mark.parametrize(
    "host", ["no.such.host.invalid", "255.255.255.255", "x" * 80 + ".invalid"], ids=["no name", "no route", "too long"]
)
def test_a_surface_that_cannot_be_reached_is_one_line(
    desk: Desk, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    with closing(desk.follow(9000, host)) as feedback:
        wait_until(lambda: feedback.trouble)
        time.sleep(0.3)
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    assert printed.out.startswith(f"OSC feedback to {host}:9000: ")
    assert printed.out.endswith("; it is tried again\n")
    assert printed.err == ""


def test_a_state_that_cannot_be_read_is_one_line(
    desk: Desk, surface: Surface, capsys: pytest.CaptureFixture[str]
) -> None:
    reads = 0

    def read() -> dict[str, Value]:
        nonlocal reads
        reads += 1
        if reads < 3:
            raise RuntimeError("not yet")
        return desk.state

    feedback = OscFeedback("127.0.0.1", surface.port, retry_seconds=0.01)
    feedback.start(read)
    with closing(feedback):
        surface.wait_for(lambda shown: len(shown) == 6)
    line = f"OSC feedback to 127.0.0.1:{surface.port}: RuntimeError: not yet; it is tried again\n"
    assert capsys.readouterr().out == line


def test_without_python_osc_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("pythonosc")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pythonosc", None)
    with pytest.raises(ControlError, match=r"--osc-feedback needs python-osc; pip install -e .*osc"):
        OscFeedback("127.0.0.1", 9000)
