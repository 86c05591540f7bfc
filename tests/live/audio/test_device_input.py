"""Audio inputs that come, hang and go."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from live.audio.analysis import HOP
from live.audio.device_input import DeviceInput
from live.audio.levels import SILENCE
from live.errors import AudioError
from tests.conftest import tool_is_missing
from tests.live.audio.pulse_server import INPUT, PulseServer
from tests.live.sounds import tone
from tests.live.waiting import wait_until

LOUD = tone(HOP / 48_000, 1000)[:, 0]
Listen = Callable[..., DeviceInput]


class FakeInput:
    """An input that hears something for a number of blocks, and then nothing."""

    name = "Fake microphone"

    def __init__(self, blocks: int) -> None:
        self._blocks = blocks
        self.closed = False

    def read(self, timeout: float) -> NDArray[np.float32] | None:
        self._blocks -= 1
        time.sleep(0.001 if self._blocks > 0 else timeout)
        return LOUD if self._blocks > 0 else None

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def listen() -> Iterator[Listen]:
    opened: list[DeviceInput] = []

    def listened(open: Callable[[str], FakeInput], **settings: float) -> DeviceInput:
        opened.append(DeviceInput("", open, search_seconds=0.01, **settings))
        return opened[-1]

    yield listened
    for audio in opened:
        audio.close()


def test_what_is_heard_now_is_read(listen: Listen) -> None:
    audio = listen(lambda _: FakeInput(10**9))
    wait_until(lambda: audio.read(0.0).level == 1)
    assert audio.status == "Fake microphone"
    audio.rest(True)
    wait_until(lambda: audio.levels == SILENCE)
    assert audio.status == "released"
    audio.rest(False)
    wait_until(lambda: audio.levels.level == 1)


def test_an_input_that_is_missing_is_said_once_and_searched_for(
    listen: Listen, capsys: pytest.CaptureFixture[str]
) -> None:
    attempts: list[str] = []

    def open_later(name: str) -> FakeInput:
        attempts.append(name)
        if len(attempts) < 4:
            raise AudioError("there is no audio input")
        return FakeInput(10**9)

    audio = listen(open_later)
    wait_until(lambda: audio.levels.level == 1)
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "ninety-seconds-after: error: there is no audio input; plug it in, the show keeps searching"
    ]
    assert said.out == "audio: Fake microphone\n"


def test_an_input_that_falls_silent_is_opened_anew_and_one_that_fails_is_said(
    listen: Listen, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[FakeInput] = []
    broken = Event()

    def open_again(name: str) -> FakeInput:
        if broken.is_set():
            raise RuntimeError("the driver is broken\nsecond line")
        made.append(FakeInput(20))
        return made[-1]

    audio = listen(open_again, silent_seconds=0.02)
    wait_until(lambda: len(made) > 2)
    assert all(each.closed for each in made[:-1])
    broken.set()
    wait_until(lambda: audio.status == "audio: the driver is broken")
    wait_until(lambda: audio.levels == SILENCE)
    broken.clear()
    wait_until(lambda: audio.levels.level > 0)
    said = capsys.readouterr()
    assert said.err.count("audio: the driver is broken; plug it in") == 1
    assert said.out.count("audio: Fake microphone") == 2


def test_a_driver_that_hangs_does_not_delay_the_end() -> None:
    let_go = Event()

    def hang(name: str) -> FakeInput:
        let_go.wait(30)
        raise AudioError("there is no audio input")

    audio = DeviceInput("", hang)
    began = time.monotonic()
    audio.close()
    assert time.monotonic() - began < 10
    let_go.set()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    if importlib.util.find_spec("miniaudio") is None:
        tool_is_missing("miniaudio is not installed")
    server = PulseServer(tmp_path)
    monkeypatch.setenv("PULSE_SERVER", server.address)
    yield server
    server.stop()


@pytest.mark.needs("pulseaudio")
def test_a_real_input_is_heard_lost_and_found_again(server: PulseServer, capsys: pytest.CaptureFixture[str]) -> None:
    from live.audio.inputs import OpenInput, list_inputs

    assert list_inputs() == [INPUT]
    with pytest.raises(AudioError, match=f"there is no audio input guitar; there are {INPUT}"):
        OpenInput("guitar")
    audio = DeviceInput("test mic", OpenInput, search_seconds=0.1)
    try:
        wait_until(lambda: audio.levels.level == 1)
        assert audio.status == INPUT
        server.stop()
        wait_until(lambda: audio.levels == SILENCE)
        wait_until(lambda: "there is no audio input test mic" in audio.status)
        server.start()
        wait_until(lambda: audio.levels.level == 1)
    finally:
        audio.close()
    said = capsys.readouterr()
    assert said.out.count(f"audio: {INPUT}") == 2
    assert said.err.count("there is no audio input test mic; plug it in") == 1
