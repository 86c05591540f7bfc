"""The command that ends early: by a full disk, a signal, or killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.live.bundles import RATE, make_film, read_film
from tests.live.command import RUN_LIVE, run
from tests.live.waiting import SECONDS, wait_until


def wait_for_size(path: Path, size: int, process: subprocess.Popen[str]) -> None:
    def is_larger() -> bool:
        assert process.poll() is None, process.communicate()
        return path.exists() and path.stat().st_size > size

    wait_until(is_larger)


def count_recorded(stats: Path) -> int:
    """Return how many frames a show has recorded by its statistics."""
    counted = json.loads(stats.read_text())
    return int(counted["frames"]["tail"] + counted["frames"]["after_end"] - counted["dropped_from_recording"])


def test_a_full_disk_while_rendering_keeps_what_was_recorded(bundle_folder: Path, tmp_path: Path) -> None:
    def small_disk() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    path = tmp_path / "a.mkv"
    # The show would take hours, but it ends when the disk is full.
    arguments = ["--model", bundle_folder, "--headless", "--seconds", 1e6, "--record", path]
    done = run(*arguments, "--record-codec", "ffv1", preexec_fn=small_disk)
    assert done.returncode == 2
    assert done.stderr == (
        f"ninety-seconds-after: error: the recording {path} ended (File too large); "
        "what was written until then is playable\n"
    )
    frames = read_film(path)
    assert len(frames) > 5
    np.testing.assert_array_equal(frames[:5], make_film()[-3 * RATE :][:5])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("mode", ["headless", "window"])
def test_a_signal_ends_the_show_with_complete_recording_and_statistics(
    bundle_folder: Path, tmp_path: Path, number: signal.Signals, code: int, mode: str
) -> None:
    path, stats = tmp_path / "a.mkv", tmp_path / "s.json"
    command = [sys.executable, str(RUN_LIVE), "--model", str(bundle_folder), "--seconds", "100000"]
    command += ["--stats", str(stats), "--record", str(path), "--record-codec", "ffv1", "--tail", "0.25"]
    if mode == "headless":
        command.append("--headless")
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    wait_for_size(path, 20_000, process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (code, "")
    assert len(read_film(path)) == count_recorded(stats) > 0


def test_a_killed_show_leaves_a_playable_recording(bundle_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    command = [sys.executable, str(RUN_LIVE), "--model", str(bundle_folder), "--headless", "--seconds", "100000"]
    process = subprocess.Popen([*command, "--record", str(path)], stdout=subprocess.DEVNULL, text=True)
    wait_for_size(path, 200_000, process)
    process.kill()
    process.wait()
    frames = read_film(path)
    assert len(frames) > RATE
    assert np.abs(frames[0].astype(int) - make_film()[-3 * RATE]).mean() < 12
