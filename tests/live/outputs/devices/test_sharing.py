"""NDI with its real library, out and in; Spout and Syphon with stand-ins that have their libraries' functions."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from live.camera.open_source import open_source
from live.camera.options import CameraOptions
from live.camera.programs import spout as spout_in
from live.camera.programs import syphon as syphon_in
from live.camera.programs.sources import program_source
from live.errors import CameraError, OutputError
from live.frame import Frame, Pixels
from live.outputs.devices.sender import Sender
from live.outputs.devices.sharing import open_sharing
from live.outputs.devices.spout import SpoutSender
from live.outputs.devices.syphon import SyphonSender
from live.outputs.options import SharingOptions
from tests.live.scripted_window import Perform, ScriptedWindow
from tests.live.waiting import wait_until

STAND_INS = Path(__file__).parents[2] / "stand_ins"
SIZE = (48, 80)
# NDI compresses pictures.
MOST_LEVELS = 8


def picture(number: int) -> Pixels:
    """Return a picture whose corners and channels differ, with a little that changes: uint8 [48, 80, 3]."""
    pixels = np.zeros((*SIZE, 3), np.uint8)
    pixels[..., 0] = 200
    pixels[:24, :, 1] = 100
    pixels[:, :40, 2] = 150
    pixels[32:40, 8:24] = 16 * (number % 12)
    return pixels


def settled(pixels: Pixels) -> Pixels:
    """Return a picture without what changes."""
    still = pixels.copy()
    still[28:44, 4:28] = 0
    return still


@pytest.fixture
def on_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """NDI that looks for sources on this machine, too, without the service that announces them."""
    pytest.importorskip("cyndilib", reason="cyndilib, of the extra ndi, is not installed")
    (tmp_path / "ndi-config.v1.json").write_text('{"ndi": {"networks": {"ips": "127.0.0.1"}}}')
    monkeypatch.setenv("NDI_CONFIG_DIR", str(tmp_path))


@pytest.mark.slow
def test_ndi_carries_the_picture_out_and_in(on_this_machine: None) -> None:
    name = f"out and in {os.getpid()}"
    (sink,) = open_sharing(SharingOptions(ndi=name), Fraction(24), smooth=False)
    with closing(sink):
        source = open_source(CameraOptions(camera=f"ndi:{name}"), size=SIZE, frame_rate=Fraction(24), headless=False)
        assert source is not None
        with closing(source):
            captured, number = None, 0
            end = time.monotonic() + 100
            while captured is None:
                sink.offer(Frame(picture(number), number, 1.0))
                captured, number = source.read(number), number + 1
                time.sleep(1 / 24)
                assert time.monotonic() < end, (sink.state, source.trouble)
            assert name in sink.state
            assert source.trouble == ""
            off = np.abs(settled(captured.pixels).astype(int) - settled(picture(0)))
            assert np.percentile(off, 99) <= MOST_LEVELS


def test_a_show_sends_over_ndi_and_the_hud_says_so(on_this_machine: None, perform: Perform) -> None:
    name = f"a show {os.getpid()}"

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield ["i"]
        yield from window.until(lambda: name in window.hud.get("NDI", ""))

    assert perform(script, "--hud", "--ndi", name)[0] == 0


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The stand-ins for the libraries of other systems, until the end of the test."""
    monkeypatch.syspath_prepend(STAND_INS)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("SpoutGL", "syphon", "Metal"):
            del sys.modules[name]


def test_spout_carries_the_picture_out_and_in(stand_ins: None) -> None:
    sender = Sender(lambda size: SpoutSender("the show"))
    for number in range(2):
        assert sender.show(picture(number)) == "the show"
    device, _ = program_source("spout:the show", "win32")
    capture = spout_in.open_source(device, SIZE, 24.0)
    np.testing.assert_array_equal(capture.read()[1], picture(1)[:, :, ::-1])
    assert capture.read() == (True, None), "it shows nothing new"
    larger = np.repeat(picture(2), 2, axis=0)
    sender.show(larger)
    np.testing.assert_array_equal(capture.read()[1], larger[:, :, ::-1])
    sender.close()
    assert capture.read() == (True, None)


def test_syphon_carries_the_picture_out_and_in(stand_ins: None) -> None:
    import syphon

    sender = Sender(lambda size: SyphonSender("the show", size))
    for number in range(2):
        assert sender.show(picture(number)) == "the show"
    assert syphon.run_loops == 2, "clients that come later are answered"
    device, _ = program_source("syphon:Show", "darwin")
    capture = syphon_in.open_source(device, SIZE, 24.0)
    np.testing.assert_array_equal(capture.read()[1], picture(1)[:, :, ::-1])
    assert capture.read() == (True, None), "it shows nothing new"
    sender.show(np.repeat(picture(2), 2, axis=0))
    assert list(syphon.SERVERS) == ["the show"], "a texture of another size is one of another server"
    sender.close()
    assert syphon.SERVERS == {}


def test_a_sink_of_another_system_runs_in_its_process(stand_ins: None) -> None:
    (sink,) = open_sharing(SharingOptions(spout="the show"), Fraction(24), smooth=False, system="win32")
    with closing(sink):
        sink.offer(Frame(picture(0), 0, 1.0))
        wait_until(lambda: sink.state == "the show")


def test_a_library_that_fails_is_one_line_and_is_tried_again(
    stand_ins: None, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "SpoutGL.py").write_text("raise OSError('no DirectX')")
    monkeypatch.syspath_prepend(tmp_path)
    (sink,) = open_sharing(SharingOptions(spout=True), Fraction(24), smooth=False, system="win32")
    with closing(sink):
        sink.offer(Frame(picture(0), 0, 1.0))
        wait_until(lambda: "no DirectX" in sink.state)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ninety-seconds-after: error: Spout: OSError: no DirectX; check the graphics driver")
    assert "tried again every" in line


@pytest.mark.parametrize(
    ("option", "name", "message"),
    [
        ("spout", "spout:a", "is of Windows alone"),
        ("syphon", "syphon:a", "is of macOS alone"),
        ("ndi", "ndi:a", r'needs cyndilib; pip install -e ".\[ndi\]" brings it'),
    ],
)
def test_what_this_machine_cannot_do_is_said_before_the_show(
    monkeypatch: pytest.MonkeyPatch, option: str, name: str, message: str
) -> None:
    monkeypatch.setattr("live.outputs.devices.sharing.find_spec", lambda name: None)
    monkeypatch.setattr("live.camera.programs.sources.find_spec", lambda name: None)
    with pytest.raises(OutputError, match=f"--{option}.* {message}"):
        open_sharing(SharingOptions(**{option: True}), Fraction(24), smooth=False, system="linux")
    with pytest.raises(CameraError, match=f"--camera {name}.* {message}"):
        program_source(name, "linux")
