"""Supervised shows whose files change while they run, and that are then started again."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.live.supervision.supervised import Start, Supervised
from tests.live.waiting import wait_until

# A show that has presented a frame is well, so that pauses stay short.
LIMITS = "well=0.0"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")

CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{red} {green} {blue}\n" for blue in (0, 1) for green in (0, 1) for red in (0, 1))


def kill(show: Supervised, restarts: int) -> None:
    """Kill the process of a show, and wait until the one with so many restarts before it plays."""
    os.kill(show.show(), signal.SIGKILL)
    show.wait_for(f"STATUS=presenting; {restarts} restarts")


def test_files_that_are_broken_at_a_restart_are_left_out_and_said(
    start: Start, bundle_folder: Path, tmp_path: Path
) -> None:
    files = {"--lut": "a.cube", "--preset": "preset.toml", "--midi-map": "map.toml", "--camera": "c.mkv"}
    (tmp_path / "a.cube").write_text(CUBE)
    (tmp_path / "preset.toml").write_text("zoom = 0.1")
    (tmp_path / "map.toml").write_text("")
    (tmp_path / "c.mkv").write_bytes((bundle_folder / "seed.mkv").read_bytes())
    second = tmp_path / "second"
    second.mkdir()
    for part in bundle_folder.iterdir():
        (second / part.name).write_bytes(part.read_bytes())
    given = [each for pair in files.items() for each in pair]
    models = ("--model", bundle_folder, "--model", second)
    show = start(*models, "--midi", *given, "--log", "show.log", "--status", "s.json", limits=LIMITS)
    show.wait_for_state()
    for name in files.values():
        (tmp_path / name).write_text("[[ broken")
    (second / "seed.mkv").write_text("")
    kill(show, 1)
    kill(show, 2)
    log = (tmp_path / "show.log").read_text()
    for said in ("--lut a.cube is no 3D", "--camera c.mkv", "second/seed.mkv"):
        assert log.count(said) == 2, log
    assert log.count("; the show goes on without it\n") == 6, log
    assert log.count("map.toml") == 2
    wait_until(lambda: json.loads((tmp_path / "s.json").read_text())["last_trouble"])
    assert "exit code 2" not in log
    show.process.terminate()
    assert show.end()[0] == 128 + signal.SIGTERM


def test_settings_that_are_broken_at_a_restart_are_those_of_before(
    start: Start, bundle_folder: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "show.toml"
    good = f'model = "{bundle_folder}"\nlog = "show.log"\nstatus = "s.json"\n'
    settings.write_text(good)
    show = start("--settings", settings, limits=LIMITS)
    show.wait_for_state()
    said = f"the show did not start with {settings} as it is now; it goes on with the settings it had before"
    restarts = 0
    for broken in ("model = [[[", "zoom = 1000", good.replace(str(bundle_folder), "/nowhere"), None):
        if broken is None:
            settings.unlink()
        else:
            settings.write_text(broken)
        restarts += 2
        # The first process after it refuses what it finds.
        kill(show, restarts)
        log = (tmp_path / "show.log").read_text()
        assert log.count("supervisor: the show ended with exit code 2") == restarts // 2
        assert log.count(said) == restarts // 2
        assert json.loads((tmp_path / "s.json").read_text())["last_trouble"]["text"] == said
    settings.write_text(good + "seed = 99")
    kill(show, restarts + 1)
    assert (tmp_path / "show.log").read_text().count(said) == restarts // 2
    show.process.terminate()
    _, out, errors = show.end()
    assert "Traceback" not in out + errors


def test_a_log_whose_place_is_taken_at_a_restart_is_written_again_when_it_is_free(
    start: Start, bundle_folder: Path, tmp_path: Path
) -> None:
    log = tmp_path / "show.log"
    show = start("--model", bundle_folder, "--log", log, limits=LIMITS)
    show.wait_for_state()
    os.remove(log)
    os.mkfifo(log)
    kill(show, 1)
    os.remove(log)
    log.mkdir()
    kill(show, 2)
    log.rmdir()
    kill(show, 3)
    wait_until(lambda: log.is_file() and "provider: CPU" in log.read_text())
    show.process.terminate()
    assert show.end()[0] == 128 + signal.SIGTERM
