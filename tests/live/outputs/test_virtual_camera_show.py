"""Whole shows on the virtual camera."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.live.loopback import SECONDS, Loopback, wait_until
from tests.live.test_app_endings import wait_for_size

RUN_LIVE = Path(__file__).parents[3] / "run_live.py"


def show_arguments(model: Path, loopback: Loopback) -> list[str]:
    return [str(RUN_LIVE), "--model", str(model), "--virtual-camera", str(loopback.device)]


def test_a_whole_show_is_shown_on_the_virtual_camera(
    loopback: Loopback, x_screen: dict[str, str], bundle_folder: Path, tmp_path: Path
) -> None:
    options = ["--tail", "1", "--virtual-camera-size", "128x96", "--hud", "--seed", "1"]
    command = [sys.executable, "-W", "error", *show_arguments(bundle_folder, loopback), *options]
    command += ["--stats", str(tmp_path / "stats.json")]
    show = subprocess.Popen(command, env=x_screen, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len({path.read_bytes() for path in loopback.frames}) > 10, "frames that differ")
    show.terminate()
    printed, errors = show.communicate(timeout=SECONDS)
    assert (show.returncode, errors) == (143, "")
    assert f"virtual camera {loopback.device}\n" in printed
    assert loopback.size == (128, 96)
    stats = json.loads((tmp_path / "stats.json").read_text())
    different = {path.read_bytes() for path in loopback.frames}
    # Some frames are dropped, and counted, before the process has started.
    frames = stats["frames"]["tail"] + stats["frames"]["after_end"]
    assert frames - stats["dropped_from_virtual_camera"] - 2 <= len(different) <= frames


def test_a_signal_to_all_processes_ends_the_show_silently(loopback: Loopback, bundle_folder: Path) -> None:
    command = [sys.executable, *show_arguments(bundle_folder, loopback)]
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy"}
    show = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: loopback.frames, "a frame")
    os.killpg(show.pid, signal.SIGTERM)
    _, printed = show.communicate(timeout=SECONDS)
    assert (show.returncode, printed) == (143, "")


def test_a_show_goes_on_while_the_device_is_missing(
    loopback: Loopback, x_screen: dict[str, str], bundle_folder: Path, tmp_path: Path
) -> None:
    loopback.fail("open", errno.ENOENT)
    recording = tmp_path / "a.mkv"
    options = ["--tail", "0", "--record", str(recording), "--record-codec", "ffv1"]
    command = [sys.executable, *show_arguments(bundle_folder, loopback), *options]
    show = subprocess.Popen(command, env=x_screen, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert show.stderr
    assert "does not exist" in show.stderr.readline()
    wait_for_size(recording, 0, show)
    wait_for_size(recording, recording.stat().st_size + 20_000, show)
    show.terminate()
    _, further = show.communicate(timeout=SECONDS)
    assert (show.returncode, further) == (143, "")
