"""Clock, telemetry, start with the machine."""

import os
import sys

import pytest

from live.doctor.case import Machine
from live.doctor.system import check_autostart, check_clock, check_telemetry, kernel_clock_is_synchronised
from tests.live.doctor.machines import FakeMachine

UNIT = "[Service]\nExecStart=/opt/show/.venv/bin/python run_live.py --settings show.toml\n"


@pytest.mark.parametrize(("known", "state"), [(True, "ok"), (False, "warning"), (None, "not applicable")])
def test_the_clock_is_told(machine: FakeMachine, known: bool | None, state: str) -> None:
    assert check_clock(machine.case(), lambda: known).state == state


@pytest.mark.skipif(sys.platform != "linux", reason="adjtimex is Linux's")
def test_the_clock_of_this_machine_answers() -> None:
    assert kernel_clock_is_synchronised() in (True, False)


def test_telemetry_is_off_here_and_missed_elsewhere(machine: FakeMachine) -> None:
    machine.environment["ORT_DISABLE_TELEMETRY"] = Machine().environment["ORT_DISABLE_TELEMETRY"]
    assert check_telemetry(machine.case()).state == "ok"
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    machine.environment["ORT_DISABLE_TELEMETRY"] = "0"
    assert check_telemetry(machine.case()).remedy == "export ORT_DISABLE_TELEMETRY=1"


def test_a_unit_must_be_there_and_enabled(machine: FakeMachine) -> None:
    assert check_autostart(machine.case()).state == "not applicable"
    machine.write("/run/systemd/system/x")
    machine.write("/etc/systemd/system/other.service", "[Service]\nExecStart=/bin/true\n")
    assert "show.service" in check_autostart(machine.case()).remedy
    machine.write("/home/.config/systemd/user/show.service", UNIT)
    machine.link("/home/.config/systemd/user/default.target.wants/other.service", "../other.service")
    assert check_autostart(machine.case()).remedy == "systemctl --user enable show.service"
    machine.link("/home/.config/systemd/user/graphical-session.target.wants/show.service", "../show.service")
    finding = check_autostart(machine.case())
    assert (finding.state, finding.fact) == ("ok", "systemd starts it (show.service)")


def test_a_unit_of_the_system_is_enabled_as_root(machine: FakeMachine) -> None:
    machine.write("/etc/systemd/system/wall.service", UNIT)
    assert check_autostart(machine.case()).remedy == "sudo systemctl enable wall.service"


@pytest.mark.parametrize(
    ("command", "counts"),
    [
        ("python run_live.py", True),
        ("ninety-seconds", True),
        ("/opt/show/bin/ninety-seconds --wait", True),
        ("/opt/show/bin/ninety-seconds-train fit a.mkv", False),
        ("/opt/ninety-seconds-after/backup", False),
    ],
)
def test_an_entry_of_the_desktop_counts(machine: FakeMachine, command: str, counts: bool) -> None:
    machine.write("/home/.config/autostart/show.desktop", f"[Desktop Entry]\nExec={command}\n")
    assert (check_autostart(machine.case()).state == "ok") == counts
