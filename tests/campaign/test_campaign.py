"""The campaign in short: a few kinds of faults, one kill, some files and a short run, each once."""

import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.campaign.at_once import at_once
from tests.campaign.endurance import accelerated_table, real_time_table
from tests.campaign.faults.table import FAULTS
from tests.campaign.hostile_files import file_table
from tests.campaign.kills import kill_table
from tests.campaign.results import Results
from tests.campaign.runner import Bar, Outcome
from tests.campaign.screen import Change, Screen, Wall
from tests.campaign.show_faults import fault_tables
from tests.campaign.stage import ROOT
from tests.live.waiting import SECONDS, wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
    pytest.mark.needs("Xvfb", "xdotool"),
]

IN_SHORT = ("process killed (SIGKILL)", "ended by SIGTERM")
FILES_IN_SHORT = ("generator.onnx", "settings", "run.json")


def test_there_are_enough_kinds_and_no_two_have_one_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 24


def test_kinds_reach_the_processes_that_watch_a_show() -> None:
    assert [fault.name for fault in pickle.loads(pickle.dumps(FAULTS))] == [fault.name for fault in FAULTS]


def _meet(other: int, folder: Path) -> Path:
    """Wait for the job of the other number, which runs at the same time."""
    (folder.parent / f"{1 - other}").touch()
    wait_until((folder.parent / f"{other}").exists)
    return folder


def _end(_: int, folder: Path) -> None:
    os._exit(1)


def _first_stays(started: Path, _: Path) -> None:
    if started.name == "0":
        try:
            started.touch()
            time.sleep(SECONDS)
        finally:
            started.unlink()


def test_shows_at_the_same_time_have_folders_of_their_own(tmp_path: Path) -> None:
    done = dict(at_once(_meet, [0, 1], 2, tmp_path))
    assert {path.name for path in done.values()} == {"stage-1", "stage-2"}


def test_a_job_whose_process_ends_ends_the_campaign(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="that watched 7 ended"):
        list(at_once(_end, [7, 8], 1, tmp_path))


def test_what_still_runs_is_ended_with_the_campaign(tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("0", "1")]

    def campaign() -> None:
        for _ in at_once(_first_stays, names, 2, tmp_path):
            wait_until(names[0].exists)
            return

    campaign()
    wait_until(lambda: not names[0].exists())


def test_some_faults_in_a_supervised_show(tmp_path: Path) -> None:
    faults = [fault for fault in FAULTS if fault.name in IN_SHORT]
    text, troubles = fault_tables(faults, 1, tmp_path)
    # A machine without free cores is beyond every bar.
    assert [trouble for trouble in troubles if "beyond its bar" not in trouble] == []
    assert all(f"| {name} | 1 |" in text for name in IN_SHORT)


def test_what_is_beyond_its_bar_is_shown(tmp_path: Path) -> None:
    (fault,) = (fault for fault in FAULTS if fault.name == IN_SHORT[1])
    text, troubles = fault_tables([replace(fault, lost=Bar(-1.0, "it is a test"))], 1, tmp_path)
    assert any("beyond its bar: the recording lost" in trouble for trouble in troubles)
    assert f"- {fault.name}: lost -1.0 s, because it is a test" in text
    assert any("**" in line for line in text.splitlines() if line.startswith(f"| {fault.name} "))


def test_a_kill_while_recording(tmp_path: Path) -> None:
    # How much is lost depends on the load of the machine.
    assert "| 1 | 1 |" in kill_table(1, tmp_path)[0]


def test_a_campaign_that_was_ended_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    Results(path).add("kill", {"lost": 0.5})
    Results(path).add("kill", {"lost": float("inf")})
    table, troubles = kill_table(2, tmp_path, Results(path))
    assert "| 2 | 1 |" in table
    assert troubles == ["kill 2: all lost"]
    fault = FAULTS[0]
    Results(path).add(fault.name, asdict(Outcome(True, True, True, 9.0, 0.0, 0.0, ("it is a test",))))
    text, troubles = fault_tables([fault], 1, tmp_path / "faults", Results(path))
    assert f"| {fault.name} | 1 | all | **9.0 s** |" in text
    assert troubles == [f"{fault.name} (1): it is a test"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("arguments", [("faults", "--only", "SIG", "--at-once", "2"), ("endurance",)])
def test_a_campaign_that_is_ended_ends_its_shows(
    tmp_path: Path, number: signal.Signals, arguments: tuple[str, ...]
) -> None:
    def shows() -> list[str]:
        """Return the command lines of the processes that work in this folder."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                found.append(path.read_text())
        return [each for each in found if str(tmp_path) in each]

    campaign = subprocess.Popen(
        [sys.executable, "-m", "tests.campaign", *arguments],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(shows)
        campaign.send_signal(number)
        assert campaign.wait(SECONDS) == 128 + number
    finally:
        campaign.kill()
        campaign.wait()
    wait_until(lambda: not shows())
    assert list(tmp_path.iterdir()) == []


def test_some_files_that_were_changed_anywhere(tmp_path: Path) -> None:
    text, troubles = file_table(15, tmp_path, FILES_IN_SHORT)
    assert troubles == []
    assert all(f"| {name} | 5 |" in text for name in FILES_IN_SHORT)


def test_memory_of_a_show_is_seen_from_outside(tmp_path: Path) -> None:
    assert "(exit code 0)" in accelerated_table(200, tmp_path)
    text = real_time_table(0.03, tmp_path / "real time")
    assert all(f"| {name} |" in text for name in ("show", "supervisor", "backdrop"))


def test_a_still_picture_is_no_frame_and_a_black_one_is_the_desktop(tmp_path: Path) -> None:
    wall = Wall(Screen(tmp_path))
    wall.close()
    wall.changes = [Change(each / 24, dark=False) for each in range(48)]
    wall.changes += [Change(3.0, dark=True), Change(3.5, dark=False)]
    wall.changes += [Change(7 + each / 24, dark=False) for each in range(48)]
    assert wall.longest_gap(1.0, 8.0) == pytest.approx(7 - 47 / 24)
    assert wall.longest_gap(0.0, 1.5) == pytest.approx(1 / 24)
    assert wall.dark_seconds(1.0, 8.0) == pytest.approx(0.5)
    assert wall.dark_seconds(3.1, 3.2) == pytest.approx(0.1)
