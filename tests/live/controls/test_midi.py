"""A MIDI device that comes and goes, on scripted ports; and real ports, if the machine has any."""

import os
import sys
from collections import deque
from contextlib import closing
from pathlib import Path

import pygame.midi
import pytest

from live.controls.midi.ports import Message, MidiDevice, Ports, PygamePorts
from tests.live.waiting import wait_until


class ScriptedPorts:
    """Ports of a machine whose devices come and go, with or without an error."""

    def __init__(self) -> None:
        self.plugged: list[str] = []
        self.messages: deque[Message] = deque()
        self.opened = 0
        self.outputs: list[str] = []
        self.sent: list[Message] = []
        self.breaks = False
        self.closed = False

    def open(self, device: str) -> str | None:
        self.opened += 1
        return next((name for name in self.plugged if device.lower() in name.lower()), None)

    def open_output(self, device: str) -> str | None:
        return next((name for name in self.outputs if device.lower() in name.lower()), None)

    def send(self, message: Message) -> None:
        if self.breaks:
            raise OSError("host error")
        self.sent.append(message)

    def read(self) -> list[Message]:
        if self.breaks:
            raise OSError("host error")
        return [self.messages.popleft() for _ in range(len(self.messages))]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def ports() -> ScriptedPorts:
    return ScriptedPorts()


def listen(ports: Ports, heard: list[Message], device: str = "", silent_seconds: float = 60.0) -> MidiDevice:
    return MidiDevice(
        device, lambda *message: heard.append(message), ports, search_seconds=0.01, silent_seconds=silent_seconds
    )


def test_what_the_device_sends_is_heard(ports: ScriptedPorts, capsys: pytest.CaptureFixture[str]) -> None:
    ports.plugged = ["Through Port", "nanoKONTROL2"]
    heard: list[Message] = []
    with closing(listen(ports, heard, "NANO")) as midi:
        wait_until(lambda: midi.name == "nanoKONTROL2")
        ports.messages.extend([(0xB0, 7, 1), (0xB0, 7, 2)])
        wait_until(lambda: len(heard) == 2)
    assert heard == [(0xB0, 7, 1), (0xB0, 7, 2)]
    assert ports.closed
    assert ports.opened == 1
    assert capsys.readouterr().out == "MIDI: nanoKONTROL2\n"


