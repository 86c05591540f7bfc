"""Shows whose X server comes late, ends during the show and comes back."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.bundles import read_film
from tests.live.command import RUN_LIVE
from tests.live.waiting import SECONDS
from tests.live.x_server import XServer

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="X11"), pytest.mark.needs("Xvfb")]

NO_DISPLAY = "there is no display (x11 not available)"


@pytest.fixture
def server() -> Iterator[XServer]:
    """An X server that runs, of a number that nothing else takes."""
    server = XServer(1000 + os.getpid() % 50_000)
    server.start()
    yield server
    server.stop()


class StartedShow:
    """A show that has been started in a folder, with all its files there."""

    def __init__(self, server: XServer, folder: Path, bundle: Path, *arguments: str) -> None:
        self._status = folder / "status.json"
        common = ["--model", str(bundle), "--provider", "cpu", "--precision", "fp32", "--fullscreen"]
        common += ["--status", "status.json", "--stats", "stats.json", "--record", "show.mkv"]
        self.process = subprocess.Popen(
            [sys.executable, str(RUN_LIVE), *common, *arguments],
            env=server.environment | {"OMP_NUM_THREADS": "1"},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until(self, condition: Callable[[dict[str, Any]], object]) -> None:
        """Wait until the status file shows what is wanted."""
        end = time.monotonic() + SECONDS
        while not (self._status.exists() and condition(json.loads(self._status.read_text()))):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, self._status.exists() and self._status.read_text()
            time.sleep(0.05)

    def end(self) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr once it has ended."""
        out, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out, errors


def test_a_lost_display_ends_a_show_in_one_line_with_all_files_complete(
    server: XServer, bundle_folder: Path, tmp_path: Path
) -> None:
    show = StartedShow(server, tmp_path, bundle_folder)
    show.wait_until(lambda status: status["frames_presented"] > 3)
    server.stop()
    code, _, errors = show.end()
    assert code == 1
    assert errors == ("ninety-seconds-after: error: the display is lost; with --supervise, the show returns to it\n")
    assert json.loads((tmp_path / "stats.json").read_text())["frames"]["tail"] > 3
    assert len(read_film(tmp_path / "show.mkv")) > 0


@pytest.mark.needs("xdotool")
def test_a_window_that_somebody_destroys_ends_a_show_in_one_line_with_all_files_complete(
    server: XServer, bundle_folder: Path, tmp_path: Path
) -> None:
    show = StartedShow(server, tmp_path, bundle_folder)
    show.wait_until(lambda status: status["frames_presented"] > 3)
    subprocess.run(["xdotool", "getwindowfocus", "windowclose"], env=server.environment, check=True)
    code, _, errors = show.end()
    assert code == 1
    said = "the window was destroyed; with --supervise, the show returns to it"
    assert errors == f"ninety-seconds-after: error: {said}\n"
    shown = json.loads((tmp_path / "stats.json").read_text())["frames"]["tail"]
    assert len(read_film(tmp_path / "show.mkv")) >= shown > 3


@pytest.mark.parametrize("waits", [True, False])
def test_a_supervised_show_waits_for_its_display_at_the_start_if_asked_and_after_a_loss(
    server: XServer, bundle_folder: Path, tmp_path: Path, waits: bool
) -> None:
    if waits:
        server.stop()
    given = ["--wait"] if waits else []
    show = StartedShow(server, tmp_path, bundle_folder, "--display", "screen", "--supervise", *given)
    if waits:
        show.wait_until(lambda status: status["waiting"] == [NO_DISPLAY])
        server.start()
    show.wait_until(lambda status: status["frames_presented"] > 3 and not status["waiting"])
    server.stop()
    show.wait_until(lambda status: status["restarts"] and status["waiting"] == [NO_DISPLAY])
    server.start()
    show.wait_until(lambda status: status["frames_presented"] > 3 and not status["waiting"])
    show.process.send_signal(signal.SIGTERM)
    code, out, errors = show.end()
    assert code == 128 + signal.SIGTERM
    assert (
        out.count(f"waiting for display screen: {NO_DISPLAY}\n") == out.count("display screen is there\n") == 1 + waits
    )
    assert "Traceback" not in errors
    assert errors.count("the display is lost") == 1
    assert json.loads((tmp_path / "stats.json").read_text())["frames"]["tail"] > 0
    assert len(read_film(tmp_path / "show.mkv")) > 0


def test_a_signal_ends_a_show_that_waits(server: XServer, bundle_folder: Path, tmp_path: Path) -> None:
    server.stop()
    show = StartedShow(server, tmp_path, bundle_folder, "--wait")
    show.wait_until(lambda status: status["waiting"])
    show.process.send_signal(signal.SIGTERM)
    assert show.end()[::2] == (128 + signal.SIGTERM, "")
    assert (tmp_path / "stats.json").exists()
