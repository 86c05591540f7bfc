"""Shows under supervision on a real X screen: killed, stopped and ended, with real keys and screenshots."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.live.bundles import HEIGHT, WIDTH, make_model, read_film, write_bundle, write_film
from tests.live.command import run
from tests.live.supervision.supervised import Start
from tests.live.test_app_endings import count_recorded
from tests.live.waiting import SECONDS, is_running, wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
    pytest.mark.needs("xdotool", "import"),
]

# Two seconds are usual from a kill to the next frame, but a test shares the machine with others.
GAP_SECONDS = 60.0
# A show under load may present nothing for seconds.
SILENT_SECONDS = 5.0
GREEN = (30, 200, 40)


@pytest.fixture(scope="session")
def green_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose film is green throughout."""
    folder = write_bundle(tmp_path_factory.mktemp("models") / "green", make_model())
    write_film(folder / "seed.mkv", np.full((60, HEIGHT, WIDTH, 3), GREEN, np.uint8))
    return folder


def test_a_killed_show_goes_on_with_its_controls_and_a_recording_of_its_own(
    start: Start, bundle_folder: Path, tmp_path: Path
) -> None:
    show = start(
        "--model", bundle_folder, "--fullscreen", "--record", "a.mkv", "--log", "show.log", "--status", "s.json"
    )
    show.wait_for("READY=1")
    presets = [tmp_path / f"presets/{number}.toml" for number in range(4)]
    show.press_until(presets[3].exists, "shift+3")
    show.press("Up", "Up", "shift+1", "1")
    wait_until(presets[1].exists)
    show.wait_for_state()
    first = show.show()
    os.kill(first, signal.SIGKILL)
    killed_at = time.monotonic()
    before = show.screenshot()
    show.wait_for_screen(lambda screen: not np.array_equal(screen, before))
    show.wait_for("STATUS=presenting; 1 restarts")
    assert time.monotonic() - killed_at < GAP_SECONDS
    assert show.show() != first
    show.press_until(presets[2].exists, "shift+2")
    show.press("q", "q")
    code, out, errors = show.end()
    assert code == 0
    line = "supervisor: the show was ended by SIGKILL; it is started again at once\n"
    assert errors == f"ninety-seconds-after: {line}"
    assert f"WARNING {line}" in (tmp_path / "show.log").read_text()
    assert "recorded a-2.mkv" in (tmp_path / "show.log").read_text()
    assert json.loads((tmp_path / "s.json").read_text())["restarts"] == 1
    assert ("seed 7" in out, "seed 8" in out) == (True, True)
    assert tomllib.loads(presets[2].read_text())["temperature"] == 1.2
    assert len(read_film(tmp_path / "a.mkv")) > 0
    assert len(read_film(tmp_path / "a-2.mkv")) > 0
    show.wait_for("STOPPING=1")


def _is_bound(other: socket.socket, port: int) -> bool:
    """Bind a socket if the port is free, and return whether it was."""
    with contextlib.suppress(OSError):
        other.bind(("127.0.0.1", port))
        return True
    return False


def test_what_is_missing_at_a_restart_keeps_no_wall_waiting(start: Start, bundle_folder: Path, tmp_path: Path) -> None:
    stick, gone = tmp_path / "stick", tmp_path / "gone"
    stick.mkdir()
    (stick / "preset.toml").write_text("zoom = 1")
    names = {"--log": "show.log", "--status": "s.json", "--stats": "t.json", "--record": "a.mkv", "--snapshots": ""}
    files = [each for option, name in {**names, "--preset": "preset.toml"}.items() for each in (option, stick / name)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    show = start("--model", bundle_folder, "--osc", port, *files)
    show.wait_for("READY=1")
    show.wait_for_state()
    first = show.show()
    stick.rename(gone)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: _is_bound(other, port))
        show.wait_for("STATUS=presenting; 1 restarts")
    gone.rename(stick)
    wait_until(lambda: len(list(stick.glob("*.mkv"))) == 2)
    wait_until(lambda: json.loads((stick / "s.json").read_text())["restarts"] == 1)
    show.process.terminate()
    code, out, errors = show.end()
    assert (code, "there is no folder" in errors) == (128 + signal.SIGTERM, True)
    assert "waiting for OSC" in out
    assert "it is started again in" not in errors
    assert (stick / "t.json").exists()


def test_the_screen_is_covered_while_the_show_is_started_again(start: Start, green_bundle: Path) -> None:
    # At a quarter of its speed the film lasts longer than the test.
    show = start("--model", green_bundle, "--fullscreen", "--fit", "fill", "--tail", 5, "--speed", 0.25)
    show.wait_for("READY=1")
    os.kill(show.show(), signal.SIGKILL)
    pictures = [show.screenshot() for _ in range(5)]
    end = time.monotonic() + SECONDS
    while "STATUS=presenting; 1 restarts" not in show.said:
        pictures.append(show.screenshot())
        show.socket.setblocking(False)
        try:
            show.said += show.socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            assert time.monotonic() < end
    assert max(np.abs(picture.astype(int) - GREEN).max() for picture in pictures) < 8
    show.socket.settimeout(SECONDS)
    # Q works in the backdrop, too: the new show is stopped before it can hear anything.
    first = show.show()
    os.kill(first, signal.SIGKILL)
    os.kill(show.show(besides=first), signal.SIGSTOP)
    show.press_until(lambda: show.process.poll() is not None, "q")
    assert show.end()[0] == 0