def test_a_missing_device_is_reported_once_and_found_when_it_comes(
    ports: ScriptedPorts, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(listen(ports, [], "nano")) as midi:
        wait_until(lambda: ports.opened > 3)
        assert midi.name is None
        ports.plugged = ["nanoKONTROL2"]
        wait_until(lambda: midi.name)
    printed = capsys.readouterr()
    assert printed.err == (
        "ninety-seconds-after: error: there is no MIDI device nano; plug it in, the show keeps searching\n"
    )
    assert printed.out == "MIDI: nanoKONTROL2\n"


@pytest.mark.parametrize("with_an_error", [True, False])
def test_an_unplugged_device_is_opened_again(
    ports: ScriptedPorts, capsys: pytest.CaptureFixture[str], with_an_error: bool
) -> None:
    ports.plugged = ["nano"]
    heard: list[Message] = []
    with closing(listen(ports, heard, silent_seconds=60.0 if with_an_error else 0.05)) as midi:
        wait_until(lambda: midi.name)
        ports.plugged = []
        ports.breaks = with_an_error
        wait_until(lambda: midi.name is None)
        wait_until(lambda: ports.opened > 4)
        ports.plugged, ports.breaks = ["nano"], False
        wait_until(lambda: midi.name)
        ports.messages.append((0x90, 1, 2))
        wait_until(lambda: heard)
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert printed.out == "MIDI: nano\n" * 2


def test_a_silent_device_that_is_still_there_is_not_reported(
    ports: ScriptedPorts, capsys: pytest.CaptureFixture[str]
) -> None:
    ports.plugged = ["nano"]
    with closing(listen(ports, [], silent_seconds=0.02)):
        wait_until(lambda: ports.opened > 4)
    assert capsys.readouterr().out == "MIDI: nano\n"


def test_the_ports_of_this_machine_lack_a_device_that_no_machine_has(capfd: pytest.CaptureFixture[str]) -> None:
    with closing(PygamePorts()) as ports:
        for _ in range(2):
            assert ports.open("a device that no machine has") is None
            assert ports.read() == []
    if not Path("/dev/snd/seq").exists():
        assert capfd.readouterr() == ("", ""), "ALSA prints nothing"


class Unplugged:
    """An input of pygame whose device is gone."""

    def __init__(self, number: int) -> None:
        pass

    def poll(self) -> bool:
        raise pygame.midi.MidiException("host error")

    def close(self) -> None:
        raise pygame.midi.MidiException("bad pointer")


@pytest.fixture
def unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    """PortMidi lists one device, which is gone as soon as it is opened."""
    monkeypatch.setattr(Path, "exists", lambda path: True)
    monkeypatch.setattr(pygame.midi, "get_count", lambda: 1)
    monkeypatch.setattr(pygame.midi, "get_device_info", lambda number: (b"ALSA", b"nano", 1, 0, 0))
    monkeypatch.setattr(pygame.midi, "Input", Unplugged)


def test_a_device_that_cannot_be_closed_is_looked_for_again(unplugged: None) -> None:
    with closing(PygamePorts()) as ports:
        for _ in range(2):
            assert ports.open("nano") == "nano"
            with pytest.raises(OSError, match="host error"):
                ports.read()
    assert ports.read() == []


def test_opening_repeatedly_leaves_nothing_behind(unplugged: None) -> None:
    with closing(PygamePorts()) as ports:
        ports.open("nano")
        # A function that is registered with atexit has a reference.
        before = sys.getrefcount(pygame.midi.quit)
        for _ in range(5):
            ports.open("nano")
        after = sys.getrefcount(pygame.midi.quit)
    assert after == before


class Lamps:
    """Feedback that has one message, again after each refresh."""

    def __init__(self) -> None:
        self.waiting: list[Message] = []

    def refresh(self) -> None:
        self.waiting = [(0xB0, 7, 64)]

    def due(self) -> list[Message]:
        due, self.waiting = self.waiting, []
        return due


def test_an_output_is_sent_everything_each_time_it_is_opened(
    ports: ScriptedPorts, capsys: pytest.CaptureFixture[str]
) -> None:
    ports.plugged = ["nano SLIDER"]
    device = MidiDevice("", lambda *_: None, ports, Lamps(), "ctrl", search_seconds=0.01, silent_seconds=0.05)
    with closing(device):
        wait_until(lambda: ports.opened > 3)
        assert (device.name, device.output_name, ports.sent) == ("nano SLIDER", None, [])
        ports.outputs = ["Through", "nano CTRL"]
        wait_until(lambda: ports.sent)
        assert device.output_name == "nano CTRL"
        ports.breaks = True
        wait_until(lambda: ports.opened > 10)
        ports.breaks = False
        wait_until(lambda: len(ports.sent) > 1)
    assert set(ports.sent) == {(0xB0, 7, 64)}
    error = "ninety-seconds-after: error: there is no MIDI output ctrl; give --midi-feedback another, or plug it in\n"
    assert capsys.readouterr().err == error


@pytest.mark.skipif(not os.access("/dev/snd/seq", os.R_OK | os.W_OK), reason="ALSA's sequencer is not there")
def test_a_real_port_is_sent_to_and_heard() -> None:
    heard: list[Message] = []
    # "Midi Through" returns whatever is sent to it.
    with closing(MidiDevice("Midi Through", lambda *message: heard.append(message), PygamePorts(), Lamps())) as midi:
        wait_until(lambda: heard)
        assert midi.output_name == midi.name
    assert heard[0] == (0xB0, 7, 64)
