"""The whole show in a window, played by presets, OSC and MIDI."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest
from pythonosc.udp_client import SimpleUDPClient

from live.controls.osc.feedback import QUIET_SECONDS
from live.controls.presets import read_preset
from live.controls.remote import open_remote_controls
from live.controls.table import CONTROLS
from tests.live.controls.surfaces import Surface, free_port
from tests.live.controls.test_midi import ScriptedPorts
from tests.live.scripted_window import Perform, ScriptedWindow


def test_presets_are_stored_recalled_and_exchanged(
    perform: Perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = ("zoom +0.6", "1.1"), ("zoom -0.4", "1.1")

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        for keys, feedback in [
            (["f"] * 3 + ["up"], one),
            (["shift+1"] + ["d"] * 5 + ["shift+2"], two),
            (["1"], one),
            (["2"], two),
            (["a"], one),
            (["a"], two),
        ]:
            yield keys
            yield from window.until(
                partial(lambda wanted: (window.hud.get("feedback"), window.hud["temperature"]) == wanted, feedback)
            )
        yield ["7", "3"]
        yield from window.for_frames(30)
        assert window.hud["feedback"] == "zoom -0.4", "a bad preset changes nothing"
        yield ["f", "shift+4", "q", "q"]

    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "3.toml").write_text("zoom = 30")
    assert perform(script, "--hud")[0] == 0
    assert read_preset(tmp_path / "presets" / "4.toml").values["zoom"] == -0.2, "stored although the show ended"
    printed = capsys.readouterr()
    assert "stored presets/1.toml\nstored presets/2.toml\n" in printed.out
    assert [line.split("error: ")[1][:34] for line in printed.err.splitlines()] == [
        "there is no preset presets/7.toml;",
        "the preset presets/3.toml: zoom: 3",
    ]


def test_a_preset_is_recalled_as_it_was_just_stored(perform: Perform, tmp_path: Path) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        yield ["f", "shift+1", "d", "1"]
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +0.2", seconds=5)
        yield ["1", "f"]
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +0.4", seconds=5)

    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "1.toml").write_text("zoom = 3")
    assert perform(script, "--hud")[0] == 0


def test_a_preset_can_glide(perform: Perform, tmp_path: Path) -> None:
    seen: list[str | None] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        yield ["1"]
        end = window.until(lambda: "rotation +90" in window.hud.get("feedback", ""))
        for keys in end:
            seen.append(window.hud.get("feedback"))
            yield keys

    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "1.toml").write_text("rotation = 90\nglide = 1.5")
    assert perform(script, "--hud")[0] == 0
    assert len(set(seen)) >= 3, "values on the way were visible"


def test_a_preset_modulates_around_what_the_hand_gives(perform: Perform, tmp_path: Path) -> None:
    seen = set()

    def zoom(window: ScriptedWindow) -> str:
        return window.hud.get("modulation", "").split(", ")[0]

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: zoom(window) == "zoom +0.5 square")
        yield from window.until(lambda: zoom(window) == "zoom -0.5 square")
        yield ["f"]
        yield from window.until(lambda: zoom(window) == "zoom +0.7 square")
        assert window.hud["feedback"] == "zoom +0.2"
        for keys in window.for_seconds(1):
            seen.add(window.hud["modulation"].split(", ")[1])
            yield keys
        yield ["shift+3", "shift+f"]
        yield from window.until(lambda: zoom(window).startswith("hue"))
        yield ["0"]
        yield from window.until(lambda: "modulation" not in window.hud)
        yield ["3"]
        yield from window.until(lambda: zoom(window).startswith("zoom"))

    (tmp_path / "p.toml").write_text(
        "[modulation]\n"
        'zoom = { source = "square", depth = 0.5, period = 1.6 }\n'
        'hue = { source = "sine", depth = 60, period = 3 }\n'
    )
    assert perform(script, "--preset", "p.toml", "--hud")[0] == 0
    assert len(seen) >= 3, "the wave moves"
    assert read_preset(tmp_path / "presets" / "3.toml").values["zoom"] == 0.2


def test_a_preset_that_cannot_be_stored_is_one_line_and_the_show_goes_on(
    perform: Perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(3)
        yield ["shift+1"]
        yield from window.for_frames(3)

    (tmp_path / "presets").write_text("not a folder")
    assert perform(script)[0] == 0
    assert capsys.readouterr().err.startswith("ninety-seconds-after: error: cannot write presets/1.toml (")


def test_osc_plays_the_show(perform: Perform, tmp_path: Path) -> None:
    with closing(socket(AF_INET, SOCK_DGRAM)) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        for address, arguments in [("/hud", 1), ("/zoom", 0.5), ("/temperature", 7.0), ("/nothing", 1)]:
            client.send_message(address, arguments)
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +0.5")
        yield ["i"]
        yield from window.until(lambda: window.hud.get("OSC") == "4 messages, 1 refused")
        yield from window.until(lambda: window.hud["temperature"] == "2")
        client.send_message("/freeze", 1)
        client.send_message("/temperature", 0.25)
        yield from window.until(lambda: window.hud.get("show") == "paused" and window.hud["temperature"] == "0.25")
        for number, zoom in [(4, 1.0), (5, -1.0)]:
            # Sent as fast as possible: the preset holds the value that was sent first.
            client.send_message("/zoom", zoom)
            client.send_message("/store", number)
            yield from window.until((tmp_path / "presets" / f"{number}.toml").exists)
        client.send_message("/recall", 4)
        yield from window.until(lambda: window.hud["feedback"] == "zoom +1")
        client.send_message("/freeze", 0)
        yield from window.until(lambda: "show" not in window.hud)
        client.send_message("/quit", [])
        yield from window.for_seconds(20)
        raise AssertionError("still there")

    with closing(SimpleUDPClient("127.0.0.1", port)) as client:
        assert perform(script, "--osc", str(port), "--stats", "s.json")[0] == 0
    assert json.loads((tmp_path / "s.json").read_text())["osc"] == {
        "messages": 13,
        "refused": 1,
        "coalesced": 0,
        "dropped": 0,
    }
    with closing(socket(AF_INET, SOCK_DGRAM)) as free:
        free.bind(("127.0.0.1", port))
    assert [read_preset(tmp_path / f"presets/{n}.toml").values["zoom"] for n in (4, 5)] == [1.0, -1.0]


def test_a_surface_follows_the_show(perform: Perform, tmp_path: Path) -> None:
    port = free_port()

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        stateless = {name for name, control in CONTROLS.items() if control.type == "trigger"}
        unknown = {"store", "recall", "shot", "mirror"}
        yield from window.until(lambda: surface.shown.keys() == CONTROLS.keys() - stateless - unknown)
        assert (surface.shown["zoom"], surface.shown["mode"], surface.shown["seed"]) == (0, 0, 3)
        for keys, changes in [
            (["f"], {"zoom": pytest.approx(0.2)}),
            (["shift+1", "f", "1"], {"recall": 1}),
            (["shift+b", "g", "h", "space"], {"fade": 1, "guard": 0, "help": 1, "freeze": 1}),
            (["b", "shift+b", "i"], {"blackout": 1, "fade": 0, "hud": 1}),
            (["b", "space", "alt+1"], {"blackout": 0, "freeze": 0, "shot": 1}),
        ]:
            yield keys
            yield from window.until(partial(lambda wanted: surface.shown.items() >= wanted.items(), changes))
        # What the surface moves itself is not sent back while it moves.
        yield from window.until(lambda: window.hud)
        surface.messages.clear()
        sent_at = []
        for number in range(1, 101):
            client.send_message("/zoom", number / 100)
            sent_at.append(time.monotonic())
            yield []
        yield from window.until(lambda: surface.shown.get("zoom") == 1)
        # On a machine that stands still for a moment, the fader rests.
        rests = sum(after - before > QUIET_SECONDS / 2 for before, after in pairwise(sent_at))
        assert len(surface.messages) <= 1 + rests
        client.send_message("/temperature", 99.0)
        yield from window.until(lambda: surface.shown.get("temperature") == 2)
        surface.messages.clear()
        client.send_message("/refresh", 1)
        yield from window.until(lambda: surface.shown.keys() == CONTROLS.keys() - stateless - {"store", "mirror"})

    with closing(Surface()) as surface, closing(SimpleUDPClient("127.0.0.1", port)) as client:
        assert perform(script, "--osc", str(port), "--osc-feedback", str(surface.port))[0] == 0


def test_presets_and_reseeds_wait_for_the_beat_that_was_tapped(perform: Perform, tmp_path: Path) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        assert window.hud["tempo"] == "120 BPM, to the bar"
        yield ["return"]
        yield from window.for_seconds(0.5)
        yield ["return"]
        yield from window.until(lambda: window.hud["tempo"].endswith("tapped, to the bar"))
        bpm = float(window.hud["tempo"].split()[0])
        assert window.notices[0].startswith("tempo ")
        began = time.monotonic()
        yield ["r", "1"]
        yield from window.until(lambda: window.notices == ("recall 1 at the next bar",))
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +1")
        # Of the four beats of the bar, one and a little more had passed.
        assert 60 / bpm < time.monotonic() - began

    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "1.toml").write_text("zoom = 1")
    assert perform(script, "--quantize", "bar", "--hud")[0] == 0


def test_waves_go_by_the_beat(perform: Perform, tmp_path: Path) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud.get("modulation") == "zoom +0.5 square")
        client.send_message("/tempo", 60.0)
        yield from window.until(lambda: window.hud.get("tempo") == "60 BPM, given")
        yield from window.until(lambda: window.hud["modulation"] == "zoom -0.5 square")
        began = time.monotonic()
        yield from window.until(lambda: window.hud["modulation"] == "zoom +0.5 square")
        assert time.monotonic() - began > 1.5, "half a bar is two seconds"

    port = free_port()
    (tmp_path / "p.toml").write_text('[modulation]\nzoom = { source = "square", depth = 0.5, beats = 4 }')
    with closing(SimpleUDPClient("127.0.0.1", port)) as client:
        assert perform(script, "--preset", "p.toml", "--hud", "--osc", str(port))[0] == 0


def test_a_midi_device_is_searched_for_while_the_show_goes_on_and_learning_is_visible(
    perform: Perform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = ScriptedPorts()
    opened = partial(open_remote_controls, ports=ports, search_seconds=0.01)
    monkeypatch.setattr("live.show.window_show.open_remote_controls", opened)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield ["i"]
        yield from window.until(lambda: "MIDI" in window.hud)
        assert window.hud["MIDI"] == "not connected"
        ports.plugged = ["nanoKONTROL2"]
        yield from window.until(lambda: window.hud["MIDI"] == "nanoKONTROL2")
        yield ["l"]
        yield from window.until(lambda: "learning" in window.hud)
        yield ["f"]
        ports.messages.append((0xB0, 7, 3))
        yield from window.until(lambda: "learning" not in window.hud)
        assert "feedback" not in window.hud
        ports.messages.append((0xB0, 7, 127))
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +4")

    assert perform(script, "--hud", "--midi", "nano")[0] == 0
    printed = capsys.readouterr()
    assert "learned: cc 1 7 is zoom" in printed.out
    assert printed.err.count("\n") == 1


def test_learning_is_visible_without_a_hud_and_escape_ends_it(
    perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = partial(open_remote_controls, ports=ScriptedPorts())
    monkeypatch.setattr("live.show.window_show.open_remote_controls", opened)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(2)
        assert window.hud == {}
        yield ["l"]
        yield from window.until(lambda: list(window.hud) == ["learning"])
        yield ["escape"]
        yield from window.until(lambda: window.hud == {})
        yield from window.for_frames(2)
        yield ["escape"]
        yield from window.until(lambda: window.notices == ("press the key again to quit",))
        yield ["escape"]
        yield from window.for_seconds(20)
        raise AssertionError("still there")

    assert perform(script, "--midi")[0] == 0


def test_without_midi_there_is_nothing_to_learn_from(perform: Perform, capsys: pytest.CaptureFixture[str]) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(2)
        yield ["l"]
        yield from window.for_frames(2)

    assert perform(script)[0] == 0
    assert "begin with --midi" in capsys.readouterr().out
