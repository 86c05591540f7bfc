"""A show in real time without a window, where there is no display at all."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from live.errors import SettingsError
from live.settings import parse_settings
from tests.live.bundles import RATE, read_film
from tests.live.command import RUN_LIVE

ENVIRONMENT = {name: value for name, value in os.environ.items() if "DISPLAY" not in name and name != "SDL_VIDEODRIVER"}


def test_it_plays_at_its_own_pace_and_records(bundle_folder: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        str(RUN_LIVE),
        "--model",
        str(bundle_folder),
        "--no-window",
        "--tail",
        "0",
        "--seconds",
        "2",
    ]
    options = ["--record", "a.mkv", "--record-codec", "ffv1", "--stats", "s.json", "--seed", "3"]
    began = time.monotonic()
    done = subprocess.run(
        [*command, *options], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - began > 2
    stats = json.loads((tmp_path / "s.json").read_text())
    assert stats["frames"]["after_end"] + stats["dropped_frames"] == 2 * RATE
    recorded = stats["frames"]["after_end"] - stats["dropped_from_recording"]
    assert len(read_film(tmp_path / "a.mkv")) == recorded
    assert "recorded a.mkv: 2.0 s, 0." in done.stdout or stats["dropped_frames"]


@pytest.mark.parametrize("other", ["--headless", "--fullscreen", "--kiosk"])
def test_what_it_does_not_go_with(other: str) -> None:
    with pytest.raises(SettingsError, match="--no-window"):
        parse_settings(["--no-window", other])
