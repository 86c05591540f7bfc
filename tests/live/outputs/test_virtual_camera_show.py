"""Whole shows on the virtual camera."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.live.loopback import SECONDS, Loopback, wait_until

RUN_LIVE = Path(__file__).parents[3] / "run_live.py"


def show_arguments(model: Path, loopback: Loopback) -> list[str]:
    return [str(RUN_LIVE), "--model", str(model), "--virtual-camera", str(loopback.device)]


def test_a_whole_show_is_shown_on_the_virtual_camera(
    loopback: Loopback, x_screen: dict[str, str], bundle_folder: Path, tmp_path: Path
) -> None:
    options = ["--seconds", "4", "--tail", "1", "--virtual-camera-size", "128x96", "--hud", "--seed", "1"]
    command = [sys.executable, "-W", "error", *show_arguments(bundle_folder, loopback), *options]
    command += ["--stats", str(tmp_path / "stats.json")]
    done = subprocess.run(command, env=x_screen, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"virtual camera {loopback.device}\n" in done.stdout
    assert loopback.size == (128, 96)
    stats = json.loads((tmp_path / "stats.json").read_text())
    different = {path.read_bytes() for path in loopback.frames}
    # Some frames are dropped, and counted, before the process has started.
    assert len(different) > 10
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
    options = ["--seconds", "2", "--tail", "0", "--stats", str(tmp_path / "stats.json")]
    command = [sys.executable, *show_arguments(bundle_folder, loopback), *options]
    done = subprocess.run(command, env=x_screen, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "does not exist" in line
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames"]["after_end"] + stats["dropped_frames"] == 24
