"""The whole show in a window on disks that hang, and in floods of messages: it goes on."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest
from pythonosc.udp_client import SimpleUDPClient

from tests.conftest import tool_is_missing
from tests.live.hanging_folder import HangingFolder
from tests.live.loopback import why_not
from tests.live.scripted_window import Perform, ScriptedWindow


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[HangingFolder]:
    """A folder on a disk that hangs. Skips the test where this machine can have none."""
    if reason := why_not():
        tool_is_missing(reason)
    with closing(HangingFolder(tmp_path / "hanging")) as folder:
        yield folder


@pytest.mark.parametrize(
    ("key", "name"),
    [("1", "preset 1"), ("shift+1", "storing preset 1"), ("s", "a snapshot"), ("v", "a recording")],
)
def test_a_disk_that_hangs_stops_neither_the_window_nor_the_player_nor_the_end(
    perform: Perform, hanging: HangingFolder, capsys: pytest.CaptureFixture[str], key: str, name: str
) -> None:
    said: list[str] = []

    def has_said(text: str) -> bool:
        said.append(capsys.readouterr().out)
        return text in "".join(said)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        # Recordings that a key begins go into the present folder.
        os.chdir(hanging.folder)
        yield [key]
        yield from window.until(lambda: hanging.asked)
        yield ["f"]
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +0.2")
        yield from window.for_frames(20)
        yield from window.until(lambda: has_said(f"{name} waits for a disk that hangs; the show goes on without it"))
        if key != "v":
            # No more of them are waiting than there is room for.
            yield from window.until(lambda: has_said(f"because {name} still waits for the disk"), keys=["s", "1"])
        yield from window.for_frames(20)

    folder = str(hanging.folder)
    assert perform(script, "--hud", "--presets", folder, "--snapshots", folder)[0] == 0
    assert has_said(f"the disk hangs; not done: {name}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_a_pipe_in_the_place_of_a_preset_is_one_line_and_the_show_goes_on(
    perform: Perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        yield ["1", "2"]
        yield from window.until(lambda: window.hud.get("feedback") == "zoom +0.5")
        yield from window.for_frames(5)

    (tmp_path / "presets").mkdir()
    os.mkfifo(tmp_path / "presets" / "1.toml")
    (tmp_path / "presets" / "2.toml").write_text("zoom = 0.5")
    assert perform(script, "--hud")[0] == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "presets/1.toml cannot be read (it is a pipe or a device" in line


def test_a_flood_of_messages_and_keys_makes_few_files(
    perform: Perform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(socket(AF_INET, SOCK_DGRAM)) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()
    flooded: list[float] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        for _ in range(100):
            for address in ("/snapshot", "/record", "/store", "/fullscreen"):
                client.send_message(address, 1)
            yield ["s", "v", "shift+2", "f11"]
        flooded.append(time.monotonic() - began)
        yield from window.for_frames(20)

    with closing(SimpleUDPClient("127.0.0.1", port)) as client:
        assert perform(script, "--hud", "--osc", str(port))[0] == 0
    made = Counter(path.suffix for path in tmp_path.rglob("*") if path.is_file())
    # Four at once and one a second, from keys and from messages; half of the switches of a recording begin one.
    assert 4 <= made[".png"] <= 2 * (4 + flooded[0] + 1)
    assert made[".mkv"] <= 4 + flooded[0] / 2 + 1
    printed = capsys.readouterr().out
    for name in ("snapshot", "record", "store", "fullscreen"):
        assert printed.count(f"{name} is asked for too often") == 1