def test_the_chord_of_a_kiosk_ends_everything_even_in_the_backdrop(start: Start, green_bundle: Path) -> None:
    look = ("--fit", "fill", "--turn", 90, "--corners", "0,0", "0.5,0", "0.5,1", "0,1")
    show = start("--model", green_bundle, "--kiosk", "--tail", 5, "--speed", 0.25, *look)
    show.wait_for("READY=1")
    first = show.show()
    os.kill(first, signal.SIGKILL)
    os.kill(show.show(besides=first), signal.SIGSTOP)
    # The backdrop lies as the show does.
    show.wait_for_screen(
        lambda screen: np.abs(screen[20:-20, 20:480].astype(int) - GREEN).max() < 8 and screen[:, 520:].max() == 0
    )
    show.press("q", "Escape", "q")
    time.sleep(0.5)
    assert show.process.poll() is None
    end = time.monotonic() + SECONDS
    while show.process.poll() is None:
        assert time.monotonic() < end
        show.hold(3.0, "ctrl", "shift", "q")
    assert show.end()[0] == 0


def test_leaving_fullscreen_uncovers_the_desktop_until_the_next_restart(start: Start, bundle_folder: Path) -> None:
    show = start("--model", bundle_folder, "--fullscreen")
    show.wait_for("READY=1")
    assert len(show.children()) == 2
    show.press_until(lambda: len(show.children()) == 1, "F11")
    os.kill(show.show(), signal.SIGKILL)
    show.wait_for("STATUS=presenting; 1 restarts")
    assert len(show.children()) == 2
    show.press("q", "q")
    assert show.end()[0] == 0


def test_a_show_that_hangs_is_killed_and_a_signal_ends_even_that(start: Start, bundle_folder: Path) -> None:
    show = start("--model", bundle_folder, limits=f"silent={SILENT_SECONDS}")
    show.wait_for("READY=1")
    first = show.show()
    assert len(show.children()) == 1, "no backdrop behind a window"
    show.press("space")
    time.sleep(SILENT_SECONDS + 1)
    assert show.show() == first, "a frozen show is alive"
    os.kill(first, signal.SIGSTOP)
    show.wait_for("STATUS=the show presented no frame for 5 s and was killed; it is started again at once")
    show.wait_for("STATUS=presenting; 1 restarts")
    assert not is_running(first)
    os.kill(show.show(), signal.SIGSTOP)
    show.process.send_signal(signal.SIGTERM)
    code, _, errors = show.end()
    assert code == 128 + signal.SIGTERM
    assert errors.splitlines()[-1] == "ninety-seconds-after: supervisor: the show did not end; it was killed"


def test_a_show_outside_of_its_hours_is_alive(start: Start, bundle_folder: Path) -> None:
    now = datetime.now()
    hours = "-".join(f"{now + timedelta(hours=after):%H:%M}" for after in (8, 16))
    show = start("--model", bundle_folder, "--fullscreen", "--hours", hours, limits=f"silent={SILENT_SECONDS}")
    show.wait_for("READY=1")
    first = show.show()
    assert show.screenshot().max() == 0
    time.sleep(SILENT_SECONDS + 1)
    assert show.show() == first, "a closed show is alive"
    # What covers the screen then is black, too.
    os.kill(first, signal.SIGKILL)
    show.show(besides=first)
    assert show.screenshot().max() == 0
    show.process.send_signal(signal.SIGTERM)
    assert show.end()[0] == 128 + signal.SIGTERM


def test_a_signal_to_the_supervisor_ends_the_show_in_order(start: Start, bundle_folder: Path, tmp_path: Path) -> None:
    arguments = ("--model", bundle_folder, "--fullscreen", "--stats", "s.json", "--record", "a.mkv")
    show = start(*arguments, limits=f"ending={SECONDS}")
    show.wait_for("READY=1")
    show.process.send_signal(signal.SIGHUP)
    assert show.end()[0] == 128 + signal.SIGHUP
    assert len(read_film(tmp_path / "a.mkv")) == count_recorded(tmp_path / "s.json") > 0


def test_nothing_is_left_of_a_show_whose_supervisor_was_killed(start: Start, bundle_folder: Path) -> None:
    show = start("--model", bundle_folder, "--fullscreen")
    show.wait_for("READY=1")
    children = list(show.children())
    assert len(children) == 2
    show.process.kill()
    wait_until(lambda: not any(map(is_running, children)))
    assert "the supervisor has ended, and the show ends with it" in show.process.communicate()[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--model", "nowhere"], "nowhere"), (["--headless"], "leave out --headless")],
)
def test_bad_input_at_the_first_start_ends_the_supervision(arguments: list[str], said: str) -> None:
    done = run("--supervise", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


def test_a_settings_file_cannot_ask_for_supervision(tmp_path: Path) -> None:
    file = tmp_path / "show.toml"
    file.write_text("supervise = true")
    done = run("--settings", file)
    assert done.returncode == 2
    assert done.stderr.endswith("supervise stands on the command line alone; give --supervise there\n")
