"""Remote controls of a show: only those that were asked for are opened, and all are closed."""

import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest
from pythonosc.udp_client import SimpleUDPClient

from live.controls.options import RemoteOptions
from live.controls.remote import open_remote_controls
from live.errors import ControlError
from live.process.file_worker import FileWorker
from tests.live.controls.test_midi import ScriptedPorts
from tests.live.controls.test_osc import own_address
from tests.live.waiting import wait_until


@pytest.fixture
def port() -> int:
    """Return a free UDP port."""
    with closing(socket(AF_INET, SOCK_DGRAM)) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def assert_is_free(port: int) -> None:
    with closing(socket(AF_INET, SOCK_DGRAM)) as free:
        free.bind(("127.0.0.1", port))


def test_nothing_is_opened_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    ports = ScriptedPorts()
    with open_remote_controls(RemoteOptions(), FileWorker(), ports=ports) as remote:
        assert (remote.osc, remote.midi, remote.osc_feedback, remote.osc_summary()) == (None, None, None, None)
        remote.refresh()
        remote.learn(None)
        assert not remote.learning()
    assert ports.opened == 0
    assert capsys.readouterr().out.splitlines() == [
        "there is no surface to send to; begin with --osc-feedback HOST:PORT or --midi-feedback",
        "there is no MIDI to learn from; begin with --midi",
    ]


def test_osc_and_midi_share_their_requests_and_are_closed(tmp_path: Path, port: int) -> None:
    ports = ScriptedPorts()
    options = RemoteOptions(osc=str(port), midi="nano", presets=tmp_path)
    with open_remote_controls(options, FileWorker(), ports=ports, search_seconds=0.01) as remote:
        assert remote.midi is not None
        ports.plugged = ["another", "nanoKONTROL2"]
        wait_until(lambda: remote.midi is not None and remote.midi.name == "nanoKONTROL2")
        remote.learn(True)
        remote.touch("zoom")
        ports.messages.extend([(0xB0, 7, 3), (0xB0, 7, 127)])
        wait_until(lambda: not remote.learning() and not ports.messages)
        with closing(SimpleUDPClient("127.0.0.1", port)) as client:
            client.send_message("/rotation", 90.0)
            client.send_message("/nothing", 1)
        wait_until(lambda: remote.osc_summary() == {"messages": 2, "refused": 1, "coalesced": 0, "dropped": 0})
        assert ("rotation", 90.0) in remote.pending.take()
    assert ports.closed
    assert_is_free(port)


def test_a_midi_clock_sets_the_tempo_and_knobs_are_heard_beside_it(tmp_path: Path) -> None:
    ports = ScriptedPorts()
    ports.plugged = ["clock"]
    (tmp_path / "midi.toml").write_text('"cc 1 7" = "tempo"')
    options = RemoteOptions(midi=True, presets=tmp_path, quantize="bar")
    with open_remote_controls(options, FileWorker(), ports=ports) as remote:
        assert remote.quantizer.quantize == "bar"
        ports.messages.extend([(0xFA, 0, 0), (0xB0, 7, 127)])
        began = time.monotonic()
        for _ in range(31):
            ports.messages.append((0xF8, 0, 0))
            time.sleep(0.02)
        bpm = 60 / (24 * (time.monotonic() - began) / 31)
        wait_until(lambda: not ports.messages)
        assert remote.beat.origin == "MIDI clock"
        assert remote.beat.bpm == pytest.approx(bpm, rel=0.3)
        ports.messages.append((0xFC, 0, 0))
        wait_until(lambda: not remote.beat.runs)
        assert remote.beat.position == pytest.approx(30 / 24, abs=0.3)
        assert remote.pending.take() == [("tempo", 300.0)]


def test_link_is_a_source_of_the_tempo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "link", None)
    with (
        pytest.raises(ControlError, match=r"--link needs LinkPython-extern; pip install"),
        open_remote_controls(RemoteOptions(link=True), FileWorker()),
    ):
        pass
    monkeypatch.undo()
    pytest.importorskip("link", reason="LinkPython-extern, of the extra link, is not installed")
    with open_remote_controls(RemoteOptions(link=True), FileWorker()) as remote:
        assert remote.link is not None
        assert threading.active_count() > 1
    assert not any(thread.name == "link" for thread in threading.enumerate())


def test_a_failure_of_one_closes_the_other(tmp_path: Path, port: int) -> None:
    (tmp_path / "midi.toml").write_text("not a map")
    options = RemoteOptions(osc=str(port), midi=True, presets=tmp_path)
    with (
        pytest.raises(ControlError, match=r"midi\.toml"),
        open_remote_controls(options, FileWorker(), ports=ScriptedPorts()),
    ):
        pass
    assert_is_free(port)


@pytest.mark.parametrize("osc_all", [False, True])
def test_osc_for_other_machines_hears_those_that_are_named_and_moves_what_is_safe(port: int, osc_all: bool) -> None:
    # To the show, whoever sends from there is another machine.
    elsewhere = own_address()
    if elsewhere is None:
        pytest.skip("this machine is in no network")
    options = RemoteOptions(osc=f"0.0.0.0:{port}", osc_allow=(elsewhere,), osc_all=osc_all)
    with open_remote_controls(options, FileWorker()) as remote:
        for number, address in enumerate(["127.0.0.1", elsewhere], start=1):
            with closing(SimpleUDPClient(address, port)) as client:
                client.send_message("/zoom", float(number))
                client.send_message("/quit", 1)
        expected = {"messages": 2, "refused": int(not osc_all), "coalesced": 0, "dropped": 2}
        wait_until(lambda: remote.osc_summary() == expected)
        assert remote.pending.take() == [("zoom", 2.0), *([("quit", True)] if osc_all else [])]
