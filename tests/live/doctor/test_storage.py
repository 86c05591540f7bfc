"""The disk: folders, names and room."""

import shutil
from pathlib import Path

import pytest

from live.doctor.finding import Finding
from live.doctor.storage import GIB, check_files, check_recordings, check_snapshots
from tests.live.doctor.machines import FakeMachine


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder on a disk with room, and the current folder."""
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(100 * GIB, 0, 50 * GIB))
    folder = tmp_path / "room"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_folders_are_tried_and_left_as_they_were(machine: FakeMachine, roomy: Path) -> None:
    case = machine.case("--record", roomy / "a.mkv", "--log", roomy / "a.log", "--snapshots", roomy)
    for check in (check_recordings, check_snapshots, check_files):
        finding = check(case)
        assert finding.state == "ok"
        assert finding.fact.startswith(f"50.0 GiB free in {roomy}")
    assert check_recordings(machine.case()).fact == "50.0 GiB free in the current folder for key V"
    assert list(roomy.iterdir()) == []


def test_a_name_that_the_show_would_refuse_fails(machine: FakeMachine, roomy: Path) -> None:
    precious = roomy / "a.mkv"
    precious.write_text("precious")
    assert check_recordings(machine.case("--record", precious)) == Finding(
        "failed", f"{precious} exists", "give another name, or --overwrite"
    )
    assert check_recordings(machine.case("--record", precious, "--overwrite")).state == "ok"
    assert precious.read_text() == "precious"
    finding = check_recordings(machine.case("--record", roomy / "none" / "a.mkv"))
    assert (finding.state, finding.remedy) == ("failed", f"mkdir -p {roomy / 'none'}")
    (roomy / "b.mkv").mkdir()
    assert check_recordings(machine.case("--record", roomy / "b.mkv")).state == "failed"


def test_a_folder_that_refuses_files_fails_if_it_was_asked_for(machine: FakeMachine) -> None:
    # /proc refuses root, too.
    finding = check_recordings(machine.case("--record", "/proc/a.mkv"))
    assert finding.state == "failed"
    assert "/proc" in finding.fact
    assert check_snapshots(machine.case("--snapshots", "/proc")).state == "warning"
    assert check_files(machine.case("--status", "/proc/s.json")).state == "failed"


def test_little_room_is_a_warning(machine: FakeMachine, roomy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(100 * GIB, 99 * GIB, GIB))
    finding = check_recordings(machine.case())
    assert finding.state == "warning"
    assert finding.fact.startswith("only 1.0 GiB free")
    assert "du -xh" in finding.remedy
